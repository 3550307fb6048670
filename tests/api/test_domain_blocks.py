"""Blocking whole servers: the list, and what is neither read nor heard of then."""

from __future__ import annotations

import pytest

from dassie.domain.jobs import CutTies
from entities_check import check_entity, needs_definitions
from people import befriend, fresh, run, stranger, write
from test_timelines import ids, posted
from worlds import World

PATH = "/api/v1/domain_blocks"


async def test_domains_are_listed_newest_first_in_one_spelling(world: World) -> None:
    api = await world.api_as(await world.account("ana"))
    for text in ("one.test", "https://Two.TEST/@bob", "bücher.example", "one.test"):
        assert (await api.post(PATH, domain=text)).json == {}
    assert (await api.get(PATH)).json == ["xn--bcher-kva.example", "two.test", "one.test"]
    first = await api.get(PATH, limit=2)
    assert 'rel="next"' in first.headers["link"]
    assert "since_id=" in first.headers["link"]
    older = first.headers["link"].partition("<https://here.test")[2].partition(">")[0]
    assert (await api.get(older)).json == ["one.test"]
    assert (await api.delete(PATH, domain="TWO.test")).json == {}
    assert (await api.delete(PATH, domain="two.test")).code == 200
    assert "two.test" not in (await api.get(PATH)).json


@pytest.mark.parametrize("text", ["", "not a domain", "here.test", "a..b", "x" * 300, "-"])
async def test_what_is_no_other_server_is_refused(world: World, text: str) -> None:
    api = await world.api_as(await world.account("ana"))
    assert (await api.post(PATH, json={"domain": text})).code == 422
    assert (await api.get(PATH)).json == []


async def test_scopes_are_those_of_blocks(world: World) -> None:
    ana = await world.account("ana")
    reader = await world.api_as(ana, "read:blocks")
    assert (await reader.get(PATH)).code == 200
    assert (await reader.post(PATH, domain="else.test")).code == 403
    assert (await (await world.api_as(ana, "follow")).post(PATH, domain="else.test")).code == 200
    assert (await (await world.api_as()).get(PATH)).code == 401


@needs_definitions
async def test_the_preview_counts_what_ends(world: World) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    eve, fay = await stranger(world, "eve"), await stranger(world, "fay")
    await befriend(world, ana, eve)
    await befriend(world, eve, ana)
    await befriend(world, fay, ana)
    got = await api.get(f"{PATH}/preview", domain="else.test")
    assert got.json == {"following_count": 1, "followers_count": 2}
    assert check_entity("DomainBlockPreview", got.json) == []
    assert (await api.get(f"{PATH}/preview", domain="other.test")).json == {"following_count": 0, "followers_count": 0}


async def test_a_block_ends_follows_both_ways(world: World) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    eve, sam = await stranger(world, "eve"), await stranger(world, "sam", "other.test")
    for one in (eve, sam):
        await befriend(world, ana, one)
        await befriend(world, one, ana)
    await api.post(PATH, domain="else.test")
    shown = (await api.get("/api/v1/accounts/relationships", id=[eve.id, sam.id])).json
    assert [one["domain_blocking"] for one in shown] == [True, False]
    await run(world, CutTies(account_id=ana.id, domain="else.test"))
    shown = (await api.get("/api/v1/accounts/relationships", id=[eve.id, sam.id])).json
    assert [(one["following"], one["followed_by"]) for one in shown] == [(False, False), (True, True)]
    assert (await fresh(world, ana.id)).followers_count == 1
    assert (await api.post(f"/api/v1/accounts/{eve.id}/follow")).code == 403
    await befriend(world, eve, ana)
    assert (await api.get("/api/v1/accounts/relationships", id=[eve.id])).json[0]["followed_by"] is False


async def test_nobody_there_is_read_until_the_block_is_lifted(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    api, as_bob = await world.api_as(ana), await world.api_as(bob)
    eve = await stranger(world, "eve")
    await api.post(f"/api/v1/accounts/{bob.id}/follow")
    await api.post("/api/v1/tags/rocks/follow")
    await world.settle()
    before = str(await write(world, eve, "#rocks", tags=[("rocks", "rocks")]))
    boosted = (await as_bob.post(f"/api/v1/statuses/{before}/reblog")).json["id"]
    answer = str(await write(world, eve, "answer", visibility="unlisted"))
    assert before in await ids(api, "public")
    assert before in await ids(api, "tag/rocks")
    await api.post(PATH, domain="else.test")
    await run(world, CutTies(account_id=ana.id, domain="else.test"))
    after = str(await write(world, eve, "again #rocks", tags=[("rocks", "rocks")]))
    again = (await as_bob.post(f"/api/v1/statuses/{after}/reblog")).json["id"]
    mine = await posted(as_bob, "still here")
    for path in ("home", "public", "tag/rocks"):
        assert not {before, after, boosted, again, answer} & set(await ids(api, path)), path
    assert await ids(api, "home") == [mine]
    of_bob = [one["id"] for one in (await api.get(f"/api/v1/accounts/{bob.id}/statuses")).json]
    assert of_bob == [mine]
    assert before in await ids(as_bob, "public")
    await api.delete(PATH, domain="else.test")
    assert {before, after} <= set(await ids(api, "public"))


async def test_nobody_there_is_heard_of(world: World) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    eve, sam = await stranger(world, "eve"), await stranger(world, "sam", "other.test")
    for one in (eve, sam):
        await write(world, one, "hey @ana", mentions=[(ana.id, False)])
    assert len((await api.get("/api/v1/notifications")).json) == 2
    await api.post(PATH, domain="else.test")
    await write(world, eve, "hey again @ana", mentions=[(ana.id, False)])
    await write(world, sam, "hey again @ana", mentions=[(ana.id, False)])
    told = [one["account"]["acct"] for one in (await api.get("/api/v1/notifications")).json]
    assert told == ["sam@other.test", "sam@other.test"]
