"""Following, here and across servers."""

from __future__ import annotations

import pytest

from dassie.domain.errors import NotAllowed, NotFound
from dassie.domain.jobs import FillFeed, Tell
from dassie.domain.paging import Page
from dassie.services import blocking, following
from dassie.store import follows, notifications, statuses, timelines
from dassie.store.notifications import Wanted
from dassie.store.views import AccountView
from people import befriend, change, fresh, run, stranger, waiting, write
from worlds import World


async def told(world: World, account: AccountView) -> list[tuple[str, int]]:
    async with world.server.read() as tx:
        found = await notifications.newest(tx, account.id, Wanted(filtered=True), Page())
    return [(one.type, one.from_account_id) for one in found]


async def home(world: World, account: AccountView) -> list[int]:
    async with world.server.read() as tx:
        return list(await timelines.home(tx, account.id, Page()))


async def test_following_somebody_here_takes_effect_at_once_and_tells_them(idle_world: World) -> None:
    world = idle_world
    ana, ben = await world.account("ana"), await world.account("ben")
    async with world.server.write() as tx:
        await following.follow(tx, world.server, ana, ben)
        await following.follow(tx, world.server, ana, ben, notify=True, languages=["eo"])
    async with world.server.read() as tx:
        found = await follows.find(tx, ana.id, ben.id)
    assert found is not None
    assert found.notify
    assert found.languages == ["eo"]
    assert found.show_reblogs
    assert (await fresh(world, ana.id)).following_count == 1
    assert (await fresh(world, ben.id)).followers_count == 1
    assert await told(world, ben) == [("follow", ana.id)]
    assert await waiting(world, Tell) == []


async def test_a_locked_account_is_asked_first(idle_world: World) -> None:
    world = idle_world
    ana, ben = await world.account("ana"), await world.account("ben", locked=True)
    async with world.server.write() as tx:
        await following.follow(tx, world.server, ana, ben, show_reblogs=False)
    assert await told(world, ben) == [("follow_request", ana.id)]
    async with world.server.write() as tx:
        assert await follows.find(tx, ana.id, ben.id) is None
        await following.accept_request(tx, world.server, ben, ana)
        with pytest.raises(NotFound):
            await following.accept_request(tx, world.server, ben, ana)
    async with world.server.read() as tx:
        found = await follows.find(tx, ana.id, ben.id)
    assert found is not None
    assert not found.show_reblogs
    assert await told(world, ben) == [("follow", ana.id)]
    assert (await fresh(world, ben.id)).followers_count == 1


async def test_another_server_is_asked_even_for_an_open_account(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    async with world.server.write() as tx:
        await following.follow(tx, world.server, ana, eve)
        asked = await follows.find_request(tx, ana.id, eve.id)
    assert asked is not None
    assert asked.uri is not None
    assert asked.uri.startswith(f"{ana.uri}/follows/")
    assert (await fresh(world, eve.id)).followers_count == 0
    async with world.server.write() as tx:
        await following.follow_accepted(tx, world.server, ana, eve)
        await following.follow_accepted(tx, world.server, ana, eve)
        await following.unfollow(tx, world.server, ana, eve)
    assert (await fresh(world, ana.id)).following_count == 0
    jobs = await waiting(world, Tell)
    assert sorted((job.what, job.uri) for job in jobs) == [("follow", asked.uri), ("undo_follow", asked.uri)]


async def test_an_acceptance_nobody_asked_for_changes_nothing(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    async with world.server.write() as tx:
        await following.follow_accepted(tx, world.server, ana, eve)
        assert not await follows.following(tx, ana.id, eve.id)


async def test_a_refusal_ends_the_follow_and_empties_the_feed(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    await befriend(world, ana, eve)
    id = await write(world, eve)
    assert await home(world, ana) == [id]
    async with world.server.write() as tx:
        await following.follow_rejected(tx, world.server, ana, eve)
        assert not await follows.following(tx, ana.id, eve.id)
    assert await home(world, ana) == []


async def test_a_follow_from_elsewhere_is_accepted_each_time_it_is_told(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    for uri in ("https://else.test/f/1", "https://else.test/f/2"):
        async with world.server.write() as tx:
            await following.receive_follow(tx, world.server, eve, ana, uri)
    assert sorted((job.what, job.uri) for job in await waiting(world, Tell)) == [
        ("accept_follow", "https://else.test/f/1"),
        ("accept_follow", "https://else.test/f/2"),
    ]
    assert (await fresh(world, ana.id)).followers_count == 1
    assert await told(world, ana) == [("follow", eve.id)]
    async with world.server.write() as tx:
        assert (await follows.by_uri(tx, "https://else.test/f/2")) is not None
        assert await follows.follower_inboxes(tx, ana.id) == [("https://else.test/inbox", "else.test")]
        await following.undo_received(tx, world.server, eve, ana)
    assert (await fresh(world, ana.id)).followers_count == 0
    assert await told(world, ana) == []


async def test_a_follow_of_a_locked_account_waits_and_can_be_refused(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana", locked=True), await stranger(world, "eve")
    async with world.server.write() as tx:
        await following.receive_follow(tx, world.server, eve, ana, "https://else.test/f/1")
    assert await waiting(world, Tell) == []
    assert await told(world, ana) == [("follow_request", eve.id)]
    async with world.server.write() as tx:
        await following.reject_request(tx, world.server, ana, eve)
        assert await follows.find_request(tx, eve.id, ana.id) is None
    assert [job.what for job in await waiting(world, Tell)] == ["reject_follow"]


async def test_a_limited_stranger_has_to_ask(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    async with world.server.read() as tx:
        now = tx.now
    eve = await change(world, eve, silenced_at=now)
    async with world.server.write() as tx:
        await following.receive_follow(tx, world.server, eve, ana, "https://else.test/f/1")
        assert await follows.find_request(tx, eve.id, ana.id) is not None
        assert not await follows.following(tx, eve.id, ana.id)


async def test_whom_one_blocks_cannot_follow(idle_world: World) -> None:
    world = idle_world
    ana, ben, eve = await world.account("ana"), await world.account("ben"), await stranger(world, "eve")
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, ana, eve)
        await blocking.block(tx, world.server, ana, ben)
        await following.receive_follow(tx, world.server, eve, ana, "https://else.test/f/1")
        for one, other in ((ben, ana), (ana, ben), (ana, ana)):
            with pytest.raises(NotAllowed):
                await following.follow(tx, world.server, one, other)
    assert sorted(job.what for job in await waiting(world, Tell)) == ["block", "reject_follow"]


async def test_removing_a_follower_tells_their_server(idle_world: World) -> None:
    world = idle_world
    ana, ben, eve = await world.account("ana"), await world.account("ben"), await stranger(world, "eve")
    await befriend(world, ben, ana)
    await befriend(world, eve, ana)
    await write(world, ana)
    async with world.server.write() as tx:
        await following.remove_follower(tx, world.server, ana, ben)
        await following.remove_follower(tx, world.server, ana, eve)
        await following.remove_follower(tx, world.server, ana, eve)
    assert sorted(job.what for job in await waiting(world, Tell)) == ["accept_follow", "reject_follow"]
    assert (await fresh(world, ana.id)).followers_count == 0
    assert await home(world, ben) == []


async def test_a_new_follow_brings_what_was_written_last(idle_world: World) -> None:
    world = idle_world
    ana, ben, cem = [await world.account(name) for name in ("ana", "ben", "cem")]
    plain = await write(world, ben, "first")
    secret = await write(world, ben, "whisper", visibility="direct")
    foreign = await write(world, ben, "saluton", language="eo")
    async with world.server.read() as tx:
        of_cem = await statuses.by_id(tx, await write(world, cem, "cem's"))
        assert of_cem is not None
    reply = await write(world, ben, "@cem no", in_reply_to=of_cem)
    boost = await write(world, ben, "", content="", reblog_of=of_cem)
    async with world.server.write() as tx:
        await following.follow(tx, world.server, ana, ben, languages=["en"])
    [job] = await waiting(world, FillFeed)
    await run(world, job)
    await run(world, job)
    assert sorted(await home(world, ana)) == sorted([plain, boost])
    assert {secret, foreign, reply}.isdisjoint(await home(world, ana))
    async with world.server.write() as tx:
        await following.unfollow(tx, world.server, ana, ben)
    assert await home(world, ana) == []
