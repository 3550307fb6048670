"""Followed hashtags: the list, the flag, and what they bring into home."""

from __future__ import annotations

import pytest

from entities_check import check_entity, needs_definitions
from people import stranger, write
from test_timelines import ids, posted
from worlds import World


async def test_a_tag_is_followed_by_any_spelling_and_says_so(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    got = await as_ana.post("/api/v1/tags/Café/follow")
    assert (got.json["name"], got.json["following"]) == ("Café", True)
    again = await as_ana.post("/api/v1/tags/CAFE/follow")
    assert again.json == got.json
    assert (await as_ana.get("/api/v1/tags/cafe")).json["following"] is True
    assert (await as_bob.get("/api/v1/tags/cafe")).json["following"] is False
    assert "following" not in (await (await world.api_as()).get("/api/v1/tags/cafe")).json
    assert (await as_bob.get("/api/v1/tags/unheard")).json["following"] is False
    found = (await as_ana.get("/api/v2/search", q="#cafe", type="hashtags")).json["hashtags"]
    assert [(one["name"], one["following"]) for one in found] == [("Café", True)]
    ended = await as_ana.post("/api/v1/tags/café/unfollow")
    assert ended.json == {**got.json, "following": False}
    assert (await as_ana.post("/api/v1/tags/unheard/unfollow")).json["following"] is False
    assert (await as_ana.get("/api/v1/followed_tags")).json == []


async def test_the_list_is_paged_by_its_own_rows(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    for n in range(5):
        await ana.post(f"/api/v1/tags/rock{n}/follow")
    first = await ana.get("/api/v1/followed_tags", limit=2)
    assert [tag["name"] for tag in first.json] == ["rock4", "rock3"]
    assert all(tag["following"] is True for tag in first.json)
    link = first.headers["link"]
    assert 'rel="next"' in link
    assert "since_id=" in link
    older = link.partition("<https://here.test")[2].partition(">")[0]
    rest = await ana.get(older)
    assert [tag["name"] for tag in rest.json] == ["rock2", "rock1"]
    last = await ana.get("/api/v1/followed_tags", limit=10)
    assert len(last.json) == 5
    assert 'rel="next"' not in last.headers["link"]


@needs_definitions
async def test_followed_tags_are_tag_entities(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    assert check_entity("Tag", (await ana.post("/api/v1/tags/rocks/follow")).json) == []
    assert check_entity("Tag", (await ana.get("/api/v1/followed_tags")).json[0]) == []


@pytest.mark.parametrize("name", ["a%20b", "12345", "%23", "..", "x" * 600])
async def test_what_is_no_tag_cannot_be_followed(world: World, name: str) -> None:
    ana = await world.api_as(await world.account("ana"))
    assert (await ana.post(f"/api/v1/tags/{name}/follow")).code == 404


async def test_scopes_are_those_of_follows(world: World) -> None:
    ana = await world.account("ana")
    reader = await world.api_as(ana, "read:follows")
    assert (await reader.get("/api/v1/followed_tags")).code == 200
    assert (await reader.post("/api/v1/tags/rocks/follow")).code == 403
    old = await world.api_as(ana, "follow")
    assert (await old.post("/api/v1/tags/rocks/follow")).code == 200
    assert (await old.get("/api/v1/followed_tags")).code == 200
    assert (await (await world.api_as(ana, "read:statuses")).get("/api/v1/followed_tags")).code == 403
    assert (await (await world.api_as()).get("/api/v1/followed_tags")).code == 401


async def test_public_posts_with_the_tag_come_home_once_from_here_and_elsewhere(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    eve = await stranger(world, "eve")
    await posted(as_bob, "before #Rocks")
    await as_ana.post("/api/v1/tags/rocks/follow")
    await as_ana.post("/api/v1/tags/figs/follow")
    here = await posted(as_bob, "a #ROCKS and #figs post")
    await posted(as_bob, "quiet #rocks", visibility="unlisted")
    await posted(as_bob, "for followers #rocks", visibility="private")
    await posted(as_bob, "nothing")
    far = await write(world, eve, "far #rocks", tags=[("rocks", "Rocks")])
    await as_ana.post(f"/api/v1/accounts/{bob.id}/follow")
    both = await posted(as_bob, "followed and #rocks")
    own = await posted(as_ana, "mine #rocks")
    await world.settle()
    assert await ids(as_ana, "home", limit=3) == [own, both, str(far)]
    assert (await ids(as_ana, "home")).count(here) == 1
    await as_bob.post(f"/api/v1/statuses/{far}/reblog")
    assert str(far) in await ids(as_ana, "home")


async def test_unfollowing_takes_out_what_nothing_else_keeps(world: World) -> None:
    ana, bob, cas = [await world.account(name) for name in ("ana", "bob", "cas")]
    as_ana, as_bob, as_cas = [await world.api_as(one) for one in (ana, bob, cas)]
    await as_ana.post("/api/v1/tags/rocks/follow")
    await as_ana.post("/api/v1/tags/figs/follow")
    await as_ana.post(f"/api/v1/accounts/{cas.id}/follow")
    await world.settle()
    await posted(as_bob, "only #rocks")
    other_tag = await posted(as_bob, "#rocks and #figs")
    of_followed = await posted(as_cas, "of cas #rocks")
    own = await posted(as_ana, "my #rocks")
    await as_ana.post("/api/v1/tags/rocks/unfollow")
    assert await ids(as_ana, "home") == [own, of_followed, other_tag]
    await posted(as_bob, "later #rocks")
    assert await ids(as_ana, "home") == [own, of_followed, other_tag]
