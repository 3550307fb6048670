"""Signatures inside documents: what they prove, what they do not, and that no document holds us up."""

from __future__ import annotations

import copy
import json
import os
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dassie.federation.outbound import activities
from dassie.federation.outbound.notes import Audience
from dassie.federation.outbound.terms import ACTOR_CONTEXT, AS, NOTE_CONTEXT, PUBLIC, SECURITY
from dassie.federation.signatures import BadSignature, generate_rsa, load_private, load_public
from dassie.federation.signatures.algorithms import sign_rsa
from dassie.federation.signatures.canonical import canonical, digest
from dassie.federation.signatures.contexts import FIXED, KNOWN
from dassie.federation.signatures.linked_data import embedded_signature, sign_document, verify_embedded
from dassie.federation.signatures.triples import Triple, Triples
from dassie.federation.vocab.documents import decode
from ld_oracle import canonical_by_pyld, canonical_quads_by_pyld

Doc = dict[str, Any]

NOW = datetime(2026, 7, 4, 12, 0, tzinfo=UTC)
ANA = "https://a.test/users/ana"
KEY_ID = f"{ANA}#main-key"
NOTE = f"{ANA}/statuses/1"
PRIVATE, PUBLIC_PEM = generate_rsa()
AUDIENCE = Audience([PUBLIC], [f"{ANA}/followers"])

SAMPLES = os.environ.get("DASSIE_SAMPLES", "")
VECTORS = Path(SAMPLES) / "federation" / "vectors"
needs_samples = pytest.mark.skipif(not SAMPLES, reason="DASSIE_SAMPLES names no folder of real payloads")


def note(**more: Any) -> Doc:
    return {
        "id": NOTE,
        "type": "Note",
        "summary": None,
        "published": "2026-07-04T11:59:00.123Z",
        "attributedTo": ANA,
        "to": [PUBLIC],
        "cc": [f"{ANA}/followers"],
        "sensitive": False,
        "content": '<p>"hello"\n\\ wörld 🐘</p>',
        "contentMap": {"en": '<p>"hello"\n\\ wörld 🐘</p>'},
        "attachment": [
            {"type": "Document", "mediaType": "image/png", "url": "https://a.test/1.png", "width": 640, "height": 480},
            {"type": "Document", "mediaType": "image/png", "url": "https://a.test/2.png", "focalPoint": [0.0, -0.25]},
        ],
        "tag": [
            {"type": "Mention", "href": "https://b.test/u/bea", "name": "@bea@b.test"},
            {"type": "Hashtag", "href": "https://a.test/tags/elephants", "name": "#elephants"},
        ],
        "replies": {
            "id": f"{NOTE}/replies",
            "type": "Collection",
            "first": {"type": "CollectionPage", "partOf": f"{NOTE}/replies", "items": []},
        },
        **more,
    }


def poll(options: int) -> Doc:
    empty = {"type": "Collection", "totalItems": 0}
    answers = [{"type": "Note", "name": f"answer {n}", "replies": dict(empty)} for n in range(options)]
    return note(type="Question", oneOf=answers, endTime="2026-07-05T00:00:00Z", votersCount=0)


def signed(doc: Doc) -> Doc:
    made = sign_document(doc, KEY_ID, load_private(PRIVATE), NOW)
    return decode(json.dumps(made).encode())  # as it arrives


def verdict(doc: Doc, *, now: datetime = NOW, pem: str = PUBLIC_PEM) -> str:
    """`good`, `none`, or the kind of refusal."""
    found = embedded_signature(doc)
    if found is None:
        return "none"
    try:
        verify_embedded(doc, found, load_public(pem), now)
    except BadSignature as bad:
        return bad.kind
    return "good"


# What we sign ------------------------------------------------------------------------------------------


ACTOR = {
    "@context": ACTOR_CONTEXT,
    "id": ANA,
    "type": "Person",
    "preferredUsername": "ana",
    "webfinger": "ana@a.test",
    "name": "Ana",
    "summary": "<p>hi</p>",
    "inbox": f"{ANA}/inbox",
    "outbox": f"{ANA}/outbox",
    "featured": f"{ANA}/collections/featured",
    "featuredTags": f"{ANA}/collections/tags",
    "manuallyApprovesFollowers": False,
    "discoverable": True,
    "publicKey": {"id": KEY_ID, "owner": ANA, "publicKeyPem": PUBLIC_PEM},
    "tag": [],
    "attachment": [{"type": "PropertyValue", "name": "web", "value": "<a>a.test</a>"}],
    "endpoints": {"sharedInbox": "https://a.test/inbox"},
    "icon": {"type": "Image", "mediaType": "image/png", "url": "https://a.test/ana.png"},
    "alsoKnownAs": ["https://old.test/ana"],
}
OURS: dict[str, Doc] = {
    "create": activities.create(note()),
    "poll": activities.create(poll(4)),
    "update": activities.update_note(note(updated="2026-07-04T11:59:30.000Z"), NOW),
    "profile": activities.update_actor(ACTOR, NOW),
    "delete": activities.delete_note(NOTE, ANA),
    "delete_actor": activities.delete_actor(ANA),
    "announce": activities.announce(f"{ANA}/statuses/2/activity", ANA, "https://b.test/n/1", NOW, AUDIENCE),
    "undo_announce": activities.undo_announce(f"{ANA}/statuses/2/activity", ANA, "https://b.test/n/1", AUDIENCE),
}


@pytest.mark.parametrize("doc", OURS.values(), ids=list(OURS))
def test_what_we_sign_verifies_and_another_program_sees_the_same(doc: Doc) -> None:
    assert verdict(signed(doc)) == "good"
    assert canonical(Triples(doc).found) == canonical_by_pyld(doc)


def test_a_changed_word_is_noticed() -> None:
    doc = signed(OURS["create"])
    doc["object"]["content"] = "<p>bye</p>"
    assert verdict(doc) == "mismatch"


def test_another_key_does_not_fit() -> None:
    assert verdict(signed(OURS["create"]), pem=generate_rsa()[1]) == "mismatch"


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (timedelta(days=1, hours=23), "good"),
        (timedelta(days=2, seconds=1), "expired"),
        (timedelta(minutes=-50), "good"),
        (timedelta(hours=-2), "future"),
    ],
)
def test_a_signature_is_good_for_two_days(later: timedelta, expected: str) -> None:
    assert verdict(signed(OURS["create"]), now=NOW + later) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"type": "RsaSignature2018"},
        {"creator": 5},
        {"created": "yesterday"},
        {"created": "2026-07-04T12:00:00"},
        {"signatureValue": "###"},
        {"signatureValue": "A" * 5000},
        {"capability": "everything"},
        {"@context": "https://w3id.org/identity/v1"},
    ],
    ids=str,
)
def test_a_signature_of_another_shape_is_none(change: Doc) -> None:
    doc = signed(OURS["create"])
    doc["signature"] |= change
    assert verdict(doc) == "none"


def test_an_end_that_the_signer_set_is_kept() -> None:
    doc = signed(OURS["create"])
    doc["signature"]["expires"] = "2026-07-04T10:00:00Z"
    assert verdict(doc) == "expired"


@pytest.mark.parametrize("address", ["https://b.test/a b", "no address", "_:b0", "as:Note"])
def test_an_address_that_rdf_does_not_allow_cannot_be_signed(address: str) -> None:
    with pytest.raises(BadSignature) as caught:
        sign_document(activities.create(note(inReplyTo=address)), KEY_ID, load_private(PRIVATE), NOW)
    assert caught.value.kind == "unsafe"


def test_tabs_and_languages_are_accepted_in_each_way_that_software_writes_them() -> None:
    doc = activities.create(note(content="a\tb", contentMap={"pt-BR": "a\tb"}))
    options = {"creator": KEY_ID, "created": f"{NOW:%Y-%m-%dT%H:%M:%SZ}"}
    for old, lower in ((False, True), (True, False), (True, True)):
        made = _signed_over(doc, options, Triples(doc, old=old, lower=lower))
        assert verdict(made) == "good"


# Forgeries: the triples stay what they were, the plain reading would not ----------------------------------


def _in_place(change: Callable[[Doc], object]) -> Callable[[Doc], Doc]:
    def changed(doc: Doc) -> Doc:
        change(doc)
        return doc

    return changed


def _full_names(doc: Doc) -> Doc:
    """The signed document under full names after a reset context, and another one in plain words beside it."""
    kept = doc.pop("signature")
    full = {
        ("@" + name if name in ("id", "type") else FIXED[name].iri): value
        for name, value in doc.items()
        if name in FIXED
    }
    return {**note(content="forged"), "@context": [AS, None], **full, "@id": doc["id"], "signature": kept}


FORGERIES: dict[str, Callable[[Doc], Doc]] = {
    "reset context": _full_names,
    "an alias of content": _in_place(
        lambda d: (
            d["@context"].append({"text": f"{AS}#content"}),
            d["object"].update(text=d["object"].pop("content")),
        )
    ),
    "content redefined away": _in_place(
        lambda d: (
            d["@context"].append({"content": "https://x.test/#nothing", "text": f"{AS}#content"}),
            d["object"].update(text=d["object"]["content"], content="forged"),
        )
    ),
    "content renamed in place": _in_place(lambda d: d["@context"].append({"content": f"{AS}#summary"})),
    "an alias of a keyword": _in_place(lambda d: d["@context"].append({"name": "@id"})),
    "an alias of id": _in_place(lambda d: d["@context"].append({"id": f"{AS}#name"})),
    "a type hidden in a property": _in_place(
        lambda d: (
            d["@context"].append(
                {"kind": {"@id": "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "@type": "@id"}}
            ),
            d["object"].update(kind=f"{AS}#{d['object'].pop('type')}"),
        )
    ),
    "a type under another name": _in_place(
        lambda d: (d["@context"].append({"Page": f"{AS}#Note"}), d["object"].update(type="Page"))
    ),
    "a property that no context defines": _in_place(lambda d: d["object"].update(quoteUrl="https://x.test/1")),
    "a full name": _in_place(lambda d: d["object"].update({f"{AS}#content": d["object"].pop("content")})),
    "a description in two halves": _in_place(
        lambda d: d.update(object=[d["object"], {"id": NOTE, "summary": None, "type": "Note"}])
    ),
    "a description torn apart": _in_place(
        lambda d: d.update(object=[{"id": NOTE, "content": d["object"].pop("content")}, d["object"]])
    ),
    "a value object": _in_place(lambda d: d["object"].update(content={"@value": d["object"]["content"]})),
    "a translation into no language": _in_place(
        lambda d: d["object"].update(contentMap={"@none": d["object"].pop("content"), **d["object"]["contentMap"]})
    ),
    "a graph": _in_place(lambda d: d.update({"@graph": [d.pop("object")]})),
    "a reverse link": _in_place(lambda d: d["object"].update({"@reverse": {f"{AS}#object": {"id": d["id"]}}})),
    "included things": _in_place(lambda d: d.update({"@included": [d["object"]], "object": NOTE})),
    "a context inside": _in_place(lambda d: d["object"].update({"@context": AS})),
    "a context on a term": _in_place(
        lambda d: d["@context"].append({"object": {"@id": f"{AS}#object", "@type": "@id", "@context": {}}})
    ),
    "a context from elsewhere": _in_place(lambda d: d["@context"].append("https://x.test/context")),
    "another vocabulary": _in_place(lambda d: d["@context"].append({"@vocab": f"{AS}#"})),
    "a default language": _in_place(lambda d: d["@context"].append({"@language": "en"})),
    "a container by id": _in_place(
        lambda d: d["@context"].append({"attachment": {"@id": f"{AS}#attachment", "@container": "@id"}})
    ),
    "blank ids": _in_place(lambda d: d["object"]["attachment"][0].update(id="_:b0")),
    "a list in a list": _in_place(lambda d: d["object"].update(tag=[d["object"]["tag"]])),
    "an actor that is described": _in_place(lambda d: d.update(actor={"id": ANA, "type": "Person"})),
}  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=list(FORGERIES))
def test_a_forgery_proves_nothing(forge: Callable[[Doc], Doc]) -> None:
    doc = signed(copy.deepcopy(OURS["create"]))
    assert verdict(doc) == "good"
    assert verdict(forge(doc)) in ("none", "unsafe")


def test_terms_that_nobody_else_claims_are_welcome() -> None:
    doc = copy.deepcopy(OURS["create"])
    doc["@context"].append(
        {"x": "https://x.test/ns#", "mood": "x:mood", "ends": {"@id": "x:ends", "@type": "xsd:date"}}
    )
    doc["object"] |= {"mood": ["good", True, 1.5, 1e22], "ends": "2026-07-04"}
    assert verdict(signed(doc)) == "good"
    assert canonical(Triples(doc).found) == canonical_by_pyld(doc)


def test_a_thing_that_could_be_described_in_two_places_is_refused() -> None:
    """Else somebody could move the description from where we read it to where we do not."""
    with pytest.raises(BadSignature):
        Triples(activities.create(note()) | {"instrument": NOTE})


def test_every_name_that_we_read_has_a_known_meaning() -> None:
    """A term that our reading uses must never pass as one that nobody knows."""
    folder = Path(__file__).parents[2] / "src" / "dassie" / "federation" / "vocab"
    files = ["activities", "actors", "addressing", "attachments", "content", "notes", "policies", "polls", "tags"]
    read = {
        name
        for file in files
        for name in re.findall(r'\.get\(\s*"([A-Za-z_]+)"', (folder / f"{file}.py").read_text(encoding="utf-8"))
    }
    assert len(read) > 50
    assert read - FIXED.keys() - KNOWN.keys() - {"id", "type"} == set()


# Real ones -------------------------------------------------------------------------------------------------


@needs_samples
def test_a_real_signature_of_mastodon_verifies() -> None:
    sample = _vector("mastodon-ldsig-mastodon-activitypub-academy-create")
    made = datetime(2024, 9, 12, 16, 51, tzinfo=UTC)
    assert verdict(sample["document"], now=made, pem=sample["key"]["publicKeyPem"]) == "good"
    content = {name: value for name, value in sample["document"].items() if name != "signature"}
    assert canonical(Triples(content).found) == sample["derived"]["document_nquads"]


@needs_samples
def test_real_signatures_that_do_not_fit_are_refused() -> None:
    sample = _vector("mastodon-ldsig-peertube-create-bad-signature")
    made = datetime(2018, 10, 22, 13, 0, tzinfo=UTC)
    assert verdict(sample["document"], now=made, pem=sample["key"]["publicKeyPem"]) == "mismatch"
    sample = _vector("mastodon-ldsig-forged-null-context")
    made = datetime(2022, 3, 9, 22, 0, tzinfo=UTC)
    assert verdict(sample["document"], now=made, pem=sample["key"]["publicKeyPem"]) == "none"


@needs_samples
def test_the_examples_of_the_canonical_form_come_out_right() -> None:
    seen = 0
    for file in sorted(VECTORS.glob("spec-rdfc10-*.json")):
        sample = json.loads(file.read_text(encoding="utf-8"))
        triples = _parsed(sample["input_nquads"])
        if triples is None:
            continue  # named graphs, which no activity has
        seen += 1
        expected = "too_complex" if "poison" in sample["name"] else sample["expected_nquads"]
        assert _canonical_or_kind(triples) == expected, file.stem
    assert seen == 12


# Work ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [7, 9, 30])
def test_a_clique_of_blank_nodes_is_given_up_early(size: int) -> None:
    clique = {(one, "<x:p>", other) for a, b in combinations(range(1, size + 1), 2) for one, other in ((a, b), (b, a))}
    with pytest.raises(BadSignature) as caught:
        canonical(clique)
    assert caught.value.kind == "too_complex"


@pytest.mark.parametrize("size", [7, 9, 20])
def test_alike_parents_with_alike_children_are_given_up_early(size: int) -> None:
    parent = {"type": "Document", "icon": [{"type": "Image"} for _ in range(size)]}
    assert _work(note(attachment=[copy.deepcopy(parent), copy.deepcopy(parent)])) == "too_complex"


def test_a_long_list_of_alike_things_is_given_up_early() -> None:
    assert _work(note(orderedItems=[{"type": "Note"}] * 150)) == "too_complex"
    assert _work(note(orderedItems=[{"type": "Note"}] * 400)) == "too_complex"


def test_too_many_parts_and_too_much_text_are_refused() -> None:
    assert _work(note(to=[f"https://b.test/{n}" for n in range(1_001)])) == "too_complex"
    assert _work(note(content="\t" * 100_001)) == "too_complex"


@pytest.mark.parametrize("length", [20, 250])
def test_terms_that_build_on_one_another_without_end_are_refused(length: int) -> None:
    chain = {f"t{n}": f"t{n + 1}:x#" for n in range(length)}
    for last in ("https://x.test/#", "t0:x#"):
        with pytest.raises(BadSignature) as caught:
            Triples({"@context": [{**chain, f"t{length}": last}], "type": "Note"})
        assert caught.value.kind == "unsafe"


def test_many_alike_things_of_one_named_post_are_no_trouble() -> None:
    doc = activities.create(note(attachment=[{"type": "Document"} for _ in range(60)]))
    assert canonical(Triples(doc).found) == canonical_by_pyld(doc)


@pytest.mark.parametrize("options", [2, 8, 20])
def test_a_poll_without_votes_is_no_trouble(options: int) -> None:
    doc = activities.create(poll(options))
    assert verdict(signed(doc)) == "good"
    assert canonical(Triples(doc).found) == canonical_by_pyld(doc)


# Against another program -------------------------------------------------------------------------------------

_WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n\r"\\<>&'), max_size=12)
_URLS = st.sampled_from([f"https://b.test/{name}" for name in "abcdefgh"])
_LEAF = st.fixed_dictionaries(
    {"type": st.sampled_from(["Image", "Link", "Collection"])},
    optional={
        "name": _WORDS,
        "href": _URLS,
        "mediaType": st.sampled_from(["image/png", "text/html"]),
        "totalItems": st.integers(0, 3),
        "width": st.integers(0, 10**25),
        "latitude": st.floats(allow_nan=False, allow_infinity=False),
        "focalPoint": st.lists(st.floats(-1, 1) | st.integers(-1, 1), max_size=3),
        "published": st.sampled_from(["2026-01-01T00:00:00Z", "soon"]),
        "sensitive": st.booleans() | st.none(),
    },
)
_PART = st.fixed_dictionaries(
    {"type": st.sampled_from(["Document", "Mention", "Hashtag"])},
    optional={
        "name": _WORDS,
        "url": st.lists(_URLS | _LEAF, max_size=3),
        "icon": _LEAF | st.lists(_LEAF, max_size=3),
        "replies": _LEAF,
        "nameMap": st.dictionaries(st.sampled_from(["en", "de", "ja"]), _WORDS, max_size=2),
    },
)
_ACTIVITY = st.fixed_dictionaries(
    {
        "@context": st.sampled_from([NOTE_CONTEXT, [*NOTE_CONTEXT[:1], SECURITY, *NOTE_CONTEXT[1:]]]),
        "type": st.sampled_from(["Create", "Update", "Announce"]),
        "to": st.lists(_URLS | st.just("as:Public"), max_size=3),
    },
    optional={
        "id": st.just("https://a.test/1"),
        "actor": _URLS,
        "content": _WORDS,
        "attachment": st.lists(_PART, max_size=4),
        "tag": st.lists(_PART, max_size=4),
        "orderedItems": st.lists(_URLS | _LEAF, max_size=3),
        "oneOf": st.lists(_PART, max_size=4),
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_ACTIVITY)
def test_any_activity_has_the_same_canonical_form_elsewhere(doc: Doc) -> None:
    assert canonical(Triples(doc).found) == canonical_by_pyld(_like_json(doc))


_LINKS = st.tuples(st.integers(1, 5), st.sampled_from(["<x:p>", "<x:q>"]), st.integers(1, 5))


@settings(max_examples=60, deadline=None)
@given(st.sets(_LINKS.filter(lambda link: link[0] != link[2]), max_size=8))
def test_any_small_graph_has_the_same_canonical_form_elsewhere(graph: set[Triple]) -> None:
    """Without links of a node to itself, which no document can have: there the two count differently."""
    lines = "".join(f"_:e{one} {word} _:e{other} .\n" for one, word, other in graph)
    assert _canonical_or_kind(graph) in (canonical_quads_by_pyld(lines), "too_complex")


def _canonical_or_kind(triples: set[Triple]) -> str:
    try:
        return canonical(triples)
    except BadSignature as bad:
        return bad.kind


def _like_json(value: Any) -> Any:
    """Whole numbers as whole numbers, as the specification wants them; PyLD keeps `1.0` a double."""
    if type(value) is float and value == int(value) and abs(value) < 10**21:
        return int(value)
    if type(value) is int and abs(value) >= 10**21:
        return float(value)
    if type(value) is dict:
        return {name: _like_json(one) for name, one in value.items()}
    return [_like_json(one) for one in value] if type(value) is list else value


def _work(inner: Doc) -> str:
    try:
        return _canonical_or_kind(Triples(activities.create(inner)).found)
    except BadSignature as bad:
        return bad.kind


def _signed_over(doc: Doc, options: Doc, triples: Triples) -> Doc:
    own = digest(Triples({"@context": "https://w3id.org/identity/v1", **options}).found)
    value = sign_rsa(load_private(PRIVATE), (own + digest(triples.found)).encode())
    return {**doc, "signature": {"type": "RsaSignature2017", **options, "signatureValue": b64encode(value).decode()}}


def _vector(name: str) -> Doc:
    found: Doc = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return found


_LINE = re.compile(r'(<[^>]*>|_:\S+) (<[^>]*>) (<[^>]*>|_:[^ ]+|".*"\S*) \.\Z')


def _parsed(lines: str) -> set[Triple] | None:
    numbers: dict[str, int] = {}
    found: set[Triple] = set()
    for line in lines.splitlines():
        match = _LINE.match(line)
        if match is None:
            return None
        subject, predicate, value = (
            numbers.setdefault(word, len(numbers) + 1) if word.startswith("_:") else word for word in match.groups()
        )
        found.add((subject, str(predicate), value))
    return found
