"""Followers and followed: what of these lists somebody is shown."""

from __future__ import annotations

from dassie.services import blocking, blocking_domains, muting
from dassie.store import statuses
from people import befriend, change, stranger, write
from worlds import World


async def test_lists_of_people_leave_out_whom_the_viewer_avoids(world: World) -> None:
    ana, ben, cyn, dee = [await world.account(name) for name in ("ana", "ben", "cyn", "dee")]
    far, foe = await stranger(world, "far", "far.test"), await stranger(world, "foe")
    for one in (cyn, dee, far, foe):
        await befriend(world, one, ben)
        await befriend(world, ben, one)
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, ana, cyn)
        await blocking.receive_block(tx, world.server, foe, ana, f"{foe.uri}#block")
        await blocking_domains.block(tx, world.server, ana, "far.test")
    client = await world.api_as(ana)
    for which in ("followers", "following"):
        shown = (await client.get(f"/api/v1/accounts/{ben.id}/{which}")).json
        assert [one["acct"] for one in shown] == ["dee"]
    async with world.server.write() as tx:
        await muting.mute(tx, world.server, ben, dee)
    for which in ("followers", "following"):
        own = (await (await world.api_as(ben)).get(f"/api/v1/accounts/{ben.id}/{which}")).json
        assert {one["acct"] for one in own} == {"cyn", "dee", "far@far.test", "foe@else.test"}


async def test_the_pages_of_people_follow_the_same_rules(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    await befriend(world, ana, ben)
    guest = await world.api_as()
    assert "@ana" in (await guest.get("/@ben/followers")).text
    await change(world, ben, suspended_at=world.clock.now())
    assert 'href="/@ana"' not in (await guest.get("/@ben/followers")).text


async def test_a_suspended_profile_shows_nothing_of_itself_on_its_pages(world: World) -> None:
    fay = await stranger(world, "fay", note="<p>my words</p>", display_name="Fay the Great")
    await change(world, fay, suspended_at=world.clock.now())
    guest = await world.api_as()
    for more in ("", "/with_replies", "/media", "/followers"):
        page = await guest.get(f"/@fay@else.test{more}")
        assert "my words" not in page.text
        assert "Fay the Great" not in page.text


async def test_a_boost_of_what_mentions_somebody_muted_does_not_come_home(world: World) -> None:
    ana, ben, cyn, dee = [await world.account(name) for name in ("ana", "ben", "cyn", "dee")]
    await befriend(world, ana, ben)
    client = await world.api_as(ana)

    async def boosted() -> list[str]:
        async with world.server.read() as tx:
            row = await statuses.by_id(tx, await write(world, cyn, "hi", mentions=[(dee.id, False)]))
        await write(world, ben, "", reblog_of=row)
        return [one["account"]["acct"] for one in (await client.get("/api/v1/timelines/home")).json]

    assert await boosted() == ["ben"]
    async with world.server.write() as tx:
        await muting.mute(tx, world.server, ana, dee)
    assert (await client.get("/api/v1/timelines/home")).json == []
    assert await boosted() == []
