"""Real documents of 49 kinds of software, each read and compared with the facts its manifest states.

They are not ours to publish: the folder is named by DASSIE_SAMPLES. Facts that need a server stay out:
relevance, signatures, refetching (`boost-only-if-refetched`, `reject` of a spoofed object), the author
behind a Delete or Undo (`ignore-not-author`), media types and redirects of HTTP, and following WebFinger
from one domain to the next (`requery-subject-domain`, the exchanges' `acct`).
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest

from dassie.federation.vocab.activities import ActivityDoc, read_activity
from dassie.federation.vocab.actors import ActorDoc, read_actor
from dassie.federation.vocab.addressing import Audience
from dassie.federation.vocab.collections import read_collection
from dassie.federation.vocab.documents import Malformed, decode, unsafe_for_signature
from dassie.federation.vocab.nodeinfo import read_nodeinfo, read_nodeinfo_link
from dassie.federation.vocab.notes import NoteDoc, read_note
from dassie.federation.vocab.values import host_of
from dassie.federation.vocab.webfinger import parse_handle, read_host_meta, read_jrd

Row = dict[str, str]
Facts = dict[str, Any]

_FOLDER = os.environ.get("DASSIE_SAMPLES")
_ROOT = Path(_FOLDER, "federation") if _FOLDER else None
_KINDS = {"activity", "actor", "object", "collection", "webfinger", "nodeinfo", "http-response"}
_ADDED_ID = "https://added.example/id"

needs_samples = pytest.mark.skipif(_ROOT is None, reason="DASSIE_SAMPLES names no folder of real payloads")


def _rows() -> list[Row]:
    if _ROOT is None:
        return []
    with (_ROOT / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["kind"] in _KINDS]


# Where we read otherwise than the manifest, and why.
_LEMMY = "Lemmy and PeerTube name the language in their own key"
_CC = "followers are honoured in cc, as the Pleroma family means it"
_OURS: dict[tuple[str, str], tuple[Any, str]] = {
    ("activities/lemmy-activities-create-or-update-create-page.json", "language"): ("ko", _LEMMY),
    ("objects/lemmy-comment.json", "language"): ("fr", _LEMMY),
    ("objects/lemmy-page-image-and-link.json", "language"): ("fr", _LEMMY),
    ("objects/peertube-peertube-create-video-1.json", "language"): ("en", _LEMMY),
    ("objects/peertube-peertube-social.json", "language"): ("en", _LEMMY),
    ("objects/peertube-video.json", "language"): ("en", _LEMMY),
    ("activities/spec-fep-7458-b2.json", "visibility"): ("private", _CC),
    ("activities/spec-fep-7458-b4.json", "visibility"): ("private", _CC),
    ("activities/funkwhale-delete-b2.json", "object_id"): (None, "an id must be one id"),
    ("activities/mobilizon-mobilizon-post-activity-media-2.json", "media_with_alt"): (
        0,
        "Mobilizon's `Banner` says which picture it is, not what is on it",
    ),
    ("actors/bridgy-fed-fixtures-bridgy-actor-8c081b.json", "key_id"): (None, "the key's id is no URL"),
    ("actors/gnusocial-gnusocial-objects-group.json", "key_id"): (None, "the key is owned by somebody else"),
    ("activities/mbin-updatetest-testupdatemagazine-1.json", "key_id"): (None, "owned by somebody else"),
    ("activities/mbin-announcetest-testannounceupdatemagazine-1.json", "key_id"): (None, "owned by another"),
    ("actors/spec-fep-521a-test-case-b4.json", "assertion_methods"): (0, "controller is another, no key"),
    ("actors/spec-fep-e965-test-case-b2.json", "moved_to"): (None, "moved and copied contradict each other"),
    ("actors/spec-fep-e965-test-case-b5.json", "moved_to"): (None, "effect ignore-movedTo: no URL"),
    ("actors/plume-mod-l633.json", "avatar"): (False, "a picture without a URL is none"),
    ("actors/plume-mod-l633.json", "header"): (False, "a picture without a URL is none"),
    ("objects/kbin-page-b1.json", "hashtags"): (1, "kbin writes the word in `tag`"),
    ("http-responses/peertube-hostmeta-framatube-org.json", "lrdd_templates"): (
        True,
        "one is found: the Link has a child element and is still a Link",
    ),
    ("nodeinfos/wordpress-wp-event-federation.json", "best_schema"): (
        "http://nodeinfo.diaspora.software/ns/schema/2.0",
        "rels that are no schema are passed over",
    ),
}
_REFUSED = {
    "activities/generic-jsonld-unsafe-graph-alias-chain.json": "no object",
    "activities/generic-jsonld-unsafe-graph-only.json": "no type",
    "activities/gotosocial-move-test-l136.json": "not of its own actor",
    "activities/gotosocial-move-test-l149.json": "not of its own actor",
    "activities/gotosocial-move-test-l162.json": "leads nowhere",
    "actors/spec-fep-1042-b2.json": "no id",  # ipns: an id we cannot check
    "http-responses/mastodon-raw-localdomain-webfinger.json": "not JSON",  # XRD, from before JRD
}
_ACTIVITY_OF_EFFECT = {
    "accept-by-id": "Accept",
    "accept-follow": "Accept",
    "accept-interaction": "Accept",
    "block": "Block",
    "boost": "Announce",
    "boost-only-if-refetched": "Announce",
    "convert-status": "Create",
    "create-status": "Create",
    "delete-actor": "Delete",
    "delete-status": "Delete",
    "edit-status": "Update",
    "favourite": "Like",
    "fetch-object-then-create": "Create",
    "follow-request": "Follow",
    "move-followers": "Move",
    "poll-vote": "Create",
    "relay-subscribe": "Follow",
    "report": "Flag",
    "undo-boost": "Undo",
    "undo-favourite": "Undo",
    "undo-follow": "Undo",
    "update-profile": "Update",
}
_CARRIERS = ("Create", "Update", "Announce")
_INNER_OF_EFFECT = {
    "accept-follow": "Follow",
    "undo-boost": "Announce",
    "undo-favourite": "Like",
    "undo-follow": "Follow",
}


@needs_samples
@pytest.mark.parametrize("row", _rows(), ids=lambda row: row["file"])
def test_real_document_is_read_as_its_manifest_says(row: Row) -> None:
    _check(row)


@needs_samples
def test_no_row_of_the_manifest_is_passed_over() -> None:
    rows = _rows()
    visited = [row["file"] for row in rows if _check(row)]
    assert _ROOT is not None
    files = {f"{path.parent.name}/{path.name}" for path in _ROOT.glob("*/*.json") if path.parent.name != "vectors"}
    assert len(visited) == len(rows) == len(files)
    assert set(visited) == files
    assert Counter(row["kind"] for row in rows).keys() == _KINDS


@needs_samples
def test_columns_of_the_manifest_say_the_same_as_its_facts() -> None:
    for row in _rows():
        facts = json.loads(row["expected"] or "{}")
        if "boost_visibility" in facts:
            facts["visibility"] = facts["boost_visibility"]
        for name in ("visibility", "mentions", "media", "poll_options", "in_reply_to", "quote", "language"):
            if row[name]:
                assert row[name] == str(facts[name]), (row["file"], name)


def _check(row: Row) -> bool:
    """Check one row; true when at least its refusal or one fact was checked."""
    assert _ROOT is not None
    body = (_ROOT / row["file"]).read_bytes()
    kind = row["kind"]
    if kind == "http-response":
        body, kind = json.loads(body)["body"].encode(), row["type"]
    if row["file"] in _REFUSED:
        with pytest.raises(Malformed, match=_REFUSED[row["file"]]):
            _READERS[kind](body, row)
        return True
    facts = _READERS[kind](_with_id(body, row), row)
    expected = json.loads(row["expected"] or "{}")
    _compare(row["file"], facts, expected)
    return bool(facts)


def _with_id(body: bytes, row: Row) -> bytes:
    """Examples of specifications leave out ids that we insist on."""
    if row["kind"] not in ("object", "actor"):
        return body
    doc = decode(body)
    if "id" in doc:
        return body
    with pytest.raises(Malformed, match="no id"):
        (read_note if row["kind"] == "object" else read_actor)(doc)
    return json.dumps({**doc, "id": _ADDED_ID}).encode()


def _compare(file: str, facts: Facts, expected: Facts) -> None:
    # a fact that nobody reads is a fault of this test, so a missing one is an error
    for name, value in expected.items():
        if (file, name) in _OURS:
            value = _OURS[file, name][0]
        elif name == "inner" or (name == "object" and isinstance(value, dict)):
            _compare(file, facts[name], value)
            continue
        assert _same(facts[name], value), (file, name, facts[name], value)
    for name in ("title", "language", "quote", "in_reply_to", "edited", "moved_to", "key_id"):
        if name in facts and name not in expected:
            assert facts[name] in (None, "", False, _OURS.get((file, name), ("",))[0]), (file, name, facts[name])


def _same(found: Any, expected: Any) -> bool:
    if expected == "none":  # addressed to nobody
        return bool(found == "direct")
    if isinstance(expected, str) and isinstance(found, bool):
        return found == (expected == "true")
    if isinstance(expected, str) and isinstance(found, str):
        return found.strip() == expected.strip()
    return bool(found == expected)


def _followers(audience: Audience, host: str) -> str | None:
    """The followers collection the author's document would name. Only tests may guess it by its look."""
    return next((uri for uri in audience.people if "/followers" in uri and host_of(uri) == host), None)


def _note(doc: Facts, audience: Audience | None = None) -> Facts:
    note = read_note(doc, activity_audience=audience)
    context = doc.get("context")
    facts: Facts = {
        "attributed_to_count": len(note.authors),
        "author": note.author,
        "content_empty": note.content_empty,
        "context": context
        if isinstance(context, list) and note.context in context
        else note.context or note.conversation,
        "edited": note.updated is not None,
        "emojis": len(note.emojis),
        "has_cw": bool(note.spoiler_text),
        "hashtags": len(note.hashtags),
        "in_reply_to": note.in_reply_to,
        "interaction_policy": note.policy is not None,
        "language": note.language,
        "likes_count": note.likes_count,
        "link_attachments": len(note.links),
        "mapping": note.mapping,
        "media": len(note.attachments),
        "media_with_alt": sum(bool(media.description) for media in note.attachments),
        "mentions": len(note.mentions),
        "object_id": note.uri,
        "object_type": note.type,
        "quote": note.quote_uri,
        "quote_key": note.quote.key if note.quote else None,
        "sensitive": note.sensitive,
        "shares_count": note.shares_count,
        "summary_is_description": bool(doc.get("summary")) and note.converted,
        "title": note.title,
        "url": note.url,
        "visibility": note.visibility(_followers(note.audience, host_of(note.author or note.uri))),
    }
    if note.poll:
        facts["poll_options"] = len(note.poll.options)
        facts["poll_votes"] = [option.votes for option in note.poll.options]
        facts["poll_multiple"] = note.poll.multiple
        facts["voters"] = note.poll.voters_count
    if note.title and note.converted:
        assert note.content_html.startswith(f"<h2>{escape(note.title)}</h2>")
    return facts


def _actor(doc: Facts) -> Facts:
    actor: ActorDoc = read_actor(doc)
    return {
        "also_known_as": len(actor.also_known_as),
        "assertion_methods": sum(bool(key.multibase) for key in actor.keys),
        "attribution_domains": len(actor.attribution_domains),
        "avatar": actor.icon is not None,
        "bot": actor.is_bot,
        "discoverable": actor.discoverable,
        "display_name": actor.name,
        "emojis": len(actor.emojis),
        "featured": actor.featured is not None,
        "fields": len(actor.fields),
        "group": actor.is_group,
        "header": actor.image is not None,
        "inbox": actor.inbox,
        "indexable": actor.indexable or (None if "indexable" not in doc else False),
        "key_id": actor.keys[0].key_id if actor.keys else None,
        "locked": actor.locked,
        "moved_to": actor.moved_to,
        "object_id": actor.uri,
        "object_type": _sent_type(actor.type, actor.tombstone, doc),
        "shared_inbox": actor.shared_inbox,
        "url": actor.page_url,
        "username": actor.username,
    }


def _sent_type(type_name: str, tombstone: bool, doc: Facts) -> str:
    """The types as the manifest writes them, provided we found ours among them."""
    sent = doc["type"] if isinstance(doc["type"], list) else [doc["type"]]
    assert type_name in sent
    assert tombstone == ("Tombstone" in sent)
    return ",".join(sent)


def _read_object(body: bytes, row: Row) -> Facts:
    doc = decode(body)
    facts = _note(doc)
    note = read_note(doc)
    _check_mapping(note, row["effect"])
    if row["file"] == "objects/misskey-recursive-quote.json":
        assert note.quote_uri == note.uri  # left to whoever follows quotes
    return facts


def _check_mapping(note: NoteDoc, effect: str) -> None:
    if effect == "create-status":
        assert note.mapping == "native"
        assert note.vote is None
    elif effect == "convert-status":
        assert note.converted
    elif effect == "ignore":
        assert not note.is_supported
    elif effect == "poll-vote":
        assert note.vote


def _read_actor(body: bytes, row: Row) -> Facts:
    doc = decode(body)
    facts = _actor(doc)
    if row["effect"] == "actor-no-key":
        assert read_actor(doc).keys == ()
    return facts


def _read_activity(body: bytes, row: Row) -> Facts:
    doc = decode(body)
    activity = read_activity(doc)
    facts = _activity(activity)
    _check_effect(activity, row["effect"])
    if row["effect"] == "drop-ld-signature-or-reject":
        keyword = json.loads(row["expected"])["keyword"]
        signed = {**doc, "signature": {"type": "RsaSignature2017"}}
        assert keyword in unsafe_for_signature(signed)
        assert not read_activity(signed).has_ld_signature
        facts["keyword"] = keyword
    return facts


def _activity(activity: ActivityDoc) -> Facts:
    ids = list(activity.object_ids)
    facts: Facts = {}
    embedded = activity.object
    is_actor = activity.object_type in ("Person", "Group", "Service", "Application")
    if embedded and is_actor and activity.type == "Update":
        facts["object"] = _actor(embedded)
    elif embedded and is_actor:
        facts["object"] = {"object_id": activity.object_id, "object_type": activity.object_type}
    elif embedded and activity.type in _CARRIERS and not activity.inner and len(activity.objects) == 1:
        facts.update(_note(embedded, activity.audience))
    if activity.inner:
        facts["inner"] = _activity(activity.inner)
    facts["actor"] = activity.actor
    facts["boost_visibility"] = activity.audience.visibility(_followers(activity.audience, host_of(activity.actor)))
    facts["content"] = activity.content
    facts["misskey_reaction"] = activity.reaction
    facts["object_id"] = activity.object_id
    facts["object_ids"] = ids
    facts["object_type"] = activity.object_type
    facts["objects"] = len(activity.objects)
    facts["target"] = activity.target
    return facts


def _check_effect(activity: ActivityDoc, effect: str) -> None:
    if effect in _ACTIVITY_OF_EFFECT:
        assert activity.type == _ACTIVITY_OF_EFFECT[effect]
        assert activity.object_id
    if effect in _INNER_OF_EFFECT:
        assert activity.inner is not None
        assert activity.inner.type == _INNER_OF_EFFECT[effect]
    if effect in ("accept-by-id", "reject-by-id", "undo-by-id"):
        assert activity.object is None
    if effect == "fetch-object-then-create":  # or several objects: GoToSocial's votes
        votes = [read_note(found.doc).vote for found in activity.objects if found.doc]
        assert len(votes) == (0 if activity.object is None else len(activity.objects))
        assert all(votes)
    if effect.startswith("unwrap-announced-"):
        assert activity.type == "Announce"
        assert activity.inner is not None
        assert activity.inner.type == effect.removeprefix("unwrap-announced-")
    if effect.startswith(("boost", "undo-boost")):
        assert activity.type != "Announce" or activity.inner is None
    if effect == "delete-actor":
        assert activity.is_self_delete
    if effect == "delete-status":
        assert not activity.is_self_delete
    if effect.startswith("emoji-reaction"):
        assert activity.reaction
    if effect == "favourite":
        assert not activity.reaction
    if effect in ("create-status", "convert-status", "poll-vote"):
        assert activity.object is not None
        for found in activity.objects:
            assert found.doc is not None
            _check_mapping(read_note(found.doc, activity_audience=activity.audience), effect)


def _read_collection(body: bytes, row: Row) -> Facts:
    found = read_collection(decode(body))
    return {
        "first": "embedded" if found.first_page else found.first,
        "inline_items": len(found.items),
        "next": found.next,
        "object_id": found.uri,
        "object_type": found.type,
        "part_of": found.part_of,
        "total_items": found.total,
    }


def _read_webfinger(body: bytes, row: Row) -> Facts:
    jrd = read_jrd(body)
    sent = json.loads(body)
    self_links = [
        link for link in sent.get("links", []) if link.get("rel") == "self" and "json" in link.get("type", "")
    ]
    assert len(jrd.aliases) == len(set(sent.get("aliases", [])))  # each once
    assert len(jrd.self_links) == len({link["href"] for link in self_links})  # each once
    assert jrd.handle == parse_handle(jrd.subject)
    assert jrd.handle is not None
    return {
        "aliases": len(sent.get("aliases", [])),
        "self": jrd.self_links[0].href if jrd.self_links else None,
        "self_links": len(self_links),
        "subject": jrd.subject,
        "subscribe_template": jrd.subscribe_template is not None,
    }


def _read_exchange(body: bytes, row: Row) -> Facts:
    """Only what each answer says; whom to believe is decided by whoever asks."""
    exchange = json.loads(body)
    read = [read_jrd(json.dumps(answer).encode()) for answer in exchange["responses"].values()]
    handles = [jrd.handle for jrd in read]
    if "without-host" in row["file"]:
        assert handles == [None]
    else:
        assert all(handles)
        assert all(jrd.self_links for jrd in read)
    return {"acct": exchange["expect"]["acct"], "why": exchange["expect"].get("why")}


def _read_host_meta(body: bytes, row: Row) -> Facts:
    template = read_host_meta(body)
    sent = json.loads(row["expected"])["lrdd_templates"]
    if (row["file"], "lrdd_templates") in _OURS:
        return {"lrdd_templates": template is not None}
    return {"lrdd_templates": [template] * len(sent) if template else []}


def _read_nodeinfo(body: bytes, row: Row) -> Facts:
    sent = json.loads(body)
    if "links" in sent:
        href = read_nodeinfo_link(body)
        rels = [link["rel"] for link in sent["links"] if link["href"] == href]
        return {"best_schema": rels[0] if rels else None, "links": len(sent["links"])}
    info = read_nodeinfo(body)
    return {
        "open_registrations": info.open_registrations,
        "protocols": list(info.protocols),
        "schema": info.schema,
        "software": info.software,
        "users_total": info.users_total,
        "version": info.version,
    }


def _read_webfinger_row(body: bytes, row: Row) -> Facts:
    return {
        "webfinger": _read_webfinger,
        "webfinger-exchange": _read_exchange,
        "host-meta": _read_host_meta,
    }[row["type"]](body, row)


_READERS: dict[str, Callable[[bytes, Row], Facts]] = {
    "activity": _read_activity,
    "actor": _read_actor,
    "collection": _read_collection,
    "host-meta": _read_host_meta,
    "nodeinfo": _read_nodeinfo,
    "object": _read_object,
    "webfinger": _read_webfinger_row,
}
