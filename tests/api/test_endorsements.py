"""Featuring people and hashtags on profiles."""

from __future__ import annotations

from dassie.domain.jobs import PublishProfile
from entities_check import check_entity, needs_definitions
from people import befriend, stranger, waiting
from test_timelines import posted
from worlds import Client, World


async def names(api: Client, path: str) -> list[str]:
    got = await api.get(path)
    assert got.code == 200, got.text
    return [one["acct"] for one in got.json]


async def test_who_is_followed_can_be_featured_until_the_follow_ends(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    eve = await stranger(world, "eve")
    api, guest = await world.api_as(ana), await world.api_as()
    refused = await api.post(f"/api/v1/accounts/{bob.id}/endorse")
    assert refused.code == 422
    await befriend(world, ana, bob)
    await befriend(world, ana, eve)
    assert (await api.post(f"/api/v1/accounts/{bob.id}/endorse")).json["endorsed"] is True
    assert (await api.post(f"/api/v1/accounts/{eve.id}/pin")).json["endorsed"] is True
    assert (await api.post(f"/api/v1/accounts/{eve.id}/pin")).code == 200
    assert await names(api, "/api/v1/endorsements") == ["eve@else.test", "bob"]
    assert await names(guest, f"/api/v1/accounts/{ana.id}/endorsements") == ["eve@else.test", "bob"]
    assert await names(guest, f"/api/v1/accounts/{bob.id}/endorsements") == []
    first = await api.get("/api/v1/endorsements", limit=1)
    assert 'rel="next"' in first.headers["link"]
    assert (await api.post(f"/api/v1/accounts/{eve.id}/unpin")).json["endorsed"] is False
    assert (await api.post(f"/api/v1/accounts/{bob.id}/unfollow")).json["endorsed"] is False
    assert await names(api, "/api/v1/endorsements") == []
    assert (await guest.get("/api/v1/accounts/7/endorsements")).code == 404


async def test_who_is_blocked_does_not_see_whom_somebody_features(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    eve = await stranger(world, "eve")
    api, as_bob = await world.api_as(ana), await world.api_as(bob)
    await befriend(world, ana, eve)
    await api.post(f"/api/v1/accounts/{eve.id}/endorse")
    assert await names(as_bob, f"/api/v1/accounts/{ana.id}/endorsements") == ["eve@else.test"]
    await api.post(f"/api/v1/accounts/{bob.id}/block")
    assert await names(as_bob, f"/api/v1/accounts/{ana.id}/endorsements") == []


async def test_identity_proofs_are_an_empty_list_of_a_known_account(world: World) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    assert (await api.get(f"/api/v1/accounts/{ana.id}/identity_proofs")).json == []
    assert (await api.get("/api/v1/accounts/7/identity_proofs")).code == 404


@needs_definitions
async def test_tags_are_featured_with_their_counts(world: World) -> None:
    ana = await world.account("ana")
    api, guest = await world.api_as(ana), await world.api_as()
    for text in ("#Rocks", "more #rocks and #figs"):
        await posted(api, text)
    await posted(api, "quiet #rocks", visibility="private")
    suggested = (await api.get("/api/v1/featured_tags/suggestions")).json
    assert [one["name"] for one in suggested] == ["Rocks", "figs"]
    made = await api.post("/api/v1/featured_tags", name="#ROCKS")
    assert check_entity("FeaturedTag", made.json) == []
    assert (made.json["name"], made.json["statuses_count"]) == ("ROCKS", "2")
    assert made.json["url"] == "https://here.test/@ana/tagged/rocks"
    assert made.json["last_status_at"] == (await posted_day(api))
    assert (await api.post("/api/v1/featured_tags", name="rocks")).json["id"] == made.json["id"]
    assert (await guest.get(f"/api/v1/accounts/{ana.id}/featured_tags")).json == [made.json]
    assert [one["name"] for one in (await api.get("/api/v1/featured_tags/suggestions")).json] == ["figs"]
    assert (await api.get("/api/v1/tags/rocks")).json["featuring"] is True
    assert (await api.delete(f"/api/v1/featured_tags/{made.json['id']}")).json == {}
    assert (await api.delete(f"/api/v1/featured_tags/{made.json['id']}")).code == 404
    assert (await api.get("/api/v1/featured_tags")).json == []


async def posted_day(api: Client) -> str:
    mine = (await api.get("/api/v1/accounts/verify_credentials")).json
    return str(mine["last_status_at"])[:10]


async def test_a_tag_is_featured_by_its_name_and_no_more_than_ten_are(world: World) -> None:
    api = await world.api_as(await world.account("ana"))
    got = await api.post("/api/v1/tags/Rocks/feature")
    assert (got.json["name"], got.json["featuring"]) == ("Rocks", True)
    for n in range(9):
        assert (await api.post("/api/v1/featured_tags", name=f"tag{n}")).code == 200
    assert (await api.post("/api/v1/featured_tags", name="onemore")).code == 422
    assert (await api.post("/api/v1/featured_tags", name="not one")).code == 422
    assert (await api.post("/api/v1/tags/rocks/unfeature")).json["featuring"] is False
    assert (await api.post("/api/v1/tags/rocks/unfeature")).code == 200
    assert len((await api.get("/api/v1/featured_tags")).json) == 9


async def test_other_servers_read_featured_tags_and_are_told_of_changes(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    api = await world.api_as(ana)
    accept = {"accept": "application/activity+json"}
    path = "/users/ana/collections/tags"
    before = (await (await world.api_as()).request("GET", path, headers=accept)).json
    assert before["items"] == []
    await api.post("/api/v1/featured_tags", name="Rocks")
    assert [job.account_id for job in await waiting(world, PublishProfile)] == [ana.id]
    after = (await (await world.api_as()).request("GET", path, headers=accept)).json
    assert after["type"] == "Collection"
    assert after["items"] == [
        {"type": "Hashtag", "href": "https://here.test/@ana/tagged/rocks", "name": "#Rocks"},
    ]
