"""Collections of recommended accounts: made, changed, filled with those who agree, left, and told of."""

from __future__ import annotations

from typing import Any

import pytest

from dassie.services import blocking
from entities_check import check_entity, needs_definitions
from people import befriend, change, stranger
from worlds import Client, World


async def discoverable(world: World, name: str, **more: Any) -> Any:
    account = await world.account(name)
    await change(world, account, discoverable=True, **more)
    return account


async def made(api: Client, name: str = "Rocks", *people: Any, **more: Any) -> dict[str, Any]:
    got = await api.post("/api/v1/collections", name=name, account_ids=[one.id for one in people], **more)
    assert got.code == 200, got.text
    found: dict[str, Any] = got.json["collection"]
    return found


async def told(api: Client, *types: str) -> list[tuple[str, str | None]]:
    got = await api.get("/api/v1/notifications", types=list(types))
    return [(one["type"], one.get("collection", {}).get("name")) for one in got.json]


async def test_a_collection_is_made_shown_changed_and_deleted(world: World) -> None:
    ana = await world.account("ana")
    ben = await discoverable(world, "ben")
    api, guest = await world.api_as(ana), await world.api_as()
    new = await made(api, "Rocks", ben, description="Stones & more", language="de", tag_name="#Stones", sensitive=True)
    assert (new["name"], new["description"], new["language"]) == ("Rocks", "Stones &amp; more", "de")
    assert (new["local"], new["sensitive"], new["discoverable"]) == (True, True, True)
    assert new["tag"]["name"] == "Stones"
    assert new["tag"]["url"].endswith("/tags/stones")
    assert [(one["account_id"], one["state"]) for one in new["items"]] == [(str(ben.id), "accepted")]
    shown = (await guest.get(f"/api/v1/collections/{new['id']}")).json
    assert [one["username"] for one in shown["accounts"]] == ["ana", "ben"]
    assert shown["collection"]["item_count"] == 1
    changed = await api.patch(f"/api/v1/collections/{new['id']}", name="Pebbles", discoverable=False)
    assert (changed.json["collection"]["name"], changed.json["collection"]["language"]) == ("Pebbles", "de")
    assert (await guest.get(f"/api/v1/accounts/{ana.id}/collections")).json == {"collections": []}
    assert len((await api.get(f"/api/v1/accounts/{ana.id}/collections")).json["collections"]) == 1
    assert (await guest.get(f"/api/v1/collections/{new['id']}")).code == 200
    assert (await api.delete(f"/api/v1/collections/{new['id']}")).json == {}
    assert (await guest.get(f"/api/v1/collections/{new['id']}")).code == 404


@needs_definitions
async def test_answers_are_as_documented(world: World) -> None:
    ana, ben = await world.account("ana"), await discoverable(world, "ben")
    api, other = await world.api_as(ana), await world.api_as(ben)
    got = await api.post("/api/v1/collections", name="a", account_ids=[ben.id])
    assert check_entity("WrappedCollection", got.json) == []
    id = got.json["collection"]["id"]
    assert check_entity("CollectionWithAccounts", (await api.get(f"/api/v1/collections/{id}")).json) == []
    assert check_entity("Collections", (await api.get(f"/api/v1/accounts/{ana.id}/collections")).json) == []
    assert check_entity("Collections", (await other.get(f"/api/v1/accounts/{ben.id}/in_collections")).json) == []
    cat = await discoverable(world, "cat")
    assert (
        check_entity(
            "WrappedCollectionItem", (await api.post(f"/api/v1/collections/{id}/items", account_id=cat.id)).json
        )
        == []
    )
    for one in (await other.get("/api/v1/notifications", types=["added_to_collection"])).json:
        assert check_entity("Notification", one) == []
    groups = (await other.get("/api/v2/notifications")).json["notification_groups"]
    assert groups[0]["collection"]["id"] == id
    assert check_entity("NotificationGroup", groups[0]) == []


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"name": " "}, "name", "ERR_BLANK"),
        ({"name": "x" * 41}, "name", "ERR_TOO_LONG"),
        ({"name": "x", "description": "y" * 101}, "description", "ERR_TOO_LONG"),
        ({"name": "x", "language": "klingon"}, "language", "ERR_INVALID"),
        ({"name": "x", "tag_name": "##"}, "tag_name", "ERR_INVALID"),
    ],
)
async def test_what_is_wrong_stands_inside_the_error(world: World, wrong: Any, field: str, code: str) -> None:
    api = await world.api_as(await world.account("ana"))
    got = await api.post("/api/v1/collections", **wrong)
    assert got.code == 422
    assert got.json["error"]["error"].startswith("Validation failed: ")
    assert got.json["error"]["details"][field][0]["error"] == code


async def test_there_are_ten_collections_of_twenty_five(world: World) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    for number in range(10):
        last = await made(api, f"c{number}")
    got = await api.post("/api/v1/collections", name="one more")
    assert (got.code, "base" in got.json["error"]["details"]) == (422, True)
    for number in range(25):
        one = await discoverable(world, f"p{number}")
        assert (await api.post(f"/api/v1/collections/{last['id']}/items", account_id=one.id)).code == 200
    late = await discoverable(world, "late")
    got = await api.post(f"/api/v1/collections/{last['id']}/items", account_id=late.id)
    assert (got.code, list(got.json["error"]["details"])) == (422, ["collection_items"])


async def test_only_who_wants_to_be_found_can_be_put_in(world: World) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    new = await made(api)
    path = f"/api/v1/collections/{new['id']}/items"
    shy = await world.account("shy")
    assert (await api.post(path, account_id=shy.id)).code == 403
    locked = await discoverable(world, "locked", locked=True)
    assert (await api.post(path, account_id=locked.id)).code == 403
    await befriend(world, ana, locked)
    assert (await api.post(path, account_id=locked.id)).json["collection_item"]["state"] == "accepted"
    assert (await api.post(path, account_id=locked.id)).code == 422
    assert (await api.post(path, account_id=12345)).code == 404
    hostile = await discoverable(world, "hostile")
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, hostile, ana)
    assert (await api.post(path, account_id=hostile.id)).code == 403
    assert (await api.post("/api/v1/collections", name="x", account_ids=[shy.id])).code == 403
    assert len((await api.get(f"/api/v1/accounts/{ana.id}/collections")).json["collections"]) == 1


async def test_accounts_say_who_may_feature_them(world: World) -> None:
    ana, guest = await world.account("ana"), await world.api_as()
    api = await world.api_as(ana)
    open_, locked, shy = (
        await discoverable(world, "open"),
        await discoverable(world, "locked", locked=True),
        await world.account("shy"),
    )

    async def approval(client: Client, id: int) -> dict[str, Any]:
        found: dict[str, Any] = (await client.get(f"/api/v1/accounts/{id}")).json["feature_approval"]
        return found

    assert await approval(api, open_.id) == {"automatic": ["public"], "manual": [], "current_user": "automatic"}
    assert (await approval(guest, open_.id))["current_user"] == "denied"
    assert await approval(api, locked.id) == {"automatic": ["followers"], "manual": [], "current_user": "denied"}
    await befriend(world, ana, locked)
    assert (await approval(api, locked.id))["current_user"] == "automatic"
    assert await approval(api, shy.id) == {"automatic": [], "manual": [], "current_user": "denied"}
    away = await stranger(world, "away")
    assert (await approval(api, away.id))["current_user"] == "missing"
    await change(world, away, feature_policy="followers manual:public")
    assert await approval(api, away.id) == {
        "automatic": ["followers"],
        "manual": ["public"],
        "current_user": "manual",
    }
    found = (await api.get("/api/v2/search", q="@locked", type="accounts")).json["accounts"]
    assert [one["feature_approval"]["current_user"] for one in found] == ["automatic"]


async def test_members_are_told_and_may_leave_for_good(world: World) -> None:
    ana, ben = await world.account("ana"), await discoverable(world, "ben")
    api, other = await world.api_as(ana), await world.api_as(ben)
    new = await made(api, "Rocks", ben)
    assert await told(other, "added_to_collection") == [("added_to_collection", "Rocks")]
    second = await made(api, "Trees", ben)
    assert [name for _, name in await told(other, "added_to_collection")] == ["Trees", "Rocks"]
    await api.patch(f"/api/v1/collections/{new['id']}", sensitive=True)
    assert await told(other, "collection_update") == []
    await api.patch(f"/api/v1/collections/{new['id']}", name="Stones")
    await api.patch(f"/api/v1/collections/{new['id']}", description="hard")
    assert await told(other, "collection_update") == [("collection_update", "Stones")]
    featured = (await other.get(f"/api/v1/accounts/{ben.id}/in_collections")).json["collections"]
    assert [one["id"] for one in featured] == [second["id"], new["id"]]
    assert (await api.get(f"/api/v1/accounts/{ben.id}/in_collections")).code == 403
    item = new["items"][0]["id"]
    path = f"/api/v1/collections/{new['id']}/items"
    assert (await api.post(f"{path}/{item}/revoke")).code == 403
    assert (await other.delete(f"{path}/{item}")).code == 403
    assert (await other.post(f"{path}/{item}/revoke")).json == {}
    assert (await api.get(f"/api/v1/collections/{new['id']}")).json["collection"]["items"] == []
    assert (await api.post(path, account_id=ben.id)).code == 422
    item = second["items"][0]["id"]
    assert (await api.delete(f"/api/v1/collections/{second['id']}/items/{item}")).json == {}
    assert (await api.post(f"/api/v1/collections/{second['id']}/items", account_id=ben.id)).code == 200


async def test_a_policy_holds_back_who_adds_me(world: World) -> None:
    ana, ben = await world.account("ana"), await discoverable(world, "ben")
    api, other = await world.api_as(ana), await world.api_as(ben)
    await other.patch("/api/v2/notifications/policy", for_not_following="filter")
    await made(api, "Rocks", ben)
    assert await told(other, "added_to_collection") == []
    got = await other.get("/api/v1/notifications", include_filtered=True)
    assert [one["type"] for one in got.json] == ["added_to_collection"]


async def test_people_elsewhere_are_pending_until_they_agree(world: World) -> None:
    ana, guest = await world.account("ana"), await world.api_as()
    api = await world.api_as(ana)
    away = await stranger(world, "away")
    new = await made(api)
    path = f"/api/v1/collections/{new['id']}"
    assert (await api.post(f"{path}/items", account_id=away.id)).code == 403  # its server says nothing about it
    await change(world, away, feature_policy="public")
    got = await api.post(f"{path}/items", account_id=away.id)
    assert got.json["collection_item"]["state"] == "pending"
    assert (await api.get(path)).json["collection"]["item_count"] == 1
    assert (await guest.get(path)).json["collection"]["items"] == []


async def test_who_is_blocked_sees_no_collection_and_nobody_sees_whom_they_block(world: World) -> None:
    ana, ben = await world.account("ana"), await discoverable(world, "ben")
    cat = await discoverable(world, "cat")
    api, theirs = await world.api_as(ana), await world.api_as(cat)
    new = await made(api, "Rocks", ben, cat)
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, cat, ben)
    assert len((await theirs.get(f"/api/v1/collections/{new['id']}")).json["collection"]["items"]) == 1
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, ana, cat)
    assert (await theirs.get(f"/api/v1/collections/{new['id']}")).code == 404
    assert (await theirs.get(f"/api/v1/accounts/{ana.id}/collections")).json == {"collections": []}


async def test_the_list_is_paged_by_offset(world: World) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    for name in ("a", "b", "c"):
        await made(api, name)
    got = await api.get(f"/api/v1/accounts/{ana.id}/collections", limit=2)
    assert [one["name"] for one in got.json["collections"]] == ["c", "b"]
    assert 'limit=2&offset=2>; rel="next"' in got.headers["link"]
    got = await api.get(f"/api/v1/accounts/{ana.id}/collections", limit=2, offset=2)
    assert [one["name"] for one in got.json["collections"]] == ["a"]
    assert got.headers["link"].endswith('offset=0>; rel="prev"')


async def test_scopes_and_owners_are_checked_and_early_clients_answered(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    api = await world.api_as(ana)
    new = await made(api)
    reading = await world.api_as(ben, "read")
    assert (await reading.post("/api/v1/collections", name="x")).code == 403
    other = await world.api_as(ben)
    assert (await other.patch(f"/api/v1/collections/{new['id']}", name="y")).code == 403
    assert (await other.delete(f"/api/v1/collections/{new['id']}")).code == 403
    assert (await (await world.api_as()).post("/api/v1/collections", name="x")).code == 401
    early = await other.get(f"/api/v1_alpha/collections/{new['id']}")
    assert (early.code, early.headers["deprecation"]) == (200, "@1781049600")


async def test_its_address_finds_it(world: World) -> None:
    api = await world.api_as(await world.account("ana"))
    new = await made(api)
    for address in (new["uri"], new["url"]):
        found = (await api.get("/api/v2/search", q=address, resolve=True)).json
        assert [one["id"] for one in found["collections"]] == [new["id"]]
        assert (found["accounts"], found["statuses"]) == ([], [])


async def test_a_status_names_the_collections_it_links_to(world: World) -> None:
    ana, ben = await world.account("ana"), await discoverable(world, "ben")
    api, other, guest = await world.api_as(ana), await world.api_as(ben), await world.api_as()
    new = await made(api, "Rocks", ben)
    linked = (await api.post("/api/v1/statuses", status=f"see {new['url']} and {new['url']}")).json
    plain = (await api.post("/api/v1/statuses", status="see https://else.test/collections/1")).json
    await api.patch(f"/api/v1/collections/{new['id']}", name="Stones")
    shown = (await guest.get(f"/api/v1/statuses/{linked['id']}")).json["tagged_collections"]
    assert [(one["name"], one["item_count"]) for one in shown] == [("Stones", 1)]
    assert (await guest.get(f"/api/v1/statuses/{plain['id']}")).json["tagged_collections"] == []
    boost = (await other.post(f"/api/v1/statuses/{linked['id']}/reblog")).json
    assert boost["tagged_collections"] == []
    assert [one["id"] for one in boost["reblog"]["tagged_collections"]] == [new["id"]]
    await api.delete(f"/api/v1/collections/{new['id']}")
    assert (await guest.get(f"/api/v1/statuses/{linked['id']}")).json["tagged_collections"] == []
