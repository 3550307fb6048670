"""Quotes between servers: what is asked, answered, proved, believed and taken back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dassie.federation.vocab.activities import read_activity
from dassie.federation.vocab.notes import read_note
from dassie.store import quotes
from fediverse import PUBLIC, Actor, Fediverse
from following_here import the_status
from worlds import Client

EVERYBODY = {"canQuote": {"automaticApproval": [PUBLIC]}}


async def api(fediverse: Fediverse, name: str = "ana") -> Client:
    return await fediverse.world.api_as(await fediverse.world.account(name))


async def posted(of: Client, text: str = "hello", **values: Any) -> Any:
    got = await of.post("/api/v1/statuses", status=text, **values)
    assert got.code == 200, got.text
    return got.json


async def seen(of: Client, id: int | str) -> Any:
    got = await of.get(f"/api/v1/statuses/{id}")
    assert got.code == 200, got.text
    return got.json


def sent(fediverse: Fediverse, type: str) -> list[dict[str, Any]]:
    return [body for _, body in fediverse.http.posted if body["type"] == type]


async def theirs(fediverse: Fediverse, by: Actor, **changes: Any) -> tuple[dict[str, Any], int]:
    """(document, id here) of a post of somebody elsewhere."""
    note = fediverse.note(by, **changes)
    fediverse.http.serve(note)
    return note, await fediverse.world.server.remote.status(note["id"])


def request(fediverse: Fediverse, by: Actor, quoted: str, note: Any) -> dict[str, Any]:
    return fediverse.activity("QuoteRequest", by, quoted, instrument=note)


# Ours quote others -----------------------------------------------------------------------------------


async def asked(fediverse: Fediverse) -> tuple[Client, Actor, dict[str, Any], dict[str, Any]]:
    """(ana's client, bob, her quote of his post, the request he got)."""
    ana, bob = await api(fediverse), fediverse.actor()
    note, id = await theirs(fediverse, bob, interactionPolicy=EVERYBODY)
    made = await posted(ana, "look", quoted_status_id=id)
    await fediverse.world.settle()
    (activity,) = sent(fediverse, "QuoteRequest")
    assert activity["object"] == note["id"]
    return ana, bob, made, activity


async def test_an_author_elsewhere_is_asked_and_agrees(fediverse: Fediverse) -> None:
    ana, bob, made, activity = await asked(fediverse)
    assert made["quote"] == {"state": "pending", "quoted_status": None}
    read = read_activity(activity)
    assert (read.instrument.id, read.actor) == (made["uri"], "https://here.test/users/ana")
    create = read_note(activity["instrument"])
    assert create.quote is not None
    assert (create.quote.uri, create.quote.key, create.quote.authorization) == (activity["object"], "quote", None)
    assert 'class="quote-inline"' in create.content_html
    assert activity["instrument"]["_misskey_quote"] == activity["instrument"]["quoteUri"] == activity["object"]
    stamp = f"https://{bob.host}/stamps/1"
    await fediverse.deliver(bob, fediverse.activity("Accept", bob, activity, result=stamp))
    shown = await seen(ana, made["id"])
    assert shown["quote"]["state"] == "accepted"
    assert shown["quote"]["quoted_status"]["quotes_count"] == 1
    update = sent(fediverse, "Update")[-1]["object"]
    assert (update["id"], update["quoteAuthorization"]) == (made["uri"], stamp)
    assert "updated" not in update
    assert 'class="quote-inline"' not in shown["content"]


async def test_an_answer_by_the_id_of_the_request_alone_is_enough(fediverse: Fediverse) -> None:
    ana, bob, made, activity = await asked(fediverse)
    stamp = f"https://{bob.host}/stamps/1"
    await fediverse.deliver(bob, fediverse.activity("Accept", bob, activity["id"], result=stamp))
    assert (await seen(ana, made["id"]))["quote"]["state"] == "accepted"


@pytest.mark.parametrize("way", ["somebody else", "no result", "foreign result"])
async def test_only_the_author_agrees_and_only_with_a_consent_of_their_own(fediverse: Fediverse, way: str) -> None:
    ana, bob, made, activity = await asked(fediverse)
    eve = fediverse.actor("eve", "evil.test", key=1)
    await fediverse.world.server.remote.account(eve.uri)
    by, result = {
        "somebody else": (eve, f"https://{eve.host}/stamps/1"),
        "no result": (bob, None),
        "foreign result": (bob, f"https://{eve.host}/stamps/1"),
    }[way]
    await fediverse.deliver(by, fediverse.activity("Accept", by, activity, **({"result": result} if result else {})))
    assert (await seen(ana, made["id"]))["quote"]["state"] == "pending"


async def test_a_refusal_is_shown_and_a_late_one_takes_consent_back(fediverse: Fediverse) -> None:
    ana, bob, made, activity = await asked(fediverse)
    await fediverse.deliver(bob, fediverse.activity("Reject", bob, activity))
    assert (await seen(ana, made["id"]))["quote"]["state"] == "rejected"
    await fediverse.deliver(bob, fediverse.activity("Accept", bob, activity, result=f"https://{bob.host}/stamps/1"))
    assert (await seen(ana, made["id"]))["quote"]["state"] == "accepted"
    await fediverse.deliver(bob, fediverse.activity("Reject", bob, activity))
    assert (await seen(ana, made["id"]))["quote"]["state"] == "revoked"
    assert "quoteAuthorization" not in sent(fediverse, "Update")[-1]["object"]


async def test_consent_is_taken_back_by_deleting_it(fediverse: Fediverse) -> None:
    ana, bob, made, activity = await asked(fediverse)
    stamp = f"https://{bob.host}/stamps/1"
    await fediverse.deliver(bob, fediverse.activity("Accept", bob, activity, result=stamp))
    eve = fediverse.actor("eve", bob.host, key=1)
    await fediverse.world.server.remote.account(eve.uri)
    await fediverse.deliver(eve, fediverse.activity("Delete", eve, stamp))
    assert (await seen(ana, made["id"]))["quote"]["state"] == "accepted"
    await fediverse.deliver(bob, fediverse.activity("Delete", bob, {"id": stamp, "type": "QuoteAuthorization"}))
    assert (await seen(ana, made["id"]))["quote"] == {"state": "revoked", "quoted_status": None}
    update = sent(fediverse, "Update")[-1]["object"]
    assert "quoteAuthorization" not in update
    assert "_misskey_quote" not in update


async def test_who_may_quote_is_read_from_their_policy(fediverse: Fediverse) -> None:
    ana, bob = await api(fediverse), fediverse.actor()
    cases: list[tuple[Any, dict[str, Any]]] = [
        (EVERYBODY, {"automatic": ["public"], "manual": [], "current_user": "automatic"}),
        (None, {"automatic": [], "manual": [], "current_user": "denied"}),
        ({"canQuote": {"automaticApproval": [bob.uri]}}, {"automatic": [], "manual": [], "current_user": "denied"}),
        (
            {"canQuote": {"automaticApproval": bob.followers, "manualApproval": "as:Public"}},
            {"automatic": ["followers"], "manual": ["public"], "current_user": "manual"},
        ),
        (
            {"canQuote": {"automaticApproval": ["https://x.test/friends"]}},
            {"automatic": ["unsupported_policy"], "manual": [], "current_user": "unknown"},
        ),
    ]
    for policy, approval in cases:
        changes = {"interactionPolicy": policy} if policy else {}
        _, id = await theirs(fediverse, bob, **changes)
        assert (await seen(ana, id))["quote_approval"] == approval
        got = await ana.post("/api/v1/statuses", status="x", quoted_status_id=id)
        assert got.code == (404 if approval["current_user"] == "denied" else 200)


# Others quote ours -----------------------------------------------------------------------------------


async def test_a_request_is_answered_with_a_consent_that_can_be_read(fediverse: Fediverse) -> None:
    ana, bob = await api(fediverse), fediverse.actor()
    first = await posted(ana)
    note = fediverse.note(bob, quote=first["uri"])
    await fediverse.deliver(bob, request(fediverse, bob, first["uri"], note))
    (accept,) = sent(fediverse, "Accept")
    quote = await the_status(fediverse, note["id"])
    assert quote is not None
    assert accept["result"] == f"https://here.test/users/ana/quote_authorizations/{quote.id}"
    assert accept["object"]["instrument"] == note["id"]
    anybody = await fediverse.world.api_as()
    path = accept["result"].removeprefix("https://here.test")
    got = await anybody.request("GET", path, headers={"accept": "application/activity+json"})
    doc = got.json
    assert (doc["type"], doc["attributedTo"]) == ("QuoteAuthorization", "https://here.test/users/ana")
    assert (doc["interactingObject"], doc["interactionTarget"]) == (note["id"], first["uri"])
    assert (await seen(ana, first["id"]))["quotes_count"] == 1
    assert [one["type"] for one in (await ana.get("/api/v1/notifications")).json] == ["quote"]
    update = note | {"quoteAuthorization": accept["result"], "content": "<p>now</p>"}
    update["updated"] = fediverse.note(bob)["published"]
    await fediverse.deliver(bob, fediverse.activity("Update", bob, update, to=[PUBLIC]))
    assert (await seen(ana, quote.id))["quote"]["quoted_status"]["id"] == first["id"]
    await fediverse.deliver(bob, request(fediverse, bob, first["uri"], note))
    assert len(sent(fediverse, "Accept")) == 2
    assert (await seen(ana, first["id"]))["quotes_count"] == 1

    got = await ana.post(f"/api/v1/statuses/{first['id']}/quotes/{quote.id}/revoke")
    assert got.json["quote"]["state"] == "revoked"
    await fediverse.world.settle()
    (delete,) = sent(fediverse, "Delete")
    assert (delete["object"]["id"], delete["object"]["type"]) == (accept["result"], "QuoteAuthorization")
    got = await anybody.request("GET", path, headers={"accept": "application/activity+json"})
    assert got.code == 404
    await fediverse.deliver(bob, request(fediverse, bob, first["uri"], note))
    assert len(sent(fediverse, "Reject")) == 1


async def test_a_quote_for_their_followers_is_read_and_ended_by_the_author(fediverse: Fediverse) -> None:
    ana, bob = await api(fediverse), fediverse.actor()
    cleo = await api(fediverse, "cleo")
    first = await posted(ana)
    note = fediverse.note(bob, quote=first["uri"], to=[bob.followers], cc=[])
    await fediverse.deliver(bob, request(fediverse, bob, first["uri"], note))
    (accept,) = sent(fediverse, "Accept")
    quote = await the_status(fediverse, note["id"])
    assert (await seen(ana, quote.id))["visibility"] == "private"
    assert [one["type"] for one in (await ana.get("/api/v1/notifications")).json] == ["quote"]
    assert (await cleo.get(f"/api/v1/statuses/{quote.id}")).code == 404
    got = await ana.post(f"/api/v1/statuses/{first['id']}/quotes/{quote.id}/revoke")
    assert (got.json["id"], got.json["quote"]["state"]) == (str(quote.id), "revoked")
    await fediverse.world.settle()
    assert [one["object"]["id"] for one in sent(fediverse, "Delete")] == [accept["result"]]


@pytest.mark.parametrize("why", ["nobody", "followers", "blocked", "private"])
async def test_a_request_against_the_wish_of_the_author_is_refused(fediverse: Fediverse, why: str) -> None:
    ana, bob = await api(fediverse), fediverse.actor()
    settings = {"visibility": "private"} if why == "private" else {}
    if why in ("nobody", "followers"):
        settings["quote_approval_policy"] = why
    first = await posted(ana, **settings)
    if why == "blocked":
        id = await fediverse.world.server.remote.account(bob.uri)
        await ana.post(f"/api/v1/accounts/{id}/block")
        await fediverse.world.settle()
    note = fediverse.note(bob, quote=first["uri"])
    await fediverse.deliver(bob, request(fediverse, bob, first["uri"], note))
    assert (len(sent(fediverse, "Reject")), len(sent(fediverse, "Accept"))) == (1, 0)
    assert sent(fediverse, "Reject")[0]["object"]["instrument"] == note["id"]
    assert (await seen(ana, first["id"]))["quotes_count"] == 0


async def test_followers_may_where_followers_may(fediverse: Fediverse) -> None:
    ana, bob = await api(fediverse), fediverse.actor()
    first = await posted(ana, quote_approval_policy="followers")
    await fediverse.deliver(bob, fediverse.activity("Follow", bob, "https://here.test/users/ana"))
    note = fediverse.note(bob, quote=first["uri"])
    await fediverse.deliver(bob, request(fediverse, bob, first["uri"], note))
    assert sent(fediverse, "Accept")[-1]["object"]["type"] == "QuoteRequest"


async def test_a_request_for_what_somebody_else_wrote_is_refused(fediverse: Fediverse) -> None:
    ana, bob = await api(fediverse), fediverse.actor()
    eve = fediverse.actor("eve", "evil.test", key=1)
    first = await posted(ana)
    note, _ = await theirs(fediverse, bob, quote=first["uri"])
    await fediverse.deliver(eve, request(fediverse, eve, first["uri"], note))
    other = fediverse.note(eve, quote="https://here.test/users/ana/statuses/1")
    await fediverse.deliver(eve, request(fediverse, eve, first["uri"], other))
    assert (len(sent(fediverse, "Reject")), len(sent(fediverse, "Accept"))) == (2, 0)


async def test_old_styles_quote_nothing_before_their_author_asks(fediverse: Fediverse) -> None:
    ana, bob = await api(fediverse), fediverse.actor()
    first = await posted(ana)
    for key in ("quoteUrl", "quoteUri", "_misskey_quote", "quote"):
        _, id = await theirs(fediverse, bob, **{key: first["url"]})
        assert (await seen(ana, id))["quote"] == {"state": "pending", "quoted_status": None}
    tag = {"type": "Link", "mediaType": "application/activity+json", "href": first["uri"]}
    _, id = await theirs(fediverse, bob, tag=[tag])
    assert (await seen(ana, id))["quote"]["state"] == "pending"
    assert (await seen(ana, first["id"]))["quotes_count"] == 0


# Others quote one another ----------------------------------------------------------------------------


async def proved(
    fediverse: Fediverse, ana: Client, stamp: dict[str, Any], at: str = "there.test", **changes: Any
) -> dict[str, Any]:
    """How ana sees carl's quote of bob's post, where this consent is served."""
    bob = fediverse.actor()
    carl = fediverse.actor("carl", "far.test", key=1)
    note, _ = await theirs(fediverse, bob)
    await fediverse.world.server.remote.account(carl.uri)
    quote = fediverse.note(carl, quote=note["id"], quoteAuthorization=f"https://{at}/stamps/1", **changes)
    doc = {
        "id": f"https://{at}/stamps/1",
        "type": "QuoteAuthorization",
        "attributedTo": bob.uri,
        "interactingObject": quote["id"],
        "interactionTarget": note["id"],
    }
    fediverse.http.serve(doc | stamp)
    id = await fediverse.world.server.remote.account(carl.uri)
    await ana.post(f"/api/v1/accounts/{id}/follow")
    await fediverse.world.settle()
    follow = sent(fediverse, "Follow")[-1]
    await fediverse.deliver(carl, fediverse.activity("Accept", carl, follow))
    await fediverse.deliver(carl, fediverse.create(carl, quote))
    row = await the_status(fediverse, quote["id"])
    assert row is not None
    shown: dict[str, Any] = (await seen(ana, row.id))["quote"]
    return shown


async def test_a_quote_with_a_true_consent_is_shown(fediverse: Fediverse) -> None:
    ana = await api(fediverse)
    shown = await proved(fediverse, ana, {})
    assert shown["state"] == "accepted"
    assert shown["quoted_status"]["account"]["acct"] == "bob@there.test"


@pytest.mark.parametrize(
    ("stamp", "at"),
    [
        ({"attributedTo": "https://there.test/users/eve"}, "there.test"),
        ({"interactingObject": "https://far.test/notes/other"}, "there.test"),
        ({"interactionTarget": "https://there.test/notes/other"}, "there.test"),
        ({"type": "Note"}, "there.test"),
        ({}, "far.test"),
        ({}, "www.there.test"),
    ],
)
async def test_a_consent_that_proves_something_else_shows_nothing(
    fediverse: Fediverse, stamp: dict[str, Any], at: str
) -> None:
    ana = await api(fediverse)
    assert await proved(fediverse, ana, stamp, at) == {"state": "pending", "quoted_status": None}


async def test_a_good_consent_after_a_bad_one_counts(fediverse: Fediverse) -> None:
    ana = await api(fediverse)
    assert (await proved(fediverse, ana, {"type": "Note"}))["state"] == "pending"
    carl = fediverse.actors["https://far.test/users/carl"]
    doc = msgspec.json.decode(fediverse.http.answers["https://there.test/stamps/1"].body)
    doc |= {"type": "QuoteAuthorization", "id": "https://there.test/stamps/2"}
    fediverse.http.serve(doc)
    changes = {"id": doc["interactingObject"], "quote": doc["interactionTarget"], "quoteAuthorization": doc["id"]}
    note = fediverse.note(carl, **changes)
    await fediverse.deliver(carl, fediverse.activity("Update", carl, note, to=[PUBLIC]))
    row = await the_status(fediverse, note["id"])
    assert row is not None
    assert (await seen(ana, row.id))["quote"]["state"] == "accepted"
    await fediverse.deliver(carl, fediverse.activity("Delete", carl, doc["id"]))
    assert (await seen(ana, row.id))["quote"]["state"] == "accepted"
    bob = fediverse.actors["https://there.test/users/bob"]
    await fediverse.deliver(bob, fediverse.activity("Delete", bob, doc["id"]))
    assert (await seen(ana, row.id))["quote"]["state"] == "revoked"


async def test_who_quotes_themself_needs_no_consent(fediverse: Fediverse) -> None:
    ana, bob = await api(fediverse), fediverse.actor()
    note, _ = await theirs(fediverse, bob)
    _, id = await theirs(fediverse, bob, quoteUrl=note["id"])
    assert (await seen(ana, id))["quote"]["state"] == "accepted"


async def test_posts_that_quote_one_another_end(fediverse: Fediverse) -> None:
    ana, bob = await api(fediverse), fediverse.actor()
    first = fediverse.note(bob)
    second = fediverse.note(bob, quote=first["id"])
    first["quote"] = second["id"]
    for note in (first, second):
        fediverse.http.serve(note)
    id = await fediverse.world.server.remote.status(first["id"])
    await seen(ana, id)
    await fediverse.world.app.materialiser.attend()
    await fediverse.world.settle()
    shown = (await seen(ana, id))["quote"]
    assert shown["state"] == "accepted"
    async with fediverse.world.server.read() as tx:
        assert len(await quotes.of_statuses(tx, [id, int(shown["quoted_status"]["id"])])) == 2


async def test_a_removed_quote_is_shown_as_deleted(fediverse: Fediverse) -> None:
    ana, bob = await api(fediverse), fediverse.actor()
    note, _ = await theirs(fediverse, bob)
    quote, id = await theirs(fediverse, bob, quote=note["id"])
    gone = quote | {"quote": {"type": "Tombstone"}}
    await fediverse.deliver(bob, fediverse.activity("Update", bob, gone, to=[PUBLIC]))
    assert (await seen(ana, id))["quote"] == {"state": "deleted", "quoted_status": None}


async def test_each_version_says_what_it_quoted(fediverse: Fediverse) -> None:
    ana, bob = await api(fediverse), fediverse.actor()
    note, quoted = await theirs(fediverse, bob)
    quote, id = await theirs(fediverse, bob)
    fediverse.world.clock.forward(hours=1)
    changed = quote | {"quote": note["id"], "content": "<p>now</p>", "updated": fediverse.note(bob)["published"]}
    await fediverse.deliver(bob, fediverse.activity("Update", bob, changed, to=[PUBLIC]))
    first, second = (await ana.get(f"/api/v1/statuses/{id}/history")).json
    assert "quote" not in first
    assert (second["quote"]["state"], second["quote"]["quoted_status"]["id"]) == ("accepted", str(quoted))
