"""Proofs over the JSON itself (FEP-8b32), and whether a document shows who wrote it, whoever brings it."""

from __future__ import annotations

import copy
import json
import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from dassie.domain.errors import DassieError, RemoteFailed
from dassie.federation.outbound import activities
from dassie.federation.proofs import prove
from dassie.federation.signatures import BadSignature, generate_rsa, load_private, load_public
from dassie.federation.signatures.integrity import proof_of, verify_proof
from dassie.federation.signatures.jcs import canonical_json
from dassie.federation.signatures.linked_data import sign_document
from dassie.federation.signatures.multikey import signature_bytes
from dassie.federation.vocab.documents import decode

Doc = dict[str, Any]

NOW = datetime(2026, 7, 4, 12, 0, tzinfo=UTC)
ANA = "https://a.test/users/ana"
RSA_ID, ED_ID = f"{ANA}#main-key", f"{ANA}#ed25519-key"
RSA_PRIVATE, RSA_PUBLIC = generate_rsa()
ED_PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

SAMPLES = os.environ.get("DASSIE_SAMPLES", "")
VECTORS = Path(SAMPLES) / "federation" / "vectors"
needs_samples = pytest.mark.skipif(not SAMPLES, reason="DASSIE_SAMPLES names no folder of real payloads")


class Key(Struct, frozen=True):
    owner: str
    text: str


class Keys:
    """Keys by id; whoever asks is remembered."""

    def __init__(self, **keys: Key) -> None:
        self.keys = {RSA_ID: Key(ANA, RSA_PUBLIC), ED_ID: Key(ANA, ED_PUBLIC), **keys}
        self.asked: list[str] = []
        self.fails: DassieError | None = None

    async def __call__(self, key_id: str) -> Key | None:
        self.asked.append(key_id)
        if self.fails is not None:
            raise self.fails
        return self.keys.get(key_id)


def base58(raw: bytes) -> str:
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = DIGITS[digit] + text
    return "z" + "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


ED_PUBLIC = base58(b"\xed\x01" + ED_PRIVATE.public_key().public_bytes_raw())


def create(**more: Any) -> Doc:
    note = {"id": f"{ANA}/1", "type": "Note", "attributedTo": ANA, "content": "hi", "published": "2026-07-04T12:00:00Z"}
    return activities.create({**note, "to": [f"{ANA}/followers"], "cc": [], **more})


def proven(doc: Doc, **config: Any) -> Doc:
    """With a proof of ana's, `config` changing its parts before it is made."""
    proof: Doc = {
        "@context": doc["@context"],
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": ED_ID,
        "proofPurpose": "assertionMethod",
        "created": f"{NOW:%Y-%m-%dT%H:%M:%SZ}",
        **config,
    }
    text = b"".join(sha256(canonical_json(one)).digest() for one in (proof, doc))
    made = {**doc, "proof": {**proof, "proofValue": base58(ED_PRIVATE.sign(text))}}
    return decode(json.dumps(made).encode())


def signed(doc: Doc, key_id: str = RSA_ID) -> Doc:
    return sign_document(doc, key_id, load_private(RSA_PRIVATE), NOW)


# Proofs ------------------------------------------------------------------------------------------------


def verdict(doc: Doc, *, now: datetime = NOW, key: str = "") -> str:
    found = proof_of(doc)
    if found is None:
        return "none"
    try:
        verify_proof(doc, found, load_public(key or ED_PUBLIC), now)
    except BadSignature as bad:
        return bad.kind
    return "good"


def test_a_proof_covers_every_word() -> None:
    doc = proven(create())
    assert verdict(doc) == "good"
    doc["object"]["sensitive"] = True
    assert verdict(doc) == "mismatch"


def test_a_proof_covers_its_own_words() -> None:
    doc = proven(create())
    doc["proof"]["created"] = "2026-07-04T12:00:01Z"
    assert verdict(doc) == "mismatch"


@pytest.mark.parametrize(
    "config",
    [
        {"type": "Ed25519Signature2020"},
        {"cryptosuite": "eddsa-rdfc-2022"},
        {"cryptosuite": "jcs-eddsa-2022"},
        {"proofPurpose": "authentication"},
        {"created": None},
        {"verificationMethod": ["https://a.test/1"]},
        {"expires": "never"},
    ],
    ids=str,
)
def test_a_proof_of_another_kind_is_none(config: Doc) -> None:
    assert verdict(proven(create(), **config)) == "none"


@pytest.mark.parametrize("value", [None, "", "z", "z1", "z0OIl", "m" + "A" * 86, "z" + "2" * 200, 5])
def test_a_proof_without_a_usable_value_is_none(value: Any) -> None:
    doc = proven(create())
    doc["proof"]["proofValue"] = value
    assert verdict(doc) == "none"


def test_a_proof_ends_when_it_says_and_after_two_days() -> None:
    assert verdict(proven(create()), now=NOW + timedelta(days=1)) == "good"
    assert verdict(proven(create()), now=NOW + timedelta(days=3)) == "expired"
    assert verdict(proven(create(), expires="2026-07-04T10:30:00Z")) == "expired"
    assert verdict(proven(create(), expires="2999-01-01T00:00:00Z")) == "good"


def test_a_document_may_only_add_to_the_context_of_its_proof() -> None:
    doc = proven(create())
    doc["@context"] = [*doc["@context"], "https://x.test/more"]
    assert verdict(doc) == "good"
    doc["@context"] = doc["@context"][1:]
    assert verdict(doc) == "mismatch"


def test_the_first_usable_of_several_proofs_counts() -> None:
    doc = proven(create())
    doc["proof"] = [{"type": "DataIntegrityProof", "cryptosuite": "mldsa44-jcs-2024"}, doc["proof"]]
    assert verdict(doc) == "good"


def test_an_rsa_key_makes_no_proof() -> None:
    assert verdict(proven(create()), key=RSA_PUBLIC) == "mismatch"


@given(st.binary(min_size=64, max_size=64))
def test_a_signature_is_read_as_written(raw: bytes) -> None:
    assert signature_bytes(base58(raw)) == raw


@needs_samples
@pytest.mark.parametrize("name", ["fep8b32-create", "fep8b32-create-expires-2999", "vc-di-eddsa-jcs-credential"])
def test_an_example_of_the_specification_verifies(name: str) -> None:
    sample = _vector(name)
    made = datetime(2023, 2, 25, 12, 0, tzinfo=UTC)
    assert verdict(sample["document"], now=made, key=sample["publicKeyMultibase"]) == "good"


@needs_samples
@pytest.mark.parametrize(("name", "why"), [("expired", "expired"), ("tampered", "mismatch")])
def test_a_bad_example_of_the_specification_is_refused(name: str, why: str) -> None:
    sample = _vector(f"fep8b32-create-{name}")
    made = datetime(2023, 2, 25, 12, 0, tzinfo=UTC)
    assert verdict(sample["document"], now=made, key=sample["publicKeyMultibase"]) == why


# Canonical JSON ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-1.5, "-1.5"),
        (4.50, "4.5"),
        (2e-3, "0.002"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.25e-9, "1.25e-9"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (333333333.33333329, "333333333.3333333"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (2**53, "9007199254740992"),
        (2**53 + 1, "9007199254740992"),
        (10**22, "1e+22"),
        (-71.184902, "-71.184902"),
    ],
)
def test_numbers_are_written_as_browsers_do(number: float, written: str) -> None:
    assert canonical_json([number]) == f"[{written}]".encode()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_is_the_same_number(number: float) -> None:
    assert float(canonical_json(number)) == number


def test_names_are_sorted_by_code_units() -> None:
    names = ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]
    text = canonical_json(dict.fromkeys(reversed(names), 1)).decode()
    assert list(json.loads(text)) == names


def test_texts_are_escaped_no_more_than_needed() -> None:
    assert canonical_json({"a": 'é"\\/\b\f\n\r\t\x01\x7f€', "b": [True, False, None]}) == (
        '{"a":"é\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f€","b":[true,false,null]}'.encode()
    )


def test_canonical_json_has_a_bound() -> None:
    with pytest.raises(BadSignature) as caught:
        canonical_json([[{}] for _ in range(30_000)])
    assert caught.value.kind == "too_complex"


@pytest.mark.parametrize("value", ["\ud800", {"\ud800": 1}, float("inf"), 10**400])
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(BadSignature):
        canonical_json(value)


# Who wrote it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("doc", [proven(create()), signed(create())], ids=["proof", "signature"])
async def test_a_document_proves_who_wrote_it(doc: Doc) -> None:
    keys = Keys()
    assert await prove(doc, ANA, keys, NOW)
    assert len(keys.asked) == 1


async def test_a_document_with_both_needs_only_one_to_hold() -> None:
    first_proof = proven(create())
    both = signed({name: value for name, value in first_proof.items() if name != "proof"}) | {
        "proof": first_proof["proof"]
    }
    assert await prove(both, ANA, Keys(), NOW)
    assert await prove({**both, "proof": {**both["proof"], "created": "2026-07-04T11:00:00Z"}}, ANA, Keys(), NOW)
    assert await prove({**both, "signature": {**both["signature"], "creator": ED_ID}}, ANA, Keys(), NOW)


async def test_a_document_without_either_proves_nothing() -> None:
    keys = Keys()
    assert not await prove(create(), ANA, keys, NOW)
    assert keys.asked == []


async def test_a_proof_of_somebody_else_proves_nothing() -> None:
    other = {**create(), "actor": "https://a.test/users/bea"}
    for doc in (proven(other), signed(other)):
        assert not await prove(doc, ANA, Keys(), NOW)
        assert not await prove(doc, "https://a.test/users/bea", Keys(), NOW)


async def test_a_key_of_another_host_is_not_even_asked_for() -> None:
    keys = Keys(**{"https://x.test/ana#key": Key(ANA, RSA_PUBLIC)})
    assert not await prove(signed(create(), "https://x.test/ana#key"), ANA, keys, NOW)
    assert not await prove(proven(create(), verificationMethod="did:key:z6Mk"), ANA, keys, NOW)
    assert keys.asked == []


async def test_an_old_document_costs_no_key() -> None:
    keys = Keys()
    assert not await prove(signed(create()), ANA, keys, NOW + timedelta(days=3))
    assert keys.asked == []


async def test_a_key_that_cannot_be_had_proves_nothing() -> None:
    keys = Keys()
    keys.fails = RemoteFailed("The other server did not answer", kind="timeout")
    assert not await prove(signed(create()), ANA, keys, NOW)
    keys = Keys()
    keys.keys = {RSA_ID: Key(ANA, "no key at all")}
    assert not await prove(signed(create()), ANA, keys, NOW)
    assert not await prove(proven(create()), ANA, keys, NOW)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([ANA, RSA_ID]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "object", "@id", "@context", "to", "x", "content"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(
    place=st.sampled_from([(), ("object",), ("signature",), ("proof",), ("@context",)]),
    name=st.sampled_from(
        ["id", "type", "actor", "creator", "created", "verificationMethod", "proofValue", "tag", "to"]
    ),
    value=_JSON,
)
async def test_whatever_is_put_in_is_no_error(place: tuple[str, ...], name: str, value: Any) -> None:
    for doc in (proven(create()), signed(create())):
        changed = copy.deepcopy(doc)
        inner: Any = changed
        for step in place:
            inner = inner.setdefault(step, {})
        if type(inner) is list:
            inner.append(value)
        else:
            inner[name] = value
        assert await prove(changed, ANA, Keys(), NOW) in (True, False)


def _vector(name: str) -> Doc:
    found: Doc = json.loads((VECTORS / f"spec-eddsa-jcs-2022-{name}.json").read_text(encoding="utf-8"))
    return found
