"""The lane of strangers: bounded, the newest first, shed by rule and never in silence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dassie.domain.jobs import FetchRelayed, Lane, Relayed
from dassie.domain.relays import Relay
from dassie.federation import strangers
from dassie.services import subscribing
from dassie.store import queue, relays
from worlds import World


async def a_relay(world: World, url: str = "https://relay.test/inbox") -> Relay:
    async with world.server.write() as tx:
        relay = await subscribing.subscribe(tx, world.server, url)
        await relays.change(tx, relay.id, state="accepted")
    return relay


async def put_in(world: World, relay: Relay, number: int, host: str = "there.test") -> bool:
    uri = f"https://{host}/notes/{number}"
    return await strangers.put_in(
        world.server, relay, FetchRelayed(relay.id, uri), host=host, unique=uri, order=f"in {uri}"
    )


async def waiting(world: World) -> list[str]:
    """Which posts wait, as they would be taken."""
    async with world.server.write() as tx:
        jobs = await queue.claim(
            tx, Lane.STRANGERS, ["there.test"], per_host=99, limit=99, worker="w", newest_first=True
        )
    return [job.args.decode().rpartition("/")[2].rstrip('"}') for job in jobs]


async def test_same_post_waits_once(idle_world: World) -> None:
    relay = await a_relay(idle_world)
    assert await put_in(idle_world, relay, 1)
    assert not await put_in(idle_world, relay, 1)


async def test_full_lane_sheds_its_oldest_and_says_so(idle_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    relay = await a_relay(idle_world)
    monkeypatch.setattr(strangers, "MOST", 5)
    monkeypatch.setattr(strangers, "SHED_AT_ONCE", 2)
    for number in range(6):
        await put_in(idle_world, relay, number)
    assert idle_world.server.counters._counts[f"relay.{relay.id}.shed"] == 2
    assert sorted(await waiting(idle_world)) == ["2", "3", "4", "5"]


async def test_what_waited_too_long_expires_and_says_so(idle_world: World) -> None:
    relay = await a_relay(idle_world)
    await put_in(idle_world, relay, 1)
    idle_world.clock.forward(minutes=20)
    await put_in(idle_world, relay, 2)
    idle_world.clock.forward(minutes=11)
    await strangers.expire_strangers(idle_world.server)
    assert idle_world.server.counters._counts[f"relay.{relay.id}.expired"] == 1
    assert await waiting(idle_world) == ["2"]


async def test_newest_is_taken_first(idle_world: World) -> None:
    relay = await a_relay(idle_world)
    for number in range(5):
        await put_in(idle_world, relay, number)
    async with idle_world.server.write() as tx:
        jobs = await queue.claim(tx, Lane.STRANGERS, ["there.test"], per_host=2, limit=9, worker="w", newest_first=True)
    assert sorted(job.args[-3:-2] for job in jobs) == [b"3", b"4"]


async def test_successor_of_what_was_shed_runs(idle_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    relay = await a_relay(idle_world)
    order = "in https://there.test/notes/1"
    for unique in ("create", "update"):
        job = Relayed(relay.id, unique)
        await strangers.put_in(idle_world.server, relay, job, host="there.test", unique=unique, order=order)
    async with idle_world.server.write() as tx:
        assert (await queue.shed_strangers(tx, 1)).total() == 1
    async with idle_world.server.write() as tx:
        (job_left,) = await queue.claim(tx, Lane.STRANGERS, ["there.test"], per_host=9, limit=9, worker="w")
    assert b"update" in job_left.args


async def test_pausing_calls_off_only_what_that_relay_started(idle_world: World) -> None:
    one, two = await a_relay(idle_world), await a_relay(idle_world, "https://other.test/inbox")
    await put_in(idle_world, one, 1)
    await put_in(idle_world, two, 2)
    async with idle_world.server.write() as tx:
        await subscribing.pause(tx, idle_world.server, one, tx.now + timedelta(hours=1))
    assert await waiting(idle_world) == ["2"]
