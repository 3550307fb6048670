"""Likes and boosts of a post that goes round the world: nothing is lost, and the figures come out exact."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import bindparam, func, select

from dassie.api.entities.statuses import show_status
from dassie.domain.ids import new_id
from dassie.domain.jobs import Lane, SettleMarks
from dassie.domain.paging import Page
from dassie.jobs.current import Current, current
from dassie.jobs.registry import KINDS
from dassie.services import favouriting, reblogging, settling, surging
from dassie.store import leavings, marks, notification_groups, notifications, queue, statuses, tallies
from dassie.store.notifications import Wanted
from dassie.store.tables import favourites
from dassie.store.tables import statuses as rows
from dassie.store.tx import Query, Tx
from dassie.store.views import AccountView, StatusRow
from people import stranger, waiting
from statements import figures
from strangers import remote_status, status_row
from worlds import World

_LIKES = Query(int, select(func.count()).where(favourites.c.status_id == bindparam("status_is")))
_BOOSTS = Query(int, select(func.count()).where(rows.c.reblog_of_id == bindparam("status_is")))
LIKES = Wanted(types=["favourite"])


@pytest.fixture
async def idle_world(idle_world: World) -> World:
    """However long a test takes, what it does happens within one second."""
    idle_world.clock.stop()
    return idle_world


async def posted(world: World, me: AccountView) -> StatusRow:
    got = await (await world.api_as(me)).post("/api/v1/statuses", status="hello world")
    return await status_row(world, got.json["id"])


async def crowd(world: World, count: int) -> list[AccountView]:
    return [await stranger(world, f"fan{number}", f"h{number % 5}.test") for number in range(count)]


async def likes(world: World, fans: list[AccountView], status: StatusRow) -> None:
    for fan in fans:
        async with world.server.write() as tx:
            await favouriting.receive_favourite(tx, world.server, fan, status, f"{fan.uri}#likes/{status.id}")


async def unlike(tx: Tx, world: World, fan: AccountView, status: StatusRow) -> None:
    await favouriting.undo_favourite_received(tx, world.server, fan, status)


async def run_due(world: World, *, fail: bool = False) -> int:
    """Do the jobs that count, as a worker would; how many. With `fail` the plug is pulled before they end."""
    world.clock.forward(seconds=1.1)
    async with world.server.write() as tx:
        await queue.recover(tx, all_leases=True)
        await queue.promote_due(tx)
        claimed = await queue.claim(tx, Lane.LOCAL, [""], per_host=100, limit=100, worker="w")
    done = [job for job in claimed if job.kind == "SettleMarks"]
    for job in done:
        token = current.set(Current(job))
        try:
            await KINDS[job.kind].handler(world.server, KINDS[job.kind].decode(job.args))
        except ZeroDivisionError:
            assert fail
        finally:
            current.reset(token)
    return len(done)


@dataclass
class Truth:
    """What a status has by its rows, and what it says."""

    likes: int
    boosts: int
    told: tuple[int, int] = field(default=(0, 0))


async def truth(world: World, status: StatusRow) -> Truth:
    async with world.server.read() as tx:
        counted = await tx.one(_LIKES, status_is=status.id), await tx.one(_BOOSTS, status_is=status.id)
    row = await status_row(world, status.id)
    return Truth(counted[0] or 0, counted[1] or 0, (row.favourites_count, row.reblogs_count))


async def test_few_likes_are_counted_at_once(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    status = await posted(world, ana)
    await likes(world, await crowd(world, 5), status)
    assert (await status_row(world, status.id)).favourites_count == 5
    assert await waiting(world, SettleMarks) == []


async def test_many_likes_change_the_status_once_a_second(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    status = await posted(world, ana)
    fans = await crowd(world, 80)
    await likes(world, fans[:40], status)
    hot = await status_row(world, status.id)
    assert hot.rev == hot.favourites_count == surging.HOT_MARKS
    assert len(await waiting(world, SettleMarks)) == 1
    assert (await truth(world, status)).likes == 40
    assert await run_due(world) == 1
    assert (await status_row(world, status.id)).favourites_count == 40
    assert await waiting(world, SettleMarks) == []
    await likes(world, fans[40:], status)
    assert (await status_row(world, status.id)).rev == hot.rev + 1
    await run_due(world)
    settled = await status_row(world, status.id)
    assert (settled.favourites_count, settled.rev) == (80, hot.rev + 2)
    world.clock.forward(seconds=30)
    await run_due(world)
    assert (await status_row(world, status.id)).rev == hot.rev + 2


async def test_a_like_told_twice_counts_once_however_hot(idle_world: World) -> None:
    world = idle_world
    status = await posted(world, await world.account("ana"))
    fans = await crowd(world, 40)
    await likes(world, [*fans, *fans, *reversed(fans)], status)
    await run_due(world)
    assert await truth(world, status) == Truth(40, 0, (40, 0))


async def test_taken_back_within_the_same_second_leaves_nothing(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    status = await posted(world, ana)
    fans = await crowd(world, 50)
    await likes(world, fans, status)
    for fan in fans[10:]:
        async with world.server.write() as tx:
            await unlike(tx, world, fan, status)
    await run_due(world)
    assert await truth(world, status) == Truth(10, 0, (10, 0))
    async with world.server.read() as tx:
        told = await notifications.newest(tx, ana.id, LIKES, Page(100))
    assert {one.from_account_id for one in told} == {fan.id for fan in fans[:10]}


async def test_somebody_here_sees_the_own_like_at_once(idle_world: World) -> None:
    world = idle_world
    ana, ben = await world.account("ana"), await world.account("ben")
    status = await posted(world, ana)
    await likes(world, await crowd(world, 50), status)
    before = (await status_row(world, status.id)).favourites_count
    api = await world.api_as(ben)
    assert (await api.post(f"/api/v1/statuses/{status.id}/favourite")).json["favourites_count"] == before + 1
    assert (await api.post(f"/api/v1/statuses/{status.id}/reblog")).json["reblog"]["reblogs_count"] == 1
    await run_due(world)
    assert await truth(world, status) == Truth(51, 1, (51, 1))


async def test_all_are_notified_in_one_group_and_watchers_once(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    status = await posted(world, ana)
    fans = await crowd(world, 60)
    heard = world.server.streams.subscribe(frozenset({f"user:{ana.id}"}))
    await likes(world, fans, status)
    await run_due(world)
    await asyncio.sleep(0)
    heard.close()
    events = [event async for _, event in heard if event.kind == "notification"]
    assert len(events) == surging.HOT_MARKS + 1
    assert events[-1].account_id == fans[-1].id
    async with world.server.read() as tx:
        told = await notifications.newest(tx, ana.id, LIKES, Page(100))
        (group,) = (await notification_groups.part(tx, ana.id, LIKES, Page(10), ["favourite"])).groups
    assert len(told) == 60
    assert events[-1].id == told[0].id
    assert (group.count, group.newest.id) == (60, told[0].id)


async def test_what_is_shown_stays_encoded_between_two_countings(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    status = await posted(world, ana)
    fans = await crowd(world, 60)
    await likes(world, fans[:30], status)
    shown = []
    for fan in fans[30:]:
        await likes(world, [fan], status)
        async with world.server.read() as tx:
            shown.append(await show_status(tx, status.id, viewer=None, urls=world.server.urls))
    assert len(set(map(bytes, filter(None, shown)))) == 1


async def test_statuses_of_others_are_counted_one_by_one(idle_world: World) -> None:
    world = idle_world
    status = await remote_status(world, await stranger(world, "eve"))
    await likes(world, await crowd(world, 40), status)
    assert (await status_row(world, status.id)).favourites_count == 40
    assert await waiting(world, SettleMarks) == []


async def test_a_status_deleted_meanwhile_is_no_trouble(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    status = await posted(world, ana)
    await likes(world, await crowd(world, 40), status)
    assert (await (await world.api_as(ana)).delete(f"/api/v1/statuses/{status.id}")).code == 200
    assert await run_due(world) == 1
    assert await waiting(world, SettleMarks) == []


async def test_an_account_that_goes_takes_its_uncounted_likes_along(idle_world: World) -> None:
    world = idle_world
    status = await posted(world, await world.account("ana"))
    fans = await crowd(world, 40)
    await likes(world, fans, status)
    async with world.server.write() as tx:
        for fan in fans[30:]:
            assert await leavings.remove_some(tx, fan.id, 100)
    await run_due(world)
    assert await truth(world, status) == Truth(30, 0, (30, 0))


async def test_a_post_cools_down(idle_world: World) -> None:
    world = idle_world
    status = await posted(world, await world.account("ana"))
    fans = await crowd(world, 50)
    await likes(world, fans[:40], status)
    assert surging.is_hot(world.server, status.id)
    world.clock.forward(seconds=2 * surging.SPAN_SECONDS)
    assert not surging.is_hot(world.server, status.id)
    await likes(world, fans[40:], status)
    await run_due(world)
    assert await truth(world, status) == Truth(50, 0, (50, 0))


def test_only_so_many_posts_are_watched() -> None:
    heat = surging.Heat()
    for id in range(surging.WATCHED * 2):
        heat.mark(id, 1.0)
    assert len(heat._marks) == surging.WATCHED


# Whatever happens ------------------------------------------------------------------------------------

Step = Callable[[Tx, AccountView, StatusRow], Awaitable[Any]]


def steps(world: World) -> list[Step]:
    async def like(tx: Tx, fan: AccountView, status: StatusRow) -> None:
        await favouriting.receive_favourite(tx, world.server, fan, status, f"{fan.uri}#likes/{status.id}")

    async def unlike(tx: Tx, fan: AccountView, status: StatusRow) -> None:
        await favouriting.undo_favourite_received(tx, world.server, fan, status)

    async def boost(tx: Tx, fan: AccountView, status: StatusRow) -> None:
        uri = f"{fan.uri}/boosts/{random.random()}"
        await reblogging.receive_reblog(tx, world.server, fan, status, uri=uri)

    async def unboost(tx: Tx, fan: AccountView, status: StatusRow) -> None:
        await reblogging.undo_reblog_received(tx, world.server, fan, status)

    return [like, like, like, unlike, boost, boost, unboost]


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_in_whatever_order_the_figures_are_exact(
    idle_world: World, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, chance = idle_world, random.Random(seed)
    ana, ben = await world.account("ana"), await world.account("ben")
    posts = [await posted(world, ana), await posted(world, ana)]
    fans = [*await crowd(world, 12), ben]
    for _ in range(180):
        try:
            async with world.server.write() as tx:
                for _ in range(chance.choice((1, 1, 1, 4))):
                    await chance.choice(steps(world))(tx, chance.choice(fans), chance.choice(posts))
                if chance.random() < 0.1:
                    raise ZeroDivisionError  # the plug is pulled within a unit
        except ZeroDivisionError:
            pass
        happens = chance.random()
        if happens < 0.03:
            surging.heat_of.forget(world.server)  # another process goes on, and knows nothing of the heat
        elif happens < 0.06:
            await run_due(world)
        elif happens < 0.09:
            with monkeypatch.context() as patched:

                async def pull_the_plug(tx: Tx) -> None:
                    raise ZeroDivisionError

                patched.setattr(settling, "finish_with", pull_the_plug)
                await run_due(world, fail=True)
        elif happens < 0.12:
            world.clock.forward(seconds=chance.choice((3, 6, 20)))
    await run_due(world)
    for status in posts:
        found = await truth(world, status)
        assert found.told == (found.likes, found.boosts)
    assert await waiting(world, SettleMarks) == []


async def test_many_at_the_same_moment_are_all_counted(world: World) -> None:
    ana = await world.account("ana")
    status = await posted(world, ana)
    fans = await crowd(world, 40)
    choice = steps(world)

    async def act(fan: AccountView, chance: random.Random) -> None:
        for _ in range(12):
            async with world.server.write() as tx:
                await chance.choice(choice)(tx, fan, status)

    await asyncio.gather(*(act(fan, random.Random(number)) for number, fan in enumerate(fans)))
    async with asyncio.timeout(20):
        while await waiting(world, SettleMarks):
            await asyncio.sleep(0.05)
    found = await truth(world, status)
    assert found.told == (found.likes, found.boosts)
    assert found.likes > 0
    assert (await figures(world, "surge."))["surge.marks_batched"] > 0


async def test_counting_waits_for_those_who_left_it_their_rows(idle_world: World) -> None:
    """On PostgreSQL units run side by side; on SQLite one waits for the other anyway."""
    world = idle_world
    status = await posted(world, await world.account("ana"))
    (fan,) = await crowd(world, 1)
    async with world.server.write() as tx:
        await surging.settle_soon(tx, status.id)
    entered, go = asyncio.Event(), asyncio.Event()

    async def late() -> None:
        async with world.server.write() as tx:
            await surging.settle_soon(tx, status.id)  # the job is there already
            await favourites_add(tx, fan, status)
            entered.set()
            await go.wait()

    task = asyncio.create_task(late())
    await entered.wait()
    counting = asyncio.create_task(run_due(world))
    await asyncio.sleep(0.2)
    assert not counting.done()
    go.set()
    await task
    assert await counting == 1
    assert await truth(world, status) == Truth(1, 0, (1, 0))


async def favourites_add(tx: Tx, fan: AccountView, status: StatusRow) -> None:
    assert await marks.favourites.add(tx, new_id(tx.now), fan.id, status.id)


async def test_figures_that_are_right_are_left_alone(idle_world: World) -> None:
    world = idle_world
    status = await posted(world, await world.account("ana"))
    async with world.server.write() as tx:
        assert not await tallies.recount(tx, status.id)
        await statuses.change(tx, status.id, favourites_count=7)
        assert await tallies.recount(tx, status.id)
        assert not await tallies.recount(tx, 12345)
    assert (await status_row(world, status.id)).favourites_count == 0
