"""Broken and hostile documents: refused with `Malformed`, or reduced to something harmless."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dassie.federation.vocab.activities import ACTIVITIES, read_activity
from dassie.federation.vocab.actors import ACTORS, MAX_FIELDS, MAX_KEYS, read_actor, read_keys
from dassie.federation.vocab.addressing import visibility_of
from dassie.federation.vocab.attachments import blurhash_of
from dassie.federation.vocab.collections import COLLECTIONS, read_collection, read_page
from dassie.federation.vocab.content import STATUS_TYPES
from dassie.federation.vocab.documents import MAX_DEPTH, Malformed, decode, unsafe_for_signature
from dassie.federation.vocab.nodeinfo import read_nodeinfo, read_nodeinfo_link
from dassie.federation.vocab.notes import read_note
from dassie.federation.vocab.polls import MAX_OPTIONS
from dassie.federation.vocab.tags import MAX_MENTIONS, shortcode_of
from dassie.federation.vocab.values import count, host_of, http_id, language, page_url, seconds, when
from dassie.federation.vocab.webfinger import parse_handle, read_host_meta, read_jrd

_PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
_NOTE: dict[str, Any] = {"type": "Note", "id": "https://a.example/1", "attributedTo": "https://a.example/u"}
_ACTOR: dict[str, Any] = {"type": "Person", "id": "https://a.example/u", "inbox": "https://a.example/u/inbox"}


# Documents


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'"text"', b"null", b"{", b'{"a":1}x', b'{"a":NaN}', b'{"a":"\xff"}', b"[" * 200_000, b'{"a":1e999}'],
)
def test_what_is_no_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        decode(body)


def test_depth_is_bounded() -> None:
    def nested(levels: int) -> bytes:
        return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"

    assert decode(nested(MAX_DEPTH))
    with pytest.raises(Malformed, match="deep"):
        decode(nested(MAX_DEPTH + 1))
    assert decode(b'{"a":[' + b",".join([b"[]"] * 100) + b"]}")


def test_size_is_bounded() -> None:
    with pytest.raises(Malformed, match="1 MB"):
        decode(b'{"a":"' + b"x" * 1_000_000 + b'"}')


def test_number_of_parts_is_bounded() -> None:
    assert decode(b'{"a":[' + b",".join([b"[]"] * 19_000) + b"]}")
    with pytest.raises(Malformed, match="parts"):
        decode(b'{"a":[' + b",".join([b"[[]]"] * 11_000) + b"]}")


def test_byte_order_mark_is_tolerated() -> None:
    assert decode(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


def test_plain_spelling_wins_over_a_prefixed_one() -> None:
    assert read_note({**_NOTE, "content": "seen", "as:content": "hidden"}).content_html == "seen"
    assert read_note({**_NOTE, "as:content": "hidden", "content": "seen"}).content_html == "seen"


@pytest.mark.parametrize("keyword", ["@graph", "@included", "@reverse"])
def test_rearranging_keywords_are_found_bare_aliased_and_nested(keyword: str) -> None:
    assert unsafe_for_signature({keyword: []}) == {keyword}
    assert unsafe_for_signature({"@context": [{"x": keyword}]}) == {keyword}
    assert unsafe_for_signature({"@context": [{"x": {"@id": keyword}}]}) == {keyword}
    assert unsafe_for_signature({"object": [{keyword: 1}]}) == {keyword}
    assert unsafe_for_signature({"object": {"@context": _PUBLIC}}) == {"@context"}
    assert unsafe_for_signature({"@context": "https://a.example", "content": "fine"}) == frozenset()


# Values


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.COM/x", "example.com"),
        ("https://example.com:443/", "example.com"),
        ("https://example.com:/", "example.com"),
        ("http://example.com:443", "example.com:443"),
        ("https://example.com:08443", "example.com:8443"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://[::1]:3000/", "[::1]:3000"),
        ("https://a.example/@b", "a.example"),
        ("https://a@b.example/", ""),
        ("https://a.example\\@b.example/", ""),
        ("https://a.example:99999/", ""),
        ("https://a b.example/", ""),
        ("https://a..example/", ""),
        ("https://%61.example/", ""),
        ("https:///x", ""),
        ("ftp://a.example/", ""),
        ("javascript:alert(1)", ""),
        ("//a.example/", ""),
        ("", ""),
    ],
)
def test_host_of_refuses_what_parsers_disagree_on(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize("value", [None, 1, True, [], {}, "", " ", "/relative", "https://a.example/a b", "x" * 3000])
def test_what_is_no_http_id_is_none(value: Any) -> None:
    assert http_id(value) is None


@pytest.mark.parametrize(
    "value", [["https://a.example/1"], {"id": "https://a.example/1"}, {"href": "https://a.example/1"}]
)
def test_id_is_found_in_arrays_objects_and_links(value: Any) -> None:
    assert http_id(value) == "https://a.example/1"


def test_page_is_the_html_link_of_several() -> None:
    links = [
        {"type": "Link", "href": "magnet:?x"},
        {"type": "Link", "href": "https://a.example/v.mp4", "mediaType": "video/mp4"},
        {"type": "Link", "href": "https://a.example/w", "mediaType": "text/html"},
    ]
    assert page_url(links) == "https://a.example/w"
    assert page_url(links[:2]) == "https://a.example/v.mp4"
    assert page_url(["javascript:x", "https://a.example/a b"]) == "https://a.example/a%20b"


def test_times_are_utc_clamped_and_tolerant() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert when("2025-01-01T02:00:00.1234567+02:00") == datetime(2025, 1, 1, 0, 0, 0, 123_456, tzinfo=UTC)
    assert when("2025-01-01T00:00:00") == datetime(2025, 1, 1, tzinfo=UTC)
    assert when("3025-01-01T00:00:00Z", now=now) == now
    assert [when(text) for text in ("12025-01-01T00:00:00Z", "0001-01-01T00:00:00+23:00", "soon", "", "9")] == [
        None
    ] * 5
    assert when(20250101) is None


def test_counts_durations_and_languages_are_bounded() -> None:
    assert [count(value) for value in (3, 3.9, "3", -1, 10**30, True, None, "x", [3])] == [
        *(3, 3, 3, 0, 2**31 - 1),
        *([None] * 4),
    ]
    assert [seconds(value) for value in (1.5, "PT1M30S", "P1DT1S", "P", "PT", -1, "x")] == [1.5, 90, 86401, *[None] * 4]
    assert [language(value) for value in ("de", "pt_BR", "EN", "und", "x", "", None, "<b>")] == [
        *("de", "pt-BR", "en"),
        *([None] * 5),
    ]


def test_blurhash_of_too_many_components_is_dropped() -> None:
    assert blurhash_of("LEHV6nWB2yk8pyo0adR*.7kCMdnj") is not None
    assert blurhash_of("|" + "0" * 163) is None
    assert blurhash_of("LEHV6n") is None


def test_shortcodes_lose_colons_and_host() -> None:
    assert [shortcode_of(name) for name in (":a_b:", "a", ":a@x.example:", ":", "<b>", "")] == [
        "a_b",
        "a",
        "a",
        *[""] * 3,
    ]


# Posts, actors, activities


def test_post_without_id_or_type_is_malformed() -> None:
    for missing in ("id", "type"):
        with pytest.raises(Malformed, match=missing):
            read_note({key: value for key, value in _NOTE.items() if key != missing})


def test_lists_of_a_post_are_capped() -> None:
    mentions = [{"type": "Mention", "href": f"https://b.example/{n}"} for n in range(3 * MAX_MENTIONS)]
    options = [{"type": "Note", "name": str(n)} for n in range(3 * MAX_OPTIONS)]
    note = read_note({**_NOTE, "type": "Question", "tag": mentions + mentions, "oneOf": options})
    assert len(note.mentions) == MAX_MENTIONS
    assert note.poll is not None
    assert len(note.poll.options) == MAX_OPTIONS
    assert not note.poll.multiple


def test_deleted_quote_is_not_revived_by_an_older_key() -> None:
    gone = {**_NOTE, "quote": {"type": "Tombstone", "id": "https://b.example/1"}, "quoteUrl": "https://b.example/1"}
    assert read_note(gone).quote is None
    alive = {**_NOTE, "quote": "https://b.example/1", "quoteAuthorization": "https://b.example/stamp"}
    quote = read_note(alive).quote
    assert quote is not None
    assert (quote.uri, quote.authorization, quote.is_legacy) == (
        "https://b.example/1",
        "https://b.example/stamp",
        False,
    )


def test_note_with_body_is_never_a_vote() -> None:
    vote = {**_NOTE, "name": "Yes", "inReplyTo": "https://b.example/poll"}
    assert read_note(vote).vote == "Yes"
    assert read_note({**vote, "content": "<p>Yes!</p>"}).vote is None
    assert read_note({**vote, "inReplyTo": ""}).vote is None


def test_nul_and_script_urls_do_not_get_through() -> None:
    note = read_note(
        {**_NOTE, "content": "a\0b", "url": "javascript:alert(1)", "tag": {"type": "Hashtag", "name": "#\0"}}
    )
    assert note.content_html == "ab"
    assert note.url is None
    assert note.hashtags == ()


@pytest.mark.parametrize(
    ("to", "cc", "expected"),
    [
        ([_PUBLIC], [], "public"),
        (["as:Public"], [], "public"),
        (["Public"], ["f"], "public"),
        (["f"], [_PUBLIC], "unlisted"),
        (["f"], ["m"], "private"),
        (["m"], ["f"], "private"),
        (["m"], [], "direct"),
        (["m", "x"], [], "limited"),
        ([], [], "direct"),
    ],
)
def test_visibility_follows_the_addresses(to: list[str], cc: list[str], expected: str) -> None:
    assert visibility_of(to, cc, "f", ["m"]) == expected


def test_direct_message_flag_keeps_unmentioned_recipients_direct() -> None:
    assert visibility_of(["x"], [], "f", [], True) == "direct"
    assert visibility_of(["x"], [], "f", [], False) == "limited"


@pytest.mark.parametrize(
    "change", [{"id": None}, {"id": "relative"}, {"inbox": None}, {"inbox": "x"}, {"type": "Note"}]
)
def test_actor_without_its_parts_is_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_actor({**_ACTOR, **change})


def test_keys_of_another_host_or_owner_are_left_out() -> None:
    def key(id: str, **more: str) -> dict[str, str]:
        return {"id": id, "publicKeyPem": "PEM", **more}

    bad = [
        key("https://b.example/u#key"),
        key("https://a.example/u#key", owner="https://a.example/other"),
        {"id": "https://a.example/u#key"},
        key("u#key"),
    ]
    assert read_actor({**_ACTOR, "publicKey": bad}).keys == ()
    many = [key(f"https://a.example/u#key{n}", owner="https://a.example/u") for n in range(50)]
    assert len(read_actor({**_ACTOR, "publicKey": many}).keys) == MAX_KEYS


def test_keys_are_read_from_stubs_and_bare_key_documents() -> None:
    pem = {"id": "https://a.example/u/main-key", "owner": "https://a.example/u", "publicKeyPem": "PEM"}
    (stub,) = read_keys({"id": "https://a.example/u", "publicKey": pem})
    (bare,) = read_keys(pem)
    assert stub == bare
    assert bare.owner == "https://a.example/u"
    assert read_keys({**pem, "owner": "https://b.example/u"}) == ()
    assert read_keys({}) == ()


def test_actor_parts_are_cut_not_refused() -> None:
    fields = [{"type": "PropertyValue", "name": "n" * 9000, "value": "v"}] * 200
    actor = read_actor({**_ACTOR, "attachment": fields, "summary": "s" * 90_000, "url": "https://b.example/me"})
    assert len(actor.fields) == MAX_FIELDS
    assert len(actor.fields[0].name) == 2047
    assert len(actor.summary) == 20_000
    assert actor.url is None
    assert actor.page_url == "https://b.example/me"


@pytest.mark.parametrize("moved", [["https://b.example/1", "https://b.example/2"], "x", {}, 1, "https://a.example/u"])
def test_unclear_moved_to_is_ignored(moved: Any) -> None:
    assert read_actor({**_ACTOR, "movedTo": moved}).moved_to is None


def test_activity_needs_type_actor_and_object() -> None:
    good = {"type": "Like", "actor": "https://a.example/u", "object": "https://b.example/1"}
    assert read_activity(good).id is None
    for missing in ("type", "actor", "object"):
        with pytest.raises(Malformed, match=missing):
            read_activity({key: value for key, value in good.items() if key != missing})


def test_wrapping_is_read_two_levels_deep_only() -> None:
    doc: dict[str, Any] = {"type": "Follow", "actor": "https://a.example/u", "object": "https://b.example/u"}
    for _ in range(5):
        doc = {"type": "Undo", "actor": "https://a.example/u", "object": doc}
    activity = read_activity(doc)
    assert activity.inner is not None
    assert activity.inner.inner is not None
    assert activity.inner.inner.inner is None


def test_unknown_activity_is_read_and_says_so() -> None:
    assert not read_activity({"type": "Juggle", "actor": "https://a.example/u"}).is_known


def test_collection_page_is_not_mistaken_for_its_collection() -> None:
    collection = {"type": "OrderedCollection", "id": "https://a.example/c", "first": "https://a.example/c?1"}
    assert read_collection(collection).first == "https://a.example/c?1"
    with pytest.raises(Malformed):
        read_page(collection)
    page = {"type": "CollectionPage", "items": [{"type": "Note", "id": "https://a.example/1"}] * 3000}
    assert len(read_page(page).items) == 1000
    assert read_page(page).item_ids == ("https://a.example/1",)


# WebFinger and host-meta


@pytest.mark.parametrize("subject", ["user@", "@x.example", "", "https://x.example/u", "acct:a b@x.example", "a@b@c"])
def test_subject_without_user_and_host_is_no_handle(subject: str) -> None:
    assert parse_handle(subject) is None
    assert parse_handle("acct:Me@X.example:8443") == ("Me", "x.example:8443")


def test_jrd_tolerates_nulls_and_gives_every_self_link_once() -> None:
    as2 = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
    kind = {"https://www.w3.org/ns/activitystreams#type": "Group"}
    links = [
        {"rel": "self", "type": "text/html", "href": "https://a.example/page"},
        {"rel": "self", "type": as2, "href": "https://a.example/u", "template": None},
        {"rel": "self", "type": "application/activity+json", "href": "https://a.example/u"},
        {"rel": "self", "type": "application/activity+json", "href": "https://a.example/c", "properties": kind},
        {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": "https://a.example/follow?uri={uri}"},
        None,
    ]
    jrd = read_jrd(json.dumps({"subject": "acct:u@a.example", "aliases": None, "links": links}).encode())
    assert [(link.href, link.actor_type) for link in jrd.self_links] == [
        ("https://a.example/u", ""),
        ("https://a.example/c", "Group"),
    ]
    assert jrd.subscribe_template == "https://a.example/follow?uri={uri}"
    assert jrd.handle == ("u", "a.example")


def _xrd(inside: str, before: str = "") -> bytes:
    return f'{before}<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">{inside}</XRD>'.encode()


def test_host_meta_gives_the_first_template_and_passes_over_the_rest() -> None:
    link = '<Link rel="lrdd"/><Link rel="lrdd" template="x"/><Link rel="lrdd" template="https://a.example/w?r={uri}&amp;a=1"/>'
    assert read_host_meta(b"\n" + _xrd(link)) == "https://a.example/w?r={uri}&a=1"
    assert read_host_meta(_xrd("")) is None


def test_host_meta_with_entities_is_refused_before_they_grow() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    for body in (_xrd("&b;", bomb), b"<XRD", b"", b"\0", _xrd("<a/>" * 5000), b" " * 200_000):
        with pytest.raises(Malformed):
            read_host_meta(body)


# Anything at all

_KEYS = [
    "id",
    "type",
    "actor",
    "object",
    "to",
    "cc",
    "attributedTo",
    "content",
    "contentMap",
    "name",
    "summary",
    "url",
    "icon",
    "image",
    "tag",
    "attachment",
    "oneOf",
    "anyOf",
    "inReplyTo",
    "quote",
    "published",
    "updated",
    "endTime",
    "closed",
    "replies",
    "first",
    "items",
    "orderedItems",
    "next",
    "publicKey",
    "inbox",
    "endpoints",
    "movedTo",
    "alsoKnownAs",
    "links",
    "subject",
    "rel",
    "href",
    "template",
    "mediaType",
    "software",
    "usage",
    "metadata",
    "signature",
    "proof",
    "interactionPolicy",
    "canQuote",
    "as:content",
    "@type",
    "@value",
    "@list",
    "@graph",
    "@context",
    "blurhash",
    "focalPoint",
    "duration",
]
_WORDS = [*sorted(ACTIVITIES | ACTORS | COLLECTIONS | STATUS_TYPES), "Mention", "Hashtag", "Emoji", "Link", "Tombstone"]
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from([*_WORDS, "https://a.example/1", "as:Public", "2025-01-01T00:00:00Z", "self", "PT1S", "acct:a@b"]),
)
_JSON = st.recursive(
    _SCALARS,
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.sampled_from(_KEYS) | st.text(max_size=8), children, max_size=8)
    ),
    max_leaves=30,
)
_OBJECTS = st.builds(
    lambda more, type_name, link: {"id": link, "actor": link, "inbox": link, "object": more, **more, "type": type_name},
    st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=12),
    st.sampled_from(_WORDS),
    st.sampled_from(["https://a.example/1", "https://b.example/2"]),
)
_DOC_READERS: list[Callable[[dict[str, Any]], Any]] = [
    read_note,
    read_actor,
    read_activity,
    read_collection,
    read_page,
    read_keys,
]
_BODY_READERS: list[Callable[[bytes], Any]] = [read_jrd, read_nodeinfo, read_nodeinfo_link, read_host_meta]


@settings(max_examples=300, deadline=None)
@given(value=_JSON | _OBJECTS)
def test_arbitrary_json_never_raises_anything_but_malformed(value: Any) -> None:
    body = json.dumps(value).encode()
    for read_body in _BODY_READERS:
        _run(read_body, body)
    try:
        doc = decode(body)
    except Malformed:
        return
    for read_doc in _DOC_READERS:
        _run(read_doc, doc)


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=200))
def test_arbitrary_bytes_never_raise_anything_but_malformed(body: bytes) -> None:
    for read in (decode, *_BODY_READERS):
        _run(read, body)


def _run(read: Callable[[Any], Any], value: Any) -> None:
    with suppress(Malformed):
        read(value)
