"""The workers: retries, giving up, breakers, fairness between lanes, and stopping without losing anything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from dassie.domain.errors import GiveUp, RemoteFailed, Retry
from dassie.domain.jobs import Job, Lane, State
from dassie.jobs.places import AGAIN
from dassie.jobs.registry import KINDS, handles
from dassie.jobs.runner import LANES
from dassie.server import Server
from dassie.store import queue
from dassie.store.queue import Claimed
from dassie.store.tx import Tx
from worlds import World, new_world


class Knock(Job, frozen=True):
    """A job of these tests."""

    lane: ClassVar[Lane] = Lane.DELIVER
    attempts: ClassVar[int] = 3
    keeps: ClassVar[timedelta | None] = timedelta(days=14)
    max_seconds: ClassVar[float] = 5.0
    name: str


class Chore(Job, frozen=True):
    """Another, that somebody here waits for."""

    name: str


Behaviour = Callable[[str], Awaitable[None]]
done: list[str] = []
behaviour: dict[str, Behaviour] = {}


async def _do(name: str) -> None:
    if name in behaviour:
        await behaviour[name](name)
    done.append(name)


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    done.clear()
    behaviour.clear()

    @handles(Knock)
    async def knock(server: Server, job: Knock) -> None:
        await _do(job.name)

    @handles(Chore)
    async def chore(server: Server, job: Chore) -> None:
        await _do(job.name)

    yield
    del KINDS["Knock"], KINDS["Chore"]


async def _raise(error: Exception) -> None:
    raise error


async def _jobs(world: World) -> dict[State, int]:
    async with world.server.read() as tx:
        found = await queue.overview(tx)
    return {one.state: one.count for one in found if one.kind in ("Knock", "Chore")}


async def _until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_job_runs_and_is_gone(world: World) -> None:
    async with world.server.write() as tx:
        await queue.enqueue(tx, Knock(name="a"), host="a.test")
    await world.settle()
    assert done == ["a"]
    assert await _jobs(world) == {}


async def test_a_job_put_off_runs_again_and_then_gives_up(world: World) -> None:
    behaviour["a"] = lambda _: _raise(Retry("not yet", after=1))
    async with world.server.write() as tx:
        await queue.enqueue(tx, Knock(name="a"), host="a.test")
    await world.settle()
    assert await _jobs(world) == {State.SCHEDULED: 1}
    for _ in range(2):
        world.clock.forward(seconds=60)
        world.app.runner.wake()
        await asyncio.sleep(0.1)
        await world.settle()
    async with world.server.read() as tx:
        (lost,) = await queue.set_aside_jobs(tx)
    assert lost.attempts == 3
    assert lost.error == "after 3 tries: not yet"


async def test_giving_up_is_at_once_and_a_bug_is_retried(world: World) -> None:
    behaviour["refused"] = lambda _: _raise(GiveUp("a.test answered 403"))
    behaviour["bug"] = lambda _: _raise(KeyError("x"))
    async with world.server.write() as tx:
        await queue.enqueue(tx, Knock(name="refused"), host="a.test")
        await queue.enqueue(tx, Knock(name="bug"), host="a.test")
    await world.settle()
    assert await _jobs(world) == {State.SET_ASIDE: 1, State.SCHEDULED: 1}


async def test_hung_hosts_do_not_hold_up_the_others(world: World) -> None:
    answer = asyncio.Event()

    async def hang(_: str) -> None:
        await answer.wait()

    names = [(f"h{i}", f"host{i}.test") for i in range(30)]
    for name, _ in names[:10]:
        behaviour[name] = hang
    async with world.server.write() as tx:
        for _ in range(3):
            await queue.enqueue_many(tx, [(Knock(name=name), host) for name, host in names])
    await _until(lambda: len(done) == 60, 2.5)
    assert set(done) == {name for name, _ in names[10:]}
    answer.set()


async def test_a_flood_in_one_lane_leaves_the_other_alone(world: World) -> None:
    async def slow(_: str) -> None:
        await asyncio.sleep(0.2)

    async with world.server.write() as tx:
        jobs = []
        for i in range(400):
            behaviour[f"k{i}"] = slow
            jobs.append((Knock(name=f"k{i}"), f"h{i % 40}.test"))
        await queue.enqueue_many(tx, jobs)
    await asyncio.sleep(0.1)
    async with world.server.write() as tx:
        await queue.enqueue(tx, Chore(name="mine"))
    await _until(lambda: "mine" in done, 0.5)


async def test_a_host_that_fails_is_left_in_peace_and_its_jobs_keep_their_tries(world: World) -> None:
    hosts = world.server.hosts
    down = True
    asked = 0

    async def ask(_: str) -> None:
        nonlocal asked
        with hosts.asking("down.test"):
            asked += 1
            if down:
                raise RemoteFailed("down.test refused the connection", kind="connect")
            hosts.answered("down.test")

    async with world.server.write() as tx:
        for i in range(30):
            behaviour[f"d{i}"] = ask
            await queue.enqueue(tx, Knock(name=f"d{i}"), host="down.test")
        await queue.enqueue(tx, Knock(name="fine"), host="up.test")
    await world.settle()
    assert done == ["fine"]
    assert await _jobs(world) == {State.SCHEDULED: 30}
    assert 5 <= asked <= 8
    until = hosts.paused_until("down.test")
    assert until is not None
    assert until > world.clock.now() + timedelta(seconds=30)

    down = False  # it comes back: one probe, then all the others at once
    world.clock.forward(minutes=3)
    world.app.runner.wake()
    await _until(lambda: len(done) == 31)
    assert len(set(done)) == 31
    assert hosts.paused_until("down.test") is None


async def test_what_waits_for_a_dead_host_is_not_given_up_while_it_is_kept(world: World) -> None:
    hosts = world.server.hosts
    asked = 0

    async def ask(_: str) -> None:
        nonlocal asked
        with hosts.asking("gone.test"):
            asked += 1
            raise RemoteFailed("The name server does not know gone.test", kind="name")

    behaviour["a"] = ask
    async with world.server.write() as tx:
        await queue.enqueue(tx, Knock(name="a"), host="gone.test")
    await _until(lambda: asked == 1)
    for n in range(2, 7):
        world.clock.forward(hours=5)
        world.app.runner.wake()
        await _until(lambda n=n: asked == n)  # type: ignore[misc]
        await world.settle()
    assert await _jobs(world) == {State.SCHEDULED: 1}
    world.clock.forward(days=15)
    world.app.runner.wake()
    await _until(lambda: asked == 7)
    await world.settle()
    assert await _jobs(world) == {State.SET_ASIDE: 1}
    counted = world.server.counters._counts
    assert (counted["jobs.tries_failed.Knock"], counted["jobs.gave_up.Knock"]) == (7, 1)
    assert (counted["host.tries_failed.dns"], counted["host.gave_up.dns"]) == (7, 1)


async def test_what_a_host_sent_us_is_handled_while_it_does_not_answer(world: World) -> None:
    class Came(Knock, frozen=True):
        lane: ClassVar[Lane] = Lane.INBOX

    try:

        @handles(Came)
        async def came(server: Server, job: Came) -> None:
            await _do(job.name)

        world.server.hosts.failed("down.test", RemoteFailed("no such name", kind="name"))
        async with world.server.write() as tx:
            await queue.enqueue(tx, Came(name="here"), host="down.test")
        await _until(lambda: done == ["here"])
    finally:
        KINDS.pop("Came", None)


async def test_stopping_hands_leases_back_untried(tmp_path: Path) -> None:
    started = asyncio.Event()

    async def forever(_: str) -> None:
        started.set()
        await asyncio.sleep(60)

    behaviour["long"] = forever
    async with new_world(tmp_path) as world:
        async with world.server.write() as tx:
            await queue.enqueue(tx, Knock(name="long"), host="a.test")
        await started.wait()
        await world.app.runner.stop(grace=0.1)
        async with world.server.read() as tx:
            (left,) = await queue.overview(tx)
        assert (left.state, left.count) == (State.READY, 1)
    behaviour.clear()
    async with new_world(tmp_path) as world:
        await world.settle()
    assert done == ["long"]


async def test_a_host_gets_nothing_more_while_twice_its_share_is_not_written_down(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a crash would deliver again has a bound, however slow the database is."""
    gate = asyncio.Event()
    finish = queue.finish

    async def slowly(tx: Tx, jobs: Sequence[Claimed]) -> None:
        await gate.wait()
        await finish(tx, jobs)

    monkeypatch.setattr(queue, "finish", slowly)
    async with world.server.write() as tx:
        for number in range(20):
            await queue.enqueue(tx, Knock(name=str(number)), host="a.test")
    share = LANES[Lane.DELIVER].per_host
    await _until(lambda: len(done) >= share)
    await asyncio.sleep(0.3)
    assert len(done) in (share, AGAIN * share)  # SQLite has one writer, which is held up
    gate.set()
    await world.settle()
    assert sorted(done, key=int) == [str(number) for number in range(20)]
