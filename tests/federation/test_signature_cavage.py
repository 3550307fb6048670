"""What a draft-cavage signature must cover, and how it must be written."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dassie.federation.signatures import (
    BadSignature,
    PublicKey,
    SignedRequest,
    algorithms,
    cavage,
    generate_rsa,
    load_private,
    load_public,
    parse,
    verify,
)
from dassie.federation.signatures.digest import digest_header

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOSTS = frozenset({"here.example", "here.example:8443"})
KEY_ID = "https://there.example/users/ana#main-key"
BODY = b'{"type":"Like"}'
PRIVATE_PEM, PUBLIC_PEM = generate_rsa()
PRIVATE, PUBLIC = load_private(PRIVATE_PEM), load_public(PUBLIC_PEM)


def outcome_of(request: SignedRequest, key: PublicKey = PUBLIC) -> str:
    """Good, or the kind of the refusal."""
    try:
        verify(parse(request, hosts=HOSTS, now=NOW), request, key, NOW)
    except BadSignature as refused:
        assert refused.safe  # noqa: PT017 - every refusal has a sentence
        return refused.kind
    return "good"


def with_headers(request: SignedRequest, **changed: str | None) -> SignedRequest:
    headers = {**request.headers, **{name.replace("_", "-"): value for name, value in changed.items()}}
    return replace(request, headers={name: value for name, value in headers.items() if value is not None})


def by_hand(names: str, extra: str = "", algorithm: str = "hs2019", method: str = "GET", **more: str) -> SignedRequest:
    """A draft-cavage request whose covered names and parameters are ours to choose."""
    headers = {"host": "here.example", "date": format_datetime(NOW, usegmt=True), **more}
    params = dict(pair.split("=") for pair in extra.split(",") if pair)
    special = {"(request-target)": f"{method.lower()} /notes", "(created)": params.get("created", "")}
    special["(expires)"] = params.get("expires", "")
    text = "\n".join(f"{name}: {special.get(name, headers.get(name, ''))}" for name in names.lower().split())
    proof = base64.b64encode(algorithms.sign_rsa(PRIVATE, text.encode())).decode()
    header = f'keyId="{KEY_ID}",algorithm="{algorithm}",headers="{names}",signature="{proof}"'
    headers["signature"] = f"{header},{extra}" if extra else header
    return SignedRequest(method, "/notes", "https://here.example/notes", headers, BODY if method == "POST" else b"")


@pytest.mark.parametrize(
    ("names", "outcome"),
    [
        ("date host (request-target)", "good"),
        ("Date HOST (Request-Target)", "good"),
        ("date host", "coverage"),
        ("date (request-target)", "coverage"),
        ("host (request-target)", "coverage"),
        ("(request-target) host date x-absent", "coverage"),
        ("(request-target) host date (created)", "coverage"),
        ("(request-target) host date (secret)", "malformed"),
        ("(request-target) host host date", "malformed"),
        ("", "coverage"),
        (" ".join(f"x-{i}" for i in range(41)), "malformed"),
    ],
)
def test_fetch_must_sign_target_host_and_time(names: str, outcome: str) -> None:
    request = by_hand(names)
    assert outcome_of(request) == outcome


def test_delivery_must_sign_the_digest() -> None:
    digest = digest_header(BODY)
    assert outcome_of(by_hand("(request-target) host date digest", method="POST", digest=digest)) == "good"
    assert outcome_of(by_hand("date digest", method="POST", digest=digest)) == "good"
    assert outcome_of(by_hand("(request-target) host date", method="POST", digest=digest)) == "coverage"


def test_fetch_with_the_digest_of_no_body_is_accepted() -> None:
    names = "(request-target) host digest date"
    assert outcome_of(by_hand(names, digest=digest_header(b""))) == "good"
    assert outcome_of(by_hand(names, digest=digest_header(BODY))) == "digest"


def test_created_needs_hs2019() -> None:
    names, now = "(request-target) host (created)", f"created={int(NOW.timestamp())}"
    assert outcome_of(by_hand(names, now)) == "good"
    assert outcome_of(by_hand(names, now, algorithm="rsa-sha256")) == "coverage"


@pytest.mark.parametrize("algorithm", ["hmac-sha256", "rsa-sha1", "ecdsa-sha256", "none"])
def test_unwanted_cavage_algorithm_is_refused(algorithm: str) -> None:
    assert outcome_of(by_hand("(request-target) host date", algorithm=algorithm)) == "algorithm"


def test_query_left_out_of_the_signature_is_forgiven() -> None:
    request = by_hand("(request-target) host date")
    assert outcome_of(replace(request, target="/notes?page=1", url="https://here.example/notes?page=1")) == "good"


def test_ed25519_key_signs_cavage_too() -> None:
    private = Ed25519PrivateKey.generate()
    request = by_hand("(request-target) host date")
    base = cavage.signature_base(parse(request, hosts=HOSTS, now=NOW), request, request.target)
    proof = base64.b64encode(private.sign(base)).decode()
    header = f'keyId="{KEY_ID}",algorithm="hs2019",headers="(request-target) host date",signature="{proof}"'
    assert outcome_of(with_headers(request, signature=header), private.public_key()) == "good"
    assert outcome_of(request, private.public_key()) == "mismatch"
    assert outcome_of(request, generate_private_key(SECP256R1()).public_key()) == "algorithm"


@pytest.mark.parametrize(("seconds", "outcome"), [(60, "good"), (-3000, "good"), (-4000, "expired")])
def test_end_that_the_sender_set_is_respected(seconds: int, outcome: str) -> None:
    ends = int(NOW.timestamp()) + seconds
    requests = [
        by_hand("(request-target) host (created) (expires)", f"created={ends - 60},expires={ends}"),
        by_hand("(request-target) host date", f"expires={ends}"),
    ]
    for request in requests:
        assert outcome_of(request) == outcome


def test_date_must_be_good_even_when_created_is_signed_too() -> None:
    names = "(request-target) host date (created)"
    assert outcome_of(by_hand(names, f"created={int(NOW.timestamp())}")) == "good"
    old = format_datetime(NOW - timedelta(days=2), usegmt=True)
    assert outcome_of(by_hand(names, f"created={int(NOW.timestamp())}", date=old)) == "expired"


@pytest.mark.parametrize("date", ["", "now", "Tue, 31 Feb 2026 12:00:00 GMT", "2026-11-24T12:00:00Z", "1" * 500])
def test_date_that_cannot_be_read_is_refused(date: str) -> None:
    assert outcome_of(by_hand("(request-target) host date", date=date)) == "malformed"


def test_line_break_in_a_signed_value_is_refused() -> None:
    assert outcome_of(by_hand("(request-target) host date x-a", **{"x-a": "1\nhost: other"})) == "malformed"
    assert outcome_of(by_hand("(request-target) host date x-a", **{"x-a": "€"})) == "malformed"


@pytest.mark.parametrize(
    "header",
    [
        'keyId="a",keyId="b"',
        "keyId",
        'keyId="a" algorithm="b"',
        'keyId="a',
        f'keyId="{"a" * 9000}"',
        'headers="date host (request-target)",signature="AAAA"',
        'keyId="a",headers="date host (request-target)",signature="!"',
        'keyId="a",headers="date host (request-target)",signature=""',
    ],
)
def test_cavage_header_that_cannot_be_read_is_refused(header: str) -> None:
    assert outcome_of(with_headers(by_hand("date host (request-target)"), signature=header)) == "malformed"
