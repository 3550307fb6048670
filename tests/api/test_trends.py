"""Trends: what they mean where few people live."""

from __future__ import annotations

from typing import Any

from dassie.services.trending import reckon_trends
from dassie.store.dialect import put
from dassie.store.tables import card_links, preview_cards, status_cards
from dassie.store.tx import Statement
from entities_check import check_entity, needs_definitions
from people import befriend, stranger, write
from test_timelines import posted
from worlds import Client, World


async def trending(api: Client, kind: str, **params: Any) -> list[str]:
    got = await api.get(f"/api/v1/trends/{kind}", **params)
    assert got.code == 200, got.text
    return [one["id"] if kind == "statuses" else one["name" if kind == "tags" else "url"] for one in got.json]


async def reckon(world: World) -> None:
    await reckon_trends(world.server)


async def test_posts_trend_by_what_people_here_and_those_they_follow_like(idle_world: World) -> None:
    world = idle_world
    ana, bob = await world.account("ana"), await world.account("bob")
    api, as_bob, guest = await world.api_as(ana), await world.api_as(bob), await world.api_as()
    eve = await stranger(world, "eve", discoverable=True)
    shy = await stranger(world, "shy")
    liked, boosted, hidden, plain = [await write(world, eve, text) for text in ("a", "b", "c", "d")]
    of_shy = await write(world, shy)
    secret = await write(world, eve, "e", visibility="unlisted")
    warned = await write(world, eve, "f", spoiler_text="careful")
    for id in (liked, boosted, hidden, of_shy, secret, warned):
        await api.post(f"/api/v1/statuses/{id}/favourite")
    for id in (liked, boosted):
        await as_bob.post(f"/api/v1/statuses/{id}/favourite")
    await befriend(world, ana, await stranger(world, "fay", "far.test"))
    assert await trending(guest, "statuses") == []
    await reckon(world)
    found = await trending(guest, "statuses")
    assert found[:2] == [str(boosted), str(liked)]
    assert set(found) == {str(id) for id in (boosted, liked, hidden)}
    assert str(plain) not in found
    first = await guest.get("/api/v1/trends/statuses", limit=2)
    assert 'offset=2>; rel="next"' in first.headers["link"]
    assert await trending(guest, "statuses", limit=2, offset=2) == [str(hidden)]
    assert await trending(guest, "statuses", offset=5_000) == []
    refused = await guest.get("/api/v1/trends/statuses", offset=-1)
    assert (refused.code, refused.json) == (422, {"error": "Validation failed: offset must be at least 0"})
    await api.post(f"/api/v1/accounts/{eve.id}/mute")
    assert await trending(api, "statuses") == []
    assert len(await trending(as_bob, "statuses")) == 3
    world.clock.forward(days=6)
    await reckon(world)
    assert await trending(guest, "statuses") == []


async def test_own_likes_do_not_make_a_trend(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    api = await world.api_as(ana)
    await api.patch("/api/v1/accounts/update_credentials", discoverable=True)
    mine = await posted(api)
    await api.post(f"/api/v1/statuses/{mine}/favourite")
    await reckon(world)
    assert await trending(api, "statuses") == []


@needs_definitions
async def test_hashtags_trend_when_more_people_than_usual_use_them(idle_world: World) -> None:
    world = idle_world
    ana, bob = await world.account("ana"), await world.account("bob")
    api, as_bob = await world.api_as(ana), await world.api_as(bob)
    many = [await stranger(world, f"s{n}") for n in range(3)]
    await posted(api, "always #usual")
    await posted(as_bob, "always #usual")
    world.clock.forward(days=4)
    for one in (api, as_bob):
        await posted(one, "#usual and #news")
    await posted(api, "only I say #mine")
    await posted(api, "and again #mine")
    for other in many:
        await write(world, other, "#far", tags=[("far", "far")])
    await reckon(world)
    assert await trending(api, "tags") == ["news", "far", "usual"]
    whole = (await api.get("/api/v1/trends/tags", limit=1)).json
    assert check_entity("Tag", whole[0]) == []
    assert whole[0]["history"][0]["accounts"] == "2"
    assert await trending(api, "tags", limit=1, offset=1) == ["far"]
    old = await api.get("/api/v1/trends")
    assert [one["name"] for one in old.json] == ["news", "far", "usual"]
    assert old.headers["deprecation"].startswith("@")


@needs_definitions
async def test_links_trend_by_who_shares_and_boosts_them(idle_world: World) -> None:
    world = idle_world
    ana, bob = await world.account("ana"), await world.account("bob")
    api, as_bob, guest = await world.api_as(ana), await world.api_as(bob), await world.api_as()
    eve = await stranger(world, "eve")
    here, far = await posted(api, "a link"), await write(world, eve, "link")
    lone = await write(world, eve, "other link")
    await as_bob.post(f"/api/v1/statuses/{here}/reblog")
    await api.post(f"/api/v1/statuses/{far}/reblog")
    for n, status in enumerate((int(here), far, lone), 1):
        await link(world, n, status)
    await reckon(world)
    assert await trending(guest, "links") == ["https://news.test/1", "https://news.test/2"]
    first = (await guest.get("/api/v1/trends/links")).json[0]
    assert check_entity("Trends::Link", first) == []
    assert first["history"][0] == {**first["history"][0], "uses": "1", "accounts": "1"}
    assert len(first["history"]) == 7


async def link(world: World, n: int, status_id: int) -> None:
    """Have a status shown with a card."""
    async with world.server.write() as tx:
        card = {"id": n, "url": f"https://news.test/{n}", "type": "link", "title": f"News {n}", "updated_at": tx.now}
        card |= dict.fromkeys(("author_url", "provider_url", "embed_url"), "https://news.test/")
        await tx.run(Statement(put(preview_cards, *card)), **card)
        one = {"id": n, "url": f"https://news.test/{n}", "card_id": n, "next_at": tx.now, "used_at": tx.now}
        await tx.run(Statement(put(card_links, *one)), **one)
        shown = {"status_id": status_id, "link_id": n}
        await tx.run(Statement(put(status_cards, *shown)), **shown)
