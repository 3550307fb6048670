"""Collections of recommended accounts with other servers: asked, answered, shown, left (FEP-7aa9)."""

from __future__ import annotations

from typing import Any

import pytest

from dassie.federation.vocab.curated import read_authorization, read_curated
from dassie.services import curating
from dassie.services.curating import Draft
from dassie.store import accounts, collections
from dassie.store.collections import Collection, Item
from dassie.store.views import AccountView
from fediverse import PUBLIC, Actor, Fediverse
from following_here import pair, the_account

OPEN = {"canFeature": {"automaticApproval": [PUBLIC]}}


async def discoverable(fediverse: Fediverse, name: str, **more: Any) -> AccountView:
    account = await fediverse.world.account(name)
    async with fediverse.world.server.write() as tx:
        await accounts.change(tx, account.id, discoverable=True, **more)
        found = await accounts.by_id(tx, account.id)
    assert found is not None
    return found


async def made(fediverse: Fediverse, me: AccountView, *people: AccountView, **more: Any) -> Collection:
    server = fediverse.world.server
    async with server.write() as tx:
        draft = Draft(name="Rocks", **more)
        new = await curating.create(tx, server, me, draft, [one.id for one in people])
    await fediverse.world.settle()
    return new


async def items(fediverse: Fediverse, one: int | Collection) -> list[Item]:
    await fediverse.world.settle()
    async with fediverse.world.server.read() as tx:
        return await collections.all_items(tx, one if isinstance(one, int) else one.id)


def sent(fediverse: Fediverse, kind: str) -> list[dict[str, Any]]:
    return [doc for _, doc in fediverse.http.posted if doc["type"] == kind]


def curated(by: Actor, *members: Any, number: int = 1, **changes: Any) -> dict[str, Any]:
    """A collection in Mastodon's manner."""
    uri = f"{by.uri}/collections/{number}"
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": uri,
        "type": "FeaturedCollection",
        "name": "Stones",
        "summaryMap": {"de": "Harte <b>Sachen</b>"},
        "attributedTo": by.uri,
        "url": f"https://{by.host}/collections/{number}",
        "sensitive": False,
        "discoverable": True,
        "topic": {"type": "Hashtag", "name": "#stones", "href": f"https://{by.host}/tags/stones"},
        "published": "2023-01-01T00:00:00Z",
        "updated": "2023-01-02T00:00:00Z",
        "totalItems": len(members),
        "orderedItems": [
            {
                "id": f"{by.uri}/collection_items/{number}-{at}",
                "type": "FeaturedItem",
                "featuredObject": getattr(one, "uri", one),
                "featuredObjectType": "Person",
                "featureAuthorization": f"{getattr(one, 'uri', one)}/feature_authorizations/{number}",
            }
            for at, one in enumerate(members)
        ],
    } | changes


def proof(of: Actor, collection: dict[str, Any], number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{of.uri}/feature_authorizations/{number}",
        "type": "FeatureAuthorization",
        "interactingObject": collection["id"],
        "interactionTarget": of.uri,
    } | changes


async def looked_up(fediverse: Fediverse, me: AccountView, url: str) -> Any:
    api = await fediverse.world.api_as(me)
    found = (await api.get("/api/v2/search", q=url, resolve=True)).json["collections"]
    await fediverse.world.settle()
    return found


# Ours ------------------------------------------------------------------------------------------------


async def test_somebody_elsewhere_is_asked_agrees_and_leaves(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse, interactionPolicy=OPEN)
    them = await the_account(fediverse, bob.uri)
    new = await made(fediverse, ana, them)
    (asked,) = sent(fediverse, "FeatureRequest")
    assert (asked["actor"], asked["object"], asked["instrument"]) == (ana.uri, bob.uri, new.uri)
    assert [one.state for one in await items(fediverse, new)] == ["pending"]
    shown = await document(fediverse, new.uri)
    assert shown["orderedItems"] == []
    result = f"{bob.uri}/feature_authorizations/7"
    accept = fediverse.activity("Accept", bob, asked["id"], result=result)
    await fediverse.deliver(bob, accept)
    (item,) = await items(fediverse, new)
    assert (item.state, item.approval_uri) == ("accepted", result)
    shown = read_curated(await document(fediverse, new.uri))
    assert [(one.object_uri, one.authorization_uri) for one in shown.items] == [(bob.uri, result)]
    added = next(doc for doc in sent(fediverse, "Add") if doc["target"] == new.uri)
    assert (added["object"]["featuredObject"], added["object"]["featureAuthorization"]) == (bob.uri, result)
    stamp = {"id": result, "type": "FeatureAuthorization", "interactingObject": new.uri, "interactionTarget": bob.uri}
    await fediverse.deliver(bob, fediverse.activity("Delete", bob, stamp))
    assert [one.state for one in await items(fediverse, new)] == ["revoked"]
    removed = sent(fediverse, "Remove")[-1]
    assert (removed["object"], removed["target"]) == (item.uri, new.uri)


async def test_a_refusal_and_an_answer_by_another_change_nothing_that_shows(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse, interactionPolicy=OPEN)
    eve = fediverse.actor("eve", "evil.test")
    await fediverse.world.server.remote.account(eve.uri)
    new = await made(fediverse, ana, await the_account(fediverse, bob.uri))
    (asked,) = sent(fediverse, "FeatureRequest")
    stolen = fediverse.activity("Accept", eve, asked["id"], result=f"{eve.uri}/stamp")
    await fediverse.deliver(eve, stolen)
    foreign = fediverse.activity("Accept", bob, asked["id"], result=f"{eve.uri}/stamp")
    await fediverse.deliver(bob, foreign)
    assert [one.state for one in await items(fediverse, new)] == ["pending"]
    await fediverse.deliver(bob, fediverse.activity("Reject", bob, asked["id"]))
    assert [one.state for one in await items(fediverse, new)] == ["rejected"]


async def test_changes_go_to_followers_and_members_hidden_ones_to_members_alone(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse, interactionPolicy=OPEN)
    server = fediverse.world.server
    follow = fediverse.activity("Follow", bob, ana.uri)
    await fediverse.deliver(bob, follow)
    fediverse.http.posted.clear()
    new = await made(fediverse, ana, description="hard", tag="Stones")
    (added,) = sent(fediverse, "Add")
    assert (added["object"]["id"], added["target"]) == (
        new.uri,
        f"https://here.test/ap/users/{ana.id}/featured_collections",
    )
    assert added["object"]["topic"]["name"] == "#Stones"
    async with server.write() as tx:
        await curating.change(tx, server, ana, new.id, Draft(name="Pebbles", discoverable=False))
    await fediverse.world.settle()
    assert sent(fediverse, "Update") == []
    async with server.write() as tx:
        await curating.change(tx, server, ana, new.id, Draft(discoverable=True))
    await fediverse.world.settle()
    (updated,) = sent(fediverse, "Update")
    assert (updated["object"]["name"], updated["object"]["summary"]) == ("Pebbles", "hard")
    async with server.write() as tx:
        await curating.remove(tx, ana, new.id)
    await fediverse.world.settle()
    assert sent(fediverse, "Remove")[-1]["object"] == new.uri


async def document(fediverse: Fediverse, uri: str) -> Any:
    got = await (await fediverse.world.api_as()).get(
        uri.removeprefix("https://here.test"), headers={"accept": "application/activity+json"}
    )
    assert got.code == 200, got.text
    return got.json


async def test_actors_name_their_collections_and_who_may_feature_them(fediverse: Fediverse) -> None:
    ana, shy = await discoverable(fediverse, "ana"), await fediverse.world.account("shy")
    locked = await discoverable(fediverse, "lou", locked=True)
    new, hidden = await made(fediverse, ana, ana), await made(fediverse, ana, discoverable=False)
    actor = await document(fediverse, ana.uri)
    assert actor["interactionPolicy"] == {"canFeature": {"automaticApproval": [PUBLIC]}}
    assert actor["featuredCollections"] == f"https://here.test/ap/users/{ana.id}/featured_collections"
    policies = [(await document(fediverse, one.uri))["interactionPolicy"]["canFeature"] for one in (shy, locked)]
    assert [one["automaticApproval"] for one in policies] == [[shy.uri], [f"{locked.uri}/followers"]]
    listed = await document(fediverse, actor["featuredCollections"])
    assert [one["id"] for one in listed["items"]] == [new.uri]
    assert (await document(fediverse, hidden.uri))["discoverable"] is False
    (item,) = read_curated(await document(fediverse, new.uri)).items
    assert (await document(fediverse, item.uri))["featuredObject"] == ana.uri
    stamp = read_authorization(await document(fediverse, item.authorization_uri))
    assert (stamp.collection, stamp.actor) == (new.uri, ana.uri)


# Theirs ----------------------------------------------------------------------------------------------


async def test_a_pasted_address_is_read_and_members_show_once_proved(fediverse: Fediverse) -> None:
    ana = await fediverse.world.account("ana")
    bob, cat, eve = fediverse.actor(), fediverse.actor("cat", "cats.test"), fediverse.actor("eve", "evil.test")
    doc = curated(bob, cat, eve, ana)
    fediverse.http.serve(doc)
    fediverse.http.serve(proof(cat, doc))
    fediverse.http.serve(proof(eve, doc, interactingObject="https://there.test/another"))
    (found,) = await looked_up(fediverse, ana, doc["id"])
    assert (found["name"], found["language"], found["local"]) == ("Stones", "de", False)
    assert (found["description"], found["tag"]["name"]) == ("Harte <b>Sachen</b>", "stones")
    api = await fediverse.world.api_as(ana)
    shown = (await api.get(f"/api/v1/collections/{found['id']}")).json
    assert [one["acct"] for one in shown["accounts"]] == ["bob@there.test", "cat@cats.test"]
    assert [one.state for one in await items(fediverse, int(found["id"]))] == ["accepted", "rejected"]


async def test_what_is_more_than_150_or_of_another_host_is_not_read(fediverse: Fediverse) -> None:
    ana = await fediverse.world.account("ana")
    bob = fediverse.actor()
    doc = curated(bob, *[f"https://x{number}.test/u" for number in range(200)])
    fediverse.http.serve(doc)
    (found,) = await looked_up(fediverse, ana, doc["id"])
    assert len(await items(fediverse, int(found["id"]))) == 150
    forged = curated(bob, number=2, id="https://evil.test/c")
    fediverse.http.serve(forged)
    assert await looked_up(fediverse, ana, forged["id"]) == []


@pytest.mark.parametrize("with_actor", [True, False])
async def test_one_of_ours_is_asked_told_and_leaves(fediverse: Fediverse, with_actor: bool) -> None:
    ana, bob = await discoverable(fediverse, "ana"), fediverse.actor()
    await fediverse.world.server.remote.account(bob.uri)
    doc = curated(bob)
    fediverse.http.serve(doc)
    request = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{bob.uri}/feature_requests/8d1f",
        "type": "FeatureRequest",
        "object": ana.uri,
        "instrument": doc["id"],
    } | ({"actor": bob.uri} if with_actor else {})
    await fediverse.deliver(bob, request)
    await fediverse.world.settle()
    (accept,) = sent(fediverse, "Accept")
    assert (accept["object"], accept["actor"]) == (request["id"], ana.uri)
    stamp = read_authorization(await document(fediverse, accept["result"]))
    assert (stamp.collection, stamp.actor) == (doc["id"], ana.uri)
    api = await fediverse.world.api_as(ana)
    (told,) = (await api.get("/api/v1/notifications", types=["added_to_collection"])).json
    assert told["collection"]["name"] == "Stones"
    member = curated(bob, ana)["orderedItems"][0] | {"featureAuthorization": accept["result"]}
    add = fediverse.activity("Add", bob, member, target=doc["id"])
    await fediverse.deliver(bob, add)
    (item,) = await items(fediverse, int(told["collection"]["id"]))
    assert (item.uri, item.state) == (member["id"], "accepted")
    for newer in ({"updated": "2023-02-01T00:00:00Z"}, {"name": "Pebbles", "updated": "2023-02-02T00:00:00Z"}):
        update = fediverse.activity("Update", bob, curated(bob) | newer | {"orderedItems": [member]})
        await fediverse.deliver(bob, update)
        await fediverse.world.settle()
        changed = (await api.get("/api/v1/notifications", types=["collection_update"])).json
        assert [one["collection"]["name"] for one in changed] == ["Pebbles"] * ("name" in newer)
    assert (await api.post(f"/api/v1/collections/{item.collection_id}/items/{item.id}/revoke")).code == 200
    await fediverse.world.settle()
    (delete,) = sent(fediverse, "Delete")
    assert delete["object"]["id"] == accept["result"]
    again = request | {"id": f"{bob.uri}/feature_requests/9"}
    await fediverse.deliver(bob, again)
    await fediverse.world.settle()
    assert [one["object"] for one in sent(fediverse, "Reject")] == [again["id"]]


async def test_who_does_not_want_to_be_found_is_refused(fediverse: Fediverse) -> None:
    shy, bob = await fediverse.world.account("shy"), fediverse.actor()
    doc = curated(bob)
    fediverse.http.serve(doc)
    request = fediverse.activity("FeatureRequest", bob, shy.uri, instrument=doc["id"])
    await fediverse.world.server.remote.account(bob.uri)
    await fediverse.deliver(bob, request)
    await fediverse.world.settle()
    assert [one["object"] for one in sent(fediverse, "Reject")] == [request["id"]]


async def test_another_server_cannot_claim_that_one_of_ours_agreed(fediverse: Fediverse) -> None:
    ana, bob = await discoverable(fediverse, "ana"), fediverse.actor()
    doc = curated(bob, ana)
    fediverse.http.serve(doc)
    (found,) = await looked_up(fediverse, ana, doc["id"])
    assert (found["items"], await items(fediverse, int(found["id"]))) == ([], [])


async def test_updates_adds_and_removals_are_followed(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse, featuredCollections="https://there.test/users/bob/featured_collections")
    cat = fediverse.actor("cat", "cats.test")
    doc = curated(bob, cat)
    fediverse.http.serve(doc)
    fediverse.http.serve(proof(cat, doc))
    add = fediverse.activity("Add", bob, doc, target="https://there.test/users/bob/featured_collections")
    await fediverse.deliver(bob, add)
    await fediverse.world.settle()
    api = await fediverse.world.api_as(ana)
    them = await the_account(fediverse, bob.uri)
    (shown,) = (await api.get(f"/api/v1/accounts/{them.id}/collections")).json["collections"]
    assert (shown["name"], shown["item_count"]) == ("Stones", 1)
    newer = curated(bob, name="Pebbles", updated="2023-02-01T00:00:00Z")
    await fediverse.deliver(bob, fediverse.activity("Update", bob, newer))
    older = curated(bob, name="Old", updated="2023-01-05T00:00:00Z")
    await fediverse.deliver(bob, fediverse.activity("Update", bob, older))
    await fediverse.world.settle()
    (shown,) = (await api.get(f"/api/v1/accounts/{them.id}/collections")).json["collections"]
    assert (shown["name"], shown["item_count"]) == ("Pebbles", 0)
    gone = fediverse.activity("Remove", bob, doc["id"], target="https://there.test/users/bob/featured_collections")
    await fediverse.deliver(bob, gone)
    await fediverse.world.settle()
    assert (await api.get(f"/api/v1/accounts/{them.id}/collections")).json["collections"] == []


async def test_looking_at_somebody_asks_which_collections_they_made(fediverse: Fediverse) -> None:
    address = "https://there.test/users/bob/featured_collections"
    ana, bob = await pair(fediverse, featuredCollections=address)
    fediverse.http.serve({"id": address, "type": "Collection", "first": f"{address}?page=1"})
    page = {"id": f"{address}?page=1", "type": "CollectionPage", "partOf": address}
    foreign = curated(fediverse.actor("eve", "evil.test"))
    fediverse.http.serve(page | {"items": [curated(bob), curated(bob, number=2)["id"], foreign]})
    fediverse.http.serve(curated(bob, number=2, name="More"))
    api = await fediverse.world.api_as(ana)
    them = await the_account(fediverse, bob.uri)
    for _ in range(2):
        await api.get(f"/api/v1/accounts/{them.id}/collections")
        await fediverse.world.settle()
    shown = (await api.get(f"/api/v1/accounts/{them.id}/collections")).json["collections"]
    assert {one["name"] for one in shown} == {"Stones", "More"}
    assert fediverse.http.asked.count(address) == 1
