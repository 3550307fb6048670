"""Blocking and muting."""

from __future__ import annotations

from datetime import timedelta

from dassie.domain.ids import AccountId
from dassie.domain.jobs import FillFeed, Tell
from dassie.domain.paging import Page
from dassie.services import blocking, muting, notifying
from dassie.store import blocks, follows, mutes, notifications, statuses, timelines
from dassie.store.notifications import Wanted
from dassie.store.views import AccountView
from people import befriend, fresh, stranger, waiting, write
from worlds import World


async def told(world: World, account: AccountView) -> list[str]:
    async with world.server.read() as tx:
        return [one.type for one in await notifications.newest(tx, account.id, Wanted(), Page())]


async def home(world: World, account: AccountView) -> list[int]:
    async with world.server.read() as tx:
        return list(await timelines.home(tx, account.id, Page()))


async def test_a_block_ends_everything_between_two(idle_world: World) -> None:
    world = idle_world
    ana, ben, eve = await world.account("ana"), await world.account("ben"), await stranger(world, "eve")
    for one, other in ((ana, eve), (eve, ana), (ana, ben)):
        await befriend(world, one, other)
    id = await write(world, eve, "hi", mentions=[(AccountId(ana.id), False)])
    async with world.server.read() as tx:
        original = await statuses.by_id(tx, id)
    await write(world, ben, "", content="", reblog_of=original)
    assert "mention" in await told(world, ana)
    assert len(await home(world, ana)) == 1
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, ana, eve)
        await blocking.block(tx, world.server, ana, eve)
        assert not await follows.following(tx, ana.id, eve.id)
        assert not await follows.following(tx, eve.id, ana.id)
        assert await blocks.blocking(tx, ana.id, eve.id)
    after = await fresh(world, ana.id)
    assert (after.followers_count, after.following_count) == (0, 1)
    assert await told(world, ana) == []
    assert await home(world, ana) == []
    jobs = [job.what for job in await waiting(world, Tell)]
    assert sorted(jobs) == sorted(["follow", "accept_follow", "undo_follow", "reject_follow", "block"])


async def test_lifting_a_block_takes_back_the_same_activity(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, ana, eve)
        await blocking.unblock(tx, world.server, ana, eve)
        await blocking.unblock(tx, world.server, ana, eve)
        assert not await blocks.blocking(tx, ana.id, eve.id)
    done, undone = sorted(await waiting(world, Tell), key=lambda job: str(job.what))
    assert (done.what, undone.what) == ("block", "undo_block")
    assert done.uri == undone.uri is not None


async def test_a_block_from_elsewhere_ends_follows_and_hides_what_is_written(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    await befriend(world, ana, eve)
    await befriend(world, eve, ana)
    id = await write(world, eve)
    for _ in range(2):
        async with world.server.write() as tx:
            await blocking.receive_block(tx, world.server, eve, ana, "https://else.test/b/1")
    async with world.server.write() as tx:
        assert not await follows.following(tx, ana.id, eve.id)
        assert not await follows.following(tx, eve.id, ana.id)
        assert await statuses.visible(tx, [id], viewer=ana.id) == {}
        await blocking.undo_block_received(tx, world.server, eve, ana)
        assert id in await statuses.visible(tx, [id], viewer=ana.id)
    assert await home(world, ana) == []


async def test_a_mute_hides_posts_and_notifications_until_it_runs_out(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    await befriend(world, ana, eve)
    before = await write(world, eve, "before", mentions=[(AccountId(ana.id), False)])
    async with world.server.write() as tx:
        await muting.mute(tx, world.server, ana, eve, duration=3600)
    assert await home(world, ana) == []
    assert await told(world, ana) == []
    during = await write(world, eve, "during", mentions=[(AccountId(ana.id), False)])
    assert await home(world, ana) == []
    assert await told(world, ana) == []
    world.clock.forward(hours=2)
    async with world.server.read() as tx:
        assert await mutes.find(tx, ana.id, eve.id) is None
        assert await mutes.of(tx, ana.id, Page()) == []
    after = await write(world, eve, "after", mentions=[(AccountId(ana.id), False)])
    assert await home(world, ana) == [after]
    assert await told(world, ana) == ["mention"]
    await muting.remove_expired_mutes(world.server)
    jobs = await waiting(world, FillFeed)
    assert set(jobs) == {FillFeed(account_id=ana.id, target_id=eve.id)}
    assert len(jobs) == 2
    assert before < during < after


async def test_a_mute_can_leave_notifications(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    async with world.server.write() as tx:
        await muting.mute(tx, world.server, ana, eve, hide_notifications=False)
        await notifying.notify(tx, world.server, ana.id, "follow", eve.id)
    assert await told(world, ana) == ["follow"]
    async with world.server.write() as tx:
        await muting.mute(tx, world.server, ana, eve)
        found = await mutes.find(tx, ana.id, eve.id)
        await muting.unmute(tx, world.server, ana, eve)
    assert found is not None
    assert found.hide_notifications
    assert found.expires_at is None
    assert await told(world, ana) == []


async def test_only_mutes_that_ran_out_are_removed(idle_world: World) -> None:
    world = idle_world
    ana, ben, eve = await world.account("ana"), await world.account("ben"), await stranger(world, "eve")
    async with world.server.write() as tx:
        await muting.mute(tx, world.server, ana, ben)
        await muting.mute(tx, world.server, ana, eve, duration=60)
    world.clock.forward(seconds=120)
    await muting.remove_expired_mutes(world.server)
    async with world.server.write() as tx:
        tx.now -= timedelta(hours=1)  # even to a clock that stands in the past
        assert [one.target_id for one in await mutes.of(tx, ana.id, Page())] == [ben.id]
