"""Whom to follow: suggestions with reasons, and the directory."""

from __future__ import annotations

from typing import Any

from entities_check import check_entity, needs_definitions
from people import befriend, change, stranger, write
from test_timelines import posted
from worlds import Client, World


async def reasons(api: Client, **params: Any) -> dict[str, list[str]]:
    got = await api.get("/api/v2/suggestions", **params)
    assert got.code == 200, got.text
    return {one["account"]["acct"]: one["sources"] for one in got.json}


async def listed(api: Client, **params: Any) -> list[str]:
    got = await api.get("/api/v1/directory", **params)
    assert got.code == 200, got.text
    return [one["acct"] for one in got.json]


@needs_definitions
async def test_people_are_suggested_for_what_is_known_here(idle_world: World) -> None:
    world = idle_world
    ana, bob, cas = [await world.account(name) for name in ("ana", "bob", "cas")]
    eve, fay, gus, shy = [
        await stranger(world, name, discoverable=name != "shy") for name in ("eve", "fay", "gus", "shy")
    ]
    api = await world.api_as(ana)
    assert await reasons(api) == {}
    await befriend(world, ana, bob)
    for one in (eve, shy):
        await befriend(world, bob, one)
    await befriend(world, cas, gus)
    boosted = await write(world, fay)
    await (await world.api_as(bob)).post(f"/api/v1/statuses/{boosted}/reblog")
    world.clock.forward(minutes=6)
    found = await reasons(api)
    assert found == {
        "eve@else.test": ["friends_of_friends", "most_followed"],
        "fay@else.test": ["most_interactions"],
        "gus@else.test": ["most_followed"],
    }
    assert next(iter(found)) == "eve@else.test"
    whole = (await api.get("/api/v2/suggestions")).json
    assert check_entity("Suggestion", whole[0]) == []
    assert [one["source"] for one in whole] == ["past_interactions", "global", "global"]
    assert list(await reasons(api, limit=1, offset=1)) == list(found)[1:2]
    old = await api.get("/api/v1/suggestions")
    assert [one["acct"] for one in old.json] == list(found)
    assert old.headers["deprecation"].startswith("@")


async def test_who_was_waved_away_followed_or_avoided_is_not_suggested(idle_world: World) -> None:
    world = idle_world
    ana, bob = await world.account("ana"), await world.account("bob")
    people = [await stranger(world, name, discoverable=True) for name in ("eve", "fay", "gus", "hal")]
    far = await stranger(world, "ida", "far.test", discoverable=True)
    api = await world.api_as(ana)
    await befriend(world, ana, bob)
    for one in (*people, far):
        await befriend(world, bob, one)
    eve, fay, gus, _hal = people
    assert len(await reasons(api)) == 5
    assert (await api.delete(f"/api/v1/suggestions/{eve.id}")).json == {}
    assert (await api.delete(f"/api/v1/suggestions/{eve.id}")).code == 200
    assert (await api.delete("/api/v1/suggestions/7")).code == 404
    await api.post(f"/api/v1/accounts/{fay.id}/mute")
    await api.post(f"/api/v1/accounts/{gus.id}/follow")
    await api.post("/api/v1/domain_blocks", domain="far.test")
    assert list(await reasons(api)) == ["hal@else.test"]
    assert (await (await world.api_as()).get("/api/v2/suggestions")).code == 401


async def test_the_directory_lists_who_wants_to_be_found(idle_world: World) -> None:
    world = idle_world
    ana, bob, cas = [await world.account(name) for name in ("ana", "bob", "cas")]
    for one in (ana, bob):
        await change(world, one, discoverable=True)
    eve = await stranger(world, "eve", discoverable=True)
    await stranger(world, "old", discoverable=True, moved_to_uri="https://new.test/old")
    api, guest = await world.api_as(cas), await world.api_as()
    assert await listed(guest, order="new", local=True) == ["bob", "ana"]
    await posted(await world.api_as(ana))
    assert await listed(guest, local=True) == ["ana", "bob"]
    assert await listed(guest, local=True, limit=1, offset=1) == ["bob"]
    world.clock.forward(minutes=5)
    await write(world, eve)
    assert await listed(guest) == ["eve@else.test", "ana", "bob"]
    assert await listed(guest, order="new") == ["eve@else.test", "bob", "ana"]
    await api.post(f"/api/v1/accounts/{ana.id}/block")
    assert await listed(api) == ["eve@else.test", "bob"]
