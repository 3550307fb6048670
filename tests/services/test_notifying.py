"""Who is told what, and who does not want to know."""

from __future__ import annotations

from typing import Any

from dassie.domain.ids import AccountId
from dassie.domain.paging import Page
from dassie.services import blocking, following, muting, notifying
from dassie.store import notifications, statuses
from dassie.store.dialect import put
from dassie.store.notifications import Notification, Wanted
from dassie.store.tables import peers, thread_mutes
from dassie.store.tx import Statement
from dassie.store.views import AccountView
from people import change, stranger, write
from worlds import World

SUSPEND_PEER = Statement(put(peers, "domain", "created_at", "suspended_at"))
MUTE_THREAD = Statement(put(thread_mutes, "account_id", "thread_id", "created_at"))


async def told(world: World, account: AccountView, **wanted: Any) -> list[Notification]:
    async with world.server.read() as tx:
        return await notifications.newest(tx, account.id, Wanted(**wanted), Page())


async def tell(world: World, *args: Any) -> None:
    async with world.server.write() as tx:
        await notifying.notify(tx, world.server, *args)


async def test_the_same_thing_is_told_once(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    id = await write(world, ana)
    for _ in range(2):
        await tell(world, ana.id, "favourite", eve.id, id)
        await tell(world, ana.id, "follow", eve.id)
    assert sorted(one.type for one in await told(world, ana)) == ["favourite", "follow"]
    async with world.server.write() as tx:
        await notifying.forget(tx, "favourite", ana.id, eve.id, id)
    assert [one.type for one in await told(world, ana)] == ["follow"]


async def test_listeners_hear_of_it_after_the_commit(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    heard = world.server.streams.subscribe(frozenset({f"user:{ana.id}", f"notifications:{ana.id}"}))
    await tell(world, ana.id, "follow", eve.id)
    [one] = await told(world, ana)
    channels = set()
    async for channel, event in heard:
        assert (event.kind, event.id, event.account_id) == ("notification", one.id, eve.id)
        channels.add(channel)
        if len(channels) == 2:
            break
    heard.close()
    assert channels == {f"user:{ana.id}", f"notifications:{ana.id}"}


async def test_nobody_is_told_of_their_own_doing_but_of_their_poll(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    id = await write(world, ana)
    await tell(world, ana.id, "favourite", ana.id, id)
    await tell(world, ana.id, "poll", ana.id, id)
    assert [one.type for one in await told(world, ana)] == ["poll"]


async def test_people_elsewhere_are_not_told_by_us(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    await tell(world, eve.id, "follow", ana.id)
    assert await told(world, eve) == []


async def test_blocked_and_muted_senders_and_threads_are_silent(idle_world: World) -> None:
    world = idle_world
    ana, ben = await world.account("ana"), await world.account("ben")
    eve, mal = await stranger(world, "eve"), await stranger(world, "mal")
    id = await write(world, ana)
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, ana, eve)
        await muting.mute(tx, world.server, ana, mal)
        row = await statuses.by_id(tx, id)
        assert row is not None
        await tx.run(MUTE_THREAD, account_id=ana.id, thread_id=row.thread_id, created_at=tx.now)
    await tell(world, ana.id, "follow", eve.id)
    await tell(world, ana.id, "follow", mal.id)
    await tell(world, ana.id, "favourite", ben.id, id)
    assert await told(world, ana, filtered=True) == []
    await tell(world, ana.id, "follow", ben.id)
    assert [one.from_account_id for one in await told(world, ana)] == [ben.id]


async def test_a_moderator_reaches_even_those_who_block_them(idle_world: World) -> None:
    world = idle_world
    ana, mod = await world.account("ana"), await world.account("mod", role="Moderator")
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, ana, mod)
    await tell(world, ana.id, "follow", mod.id)
    await write(world, mod, "please", mentions=[(AccountId(ana.id), False)])
    assert [one.type for one in await told(world, ana)] == ["mention"]


async def test_limited_strangers_are_filtered_unless_followed(idle_world: World) -> None:
    world = idle_world
    ana, eve, mal = await world.account("ana"), await stranger(world, "eve"), await stranger(world, "mal")
    async with world.server.write() as tx:
        now = tx.now
        await following.follow(tx, world.server, ana, mal)
        await following.follow_accepted(tx, world.server, ana, mal)
    eve, mal = await change(world, eve, silenced_at=now), await change(world, mal, silenced_at=now)
    await tell(world, ana.id, "follow", eve.id)
    await tell(world, ana.id, "follow", mal.id)
    assert [one.from_account_id for one in await told(world, ana)] == [mal.id]
    hidden = [one for one in await told(world, ana, filtered=True) if one.filtered]
    assert [one.from_account_id for one in hidden] == [eve.id]


async def test_suspended_accounts_and_servers_tell_nothing(idle_world: World) -> None:
    world = idle_world
    ana, eve, mal = await world.account("ana"), await stranger(world, "eve"), await stranger(world, "mal", "bad.test")
    async with world.server.write() as tx:
        now = tx.now
        await tx.run(SUSPEND_PEER, domain="bad.test", created_at=now, suspended_at=now)
    eve = await change(world, eve, suspended_at=now)
    await tell(world, ana.id, "follow", eve.id)
    await tell(world, ana.id, "follow", mal.id)
    assert await told(world, ana, filtered=True) == []
