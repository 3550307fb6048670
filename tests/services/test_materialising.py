"""What looking leaves behind: notes in memory, one job per thing, marks of what was seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dassie.domain.errors import RemoteFailed
from dassie.domain.ids import AccountId, StatusId
from dassie.domain.jobs import Job, MaterialiseAccount, MaterialiseStatus, MaterialiseThread
from dassie.domain.relays import Relay, RelayRules
from dassie.services import following_tags, watching
from dassie.services.marking_seen import SEEN_AGAIN_SECONDS, SeenMarks
from dassie.services.watching import LOOKING_SECONDS, MOST_LOOKERS, MOST_SHOWN, MOST_UNDER_WAY, Looks, looks_of
from dassie.store import arrivals, costs, relays, statuses
from dassie.store.costs import Source
from dassie.store.materials import Seen
from dassie.store.views import StatusRow
from people import befriend, change, run, stranger, waiting, write
from worlds import World


async def attended(world: World) -> None:
    await world.app.materialiser.attend()


def jobs_of(found: list[Job]) -> list[Any]:
    return [getattr(job, "account_id", None) or getattr(job, "status_id", None) for job in found]


def relay_at(domain: str, id: int, now: datetime) -> Relay:
    inbox = f"https://{domain}/inbox"
    return Relay(
        id=id,
        url=inbox,
        kind="mastodon",
        state="accepted",
        domain=domain,
        inbox_url=inbox,
        actor_uri=None,
        follow_uri="https://here.test/follow",
        sends=False,
        rules=RelayRules(),
        last_error=None,
        paused_until=None,
        trial_until=None,
        accepted_at=now,
        last_heard_at=None,
        created_at=now,
    )


# Jobs ------------------------------------------------------------------------------------------------


async def test_many_looks_become_one_job_for_each_stranger(idle_world: World) -> None:
    world = idle_world
    ana, ben = await world.account("ana"), await world.account("ben")
    eve, kim = await stranger(world, "eve"), await stranger(world, "kim", "third.test")
    for author in (eve, kim, eve, kim):
        await write(world, author)
    for person in (ana, ben, ana):
        await (await world.api_as(person)).get("/api/v1/timelines/public")
        await attended(world)
    found: list[Job] = await waiting(world, MaterialiseAccount)
    assert sorted(jobs_of(found)) == sorted([eve.id, kim.id])


async def test_people_of_ours_and_those_looked_at_before_need_nothing(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    await change(world, eve, materialised_at=world.clock.now())
    await write(world, ana)
    await write(world, eve)
    id = await write(world, eve, unknown_mentions=["https://else.test/users/x"])
    await (await world.api_as(ana)).get("/api/v1/timelines/public")
    await attended(world)
    assert await waiting(world, MaterialiseAccount) == []
    assert jobs_of(await waiting(world, MaterialiseStatus)) == [id]


async def test_what_a_boost_shows_is_looked_at_too(idle_world: World) -> None:
    world = idle_world
    ana, bob = await world.account("ana"), await stranger(world, "bob")
    eve = await stranger(world, "eve", "third.test")
    await befriend(world, ana, bob)
    original = await write(world, eve, unknown_mentions=["https://else.test/users/x"])
    await write(world, bob, reblog_of=await _row(world, original))
    (shown,) = (await (await world.api_as(ana)).get("/api/v1/timelines/home")).json
    assert shown["reblog"]["id"] == str(original)
    await attended(world)
    assert set(jobs_of(await waiting(world, MaterialiseAccount))) == {bob.id, eve.id}
    assert jobs_of(await waiting(world, MaterialiseStatus)) == [original]


async def test_a_host_that_is_left_in_peace_is_not_asked(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve", "dead.test")
    id = await write(world, eve)
    for _ in range(20):
        world.server.hosts.failed("dead.test", RemoteFailed("no answer", kind="connect"))
    assert world.server.hosts.paused_until("dead.test") is not None
    await (await world.api_as(ana)).get(f"/api/v1/statuses/{id}/context")
    await attended(world)
    assert await waiting(world, MaterialiseAccount) == []
    assert await waiting(world, MaterialiseThread) == []


async def test_a_job_that_waited_too_long_does_nothing(idle_world: World) -> None:
    world = idle_world
    eve = await stranger(world, "eve")
    late = MaterialiseAccount(account_id=eve.id, asked_at=0)
    assert looks_of(world.server).begin(f"account {eve.id}", 0.0)
    await run(world, late)  # it would ask else.test, and fail
    assert looks_of(world.server).begin(f"account {eve.id}", 0.0)


# Memory ----------------------------------------------------------------------------------------------


def seen(id: int, account_id: int, reblog_of: int | None = None) -> Seen:
    return Seen(
        id=StatusId(id),
        reblog_of_id=StatusId(reblog_of) if reblog_of is not None else None,
        local=False,
        uri=f"https://a.test/{id}",
        account_id=AccountId(account_id),
        account_uri="https://a.test/u",
        domain="a.test",
        materialised_at=None,
        mentions_unknown=False,
        has_poll=False,
        quotes=False,
    )


def test_everything_kept_has_a_bound() -> None:
    looks = Looks()
    looks.saw(1, range(3 * MOST_SHOWN), 0.0)
    for viewer in range(3 * MOST_LOOKERS):
        looks.saw(viewer, [7], 1.0)
        looks.opened(viewer, "thread", 7, 1.0)
    for thread in range(5_000):
        looks.opened(1, "thread", thread, 1.0)
    begun = sum(looks.begin(f"account {n}", 0.0) for n in range(2 * MOST_UNDER_WAY))
    assert len(looks._shown) <= MOST_SHOWN
    assert len(looks.watchers(7, 1.0)) == MOST_LOOKERS
    assert len(looks._waiting) <= watching.MOST_WAITING
    assert len(looks._opened) <= watching.MOST_WAITING
    assert begun == MOST_UNDER_WAY
    assert looks.begin("account 0", 1000.0)  # those not heard of again are forgotten


def test_only_those_who_looked_within_the_minute_are_told() -> None:
    looks = Looks()
    looks.saw(1, [10, 11], 0.0)
    looks.saw(2, [10], 30.0)
    looks.note([seen(10, 5), seen(11, 5)], 30.0)
    assert looks.watchers(10, 30.0) == [1, 2]
    assert sorted(looks.shown_of(5, 30.0)) == [10, 11]
    assert looks.watchers(10, LOOKING_SECONDS + 1) == [2]
    assert looks.shown_of(5, LOOKING_SECONDS + 1) == [10]
    assert looks.shown_of(5, 30.0 + LOOKING_SECONDS + 1) == []


def test_who_looks_at_a_boost_looks_at_what_it_shows() -> None:
    looks = Looks()
    looks.saw(1, [20], 0.0)
    looks.note([seen(20, 5, reblog_of=21), seen(21, 6)], 0.0)
    assert looks.watchers(21, 0.0) == [1]


def test_a_look_within_the_minute_asks_for_nothing_new() -> None:
    looks = Looks()
    looks.saw(1, [10], 0.0)
    assert looks.take(100, 0.0).statuses == [10]
    looks.saw(2, [10], 30.0)
    assert not looks.news.is_set()
    looks.saw(2, [10], 61.0)
    assert looks.take(100, 61.0).statuses == [10]


# Seen ------------------------------------------------------------------------------------------------


async def test_what_was_seen_is_marked_and_booked_once(idle_world: World) -> None:
    world = idle_world
    ana, bob, eve = await world.account("ana"), await stranger(world, "bob"), await stranger(world, "eve", "far.test")
    await befriend(world, ana, bob)
    async with world.server.write() as tx:
        await following_tags.follow(tx, world.server, ana, "stone")
        await relays.insert(tx, relay_at("relay.test", 77, tx.now))
    ids = [await write(world, bob), await write(world, eve, tags=[("stone", "Stone")])]
    unread = await write(world, eve, visibility="unlisted")
    async with world.server.write() as tx:
        await relays.brought(tx, 77, ids[1])
    client = await world.api_as(ana)
    for _ in range(2):
        await client.get("/api/v1/timelines/public")
        await attended(world)
        await world.app.materialiser.mark()
        world.clock.forward(seconds=SEEN_AGAIN_SECONDS + 1)
    async with world.server.write() as tx:
        await world.server.ledger.flush(tx)
        found = await arrivals.of(tx, [*ids, unread])
        since = tx.now.replace(year=tx.now.year - 1)
        asked: list[tuple[Source, int | str]] = [("account", bob.id), ("account", eve.id), ("relay", 77)]
        asked += [("host", "else.test"), ("host", "far.test"), ("tag", "stone")]
        booked = [(await costs.of(tx, source, name, since)).seen for source, name in asked]
    assert {id: one.seen for id, one in found.items()} == {ids[0]: True, ids[1]: True, unread: False}
    assert booked == [1, 0, 1, 1, 1, 1]


def test_seen_marks_wait_for_half_a_minute_or_for_many() -> None:
    marks = SeenMarks()
    assert marks.wait(0.0) is None
    marks.add([1, 2], 0.0)
    assert marks.wait(10.0) == 20.0
    marks.add(range(600), 10.0)
    assert marks.wait(10.0) == 0.0
    marks._pending.clear()
    marks.add([1, 2], 60.0)
    assert marks.wait(60.0) is None  # marked within the hour


async def test_what_is_pending_is_marked_when_the_server_stops(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    id = await write(world, eve)
    await (await world.api_as(ana)).get("/api/v1/timelines/public")
    await world.app.materialiser.stop()
    async with world.server.read() as tx:
        assert (await arrivals.of(tx, [id]))[id].seen
    await world.app.materialiser.start()


async def _row(world: World, id: int) -> StatusRow | None:
    async with world.server.read() as tx:
        return await statuses.by_id(tx, id)
