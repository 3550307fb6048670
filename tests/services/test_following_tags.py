"""Who gets a post for its tags: the same filters as for follows, streams, and why it is kept."""

from __future__ import annotations

import pytest

from dassie.domain.arrivals import Reason
from dassie.domain.errors import NotFound
from dassie.domain.ids import new_id
from dassie.domain.jobs import FanOut
from dassie.domain.paging import Page
from dassie.ports import Event
from dassie.services import blocking, fanning_out, following_tags, muting, posting
from dassie.services.drafts import Draft
from dassie.store import arrivals, blocks, followed_tags, timelines
from dassie.store.views import AccountView
from people import change, run, stranger, waiting, write
from worlds import World

ROCKS = [("rocks", "Rocks")]


async def read_tag(world: World, who: AccountView, name: str = "rocks") -> None:
    async with world.server.write() as tx:
        await following_tags.follow(tx, world.server, who, name)


async def home(world: World, who: AccountView) -> list[int]:
    async with world.server.read() as tx:
        return list(await timelines.home(tx, who.id, Page(limit=40)))


async def why(world: World, status_id: int) -> int:
    async with world.server.read() as tx:
        return (await arrivals.of(tx, [status_id]))[status_id].reason  # type: ignore[index]


async def test_blocks_and_mutes_of_author_and_mentioned_count(world: World) -> None:
    ana, eve, bea = await world.account("ana"), await stranger(world, "eve"), await stranger(world, "bea")
    await read_tag(world, ana)
    async with world.server.write() as tx:
        await muting.mute(tx, world.server, ana, eve, duration=600)
        await blocking.block(tx, world.server, ana, bea)
    assert await why(world, await write(world, eve, tags=ROCKS)) == Reason.CONTEXT
    cas = await stranger(world, "cas")
    named = await write(world, cas, tags=ROCKS, mentions=[(bea.id, False)])
    assert await home(world, ana) == []
    assert await why(world, named) == Reason.CONTEXT
    world.clock.forward(hours=1)
    later = await write(world, eve, tags=ROCKS)
    assert await home(world, ana) == [later]
    assert await why(world, later) == Reason.TAG


async def test_limited_authors_those_who_block_and_boosts_stay_out(world: World) -> None:
    ana = await world.account("ana")
    await read_tag(world, ana)
    dan = await stranger(world, "dan")
    async with world.server.write() as tx:
        await blocks.add(tx, id=new_id(tx.now), account_id=dan.id, target_id=ana.id, uri=None)
    limited = await stranger(world, "lim")
    await write(world, dan, tags=ROCKS)
    await write(world, await change(world, limited, silenced_at=world.clock.now()), tags=ROCKS)
    eve = await stranger(world, "eve")
    await write(world, eve, tags=ROCKS, visibility="unlisted")
    await write(world, eve, tags=ROCKS, live=False)
    assert await home(world, ana) == []


async def test_a_follow_is_the_stronger_reason_and_a_reply_to_strangers_comes_by_its_tag(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    await read_tag(world, ana)
    eve = await stranger(world, "eve")
    async with world.server.write() as tx:
        row = await posting.post(tx, world.server, bob, Draft(text="a stone"))
    reply = await write(world, eve, tags=ROCKS, in_reply_to=row)
    assert await home(world, ana) == [reply]
    assert await why(world, reply) == Reason.ADDRESSED


async def test_streams_tell_each_reader_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    await read_tag(world, ana)
    await read_tag(world, ana, "figs")
    told: list[str] = []
    real = world.server.streams.publish

    def publish(channel: str, event: Event) -> None:
        told.append(channel)
        real(channel, event)

    monkeypatch.setattr(world.server.streams, "publish", publish)
    async with world.server.write() as tx:
        await posting.post(tx, world.server, bob, Draft(text="#rocks #figs"))
    assert told.count(f"user:{ana.id}") == 1
    assert "hashtag:rocks" in told


async def test_with_many_readers_it_is_a_job(idle_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = idle_world
    monkeypatch.setattr(fanning_out, "AT_ONCE", 0)
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    await read_tag(world, ana)
    status = await write(world, eve, tags=ROCKS)
    assert await home(world, ana) == []
    assert await why(world, status) == Reason.TAG
    (job,) = await waiting(world, FanOut)
    await run(world, job)
    await run(world, job)
    assert await home(world, ana) == [status]


async def test_names_are_those_somebody_follows(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    await read_tag(world, ana, "#Café")
    await read_tag(world, bob, "cafe")
    await read_tag(world, bob, "figs")
    async with world.server.write() as tx:
        assert await followed_tags.names(tx) == {"cafe", "figs"}
        await following_tags.unfollow(tx, world.server, bob, "figs")
        assert await followed_tags.names(tx) == {"cafe"}
        with pytest.raises(NotFound):
            await following_tags.follow(tx, world.server, bob, "not one")
