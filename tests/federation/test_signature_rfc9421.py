"""What an RFC 9421 signature must cover, and how it must be written."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dassie.federation.signatures import (
    BadSignature,
    PublicKey,
    SignedRequest,
    algorithms,
    generate_rsa,
    load_private,
    load_public,
    parse,
    rfc9421,
    verify,
)
from dassie.federation.signatures.digest import content_digest_header
from dassie.federation.signatures.fields import InnerList, Item, inner_list_text
from dassie.federation.signatures.target import target_of

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOSTS = frozenset({"here.example", "here.example:8443"})
KEY_ID = "https://there.example/users/ana#main-key"
INBOX = "https://here.example/users/ben/inbox"
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


def by_hand_9421(names: list[str], algorithm: str = "", **params: int | str) -> SignedRequest:
    """An RFC 9421 request whose components and parameters are ours to choose."""
    headers = {"host": "here.example", "content-digest": content_digest_header(BODY)}
    request = SignedRequest("POST", target_of(INBOX), INBOX, headers, BODY)
    given_params: dict[str, int | str] = {"created": int(NOW.timestamp()), "keyid": KEY_ID, **params}
    if algorithm:
        given_params["alg"] = algorithm
    members = InnerList(tuple(Item(name) for name in names), given_params)
    base = rfc9421.signature_base(rfc9421.read(members, b"x"), request)
    proof = base64.b64encode(algorithms.sign_rsa(PRIVATE, base)).decode()
    return with_headers(request, signature_input=f"s={inner_list_text(members)}", signature=f"s=:{proof}:")


@pytest.mark.parametrize(
    ("names", "outcome"),
    [
        (["@method", "@target-uri", "content-digest"], "good"),
        (["@method", "@target-uri", "@authority", "host", "content-digest"], "good"),
        (["@method", "@authority", "@request-target", "@scheme", "content-digest"], "good"),
        (["@method", "host", "@path", "content-digest"], "good"),
        (["@method", "@path", "content-digest"], "coverage"),
        (["@method", "@target-uri"], "coverage"),
        (["@target-uri", "content-digest"], "coverage"),
    ],
)
def test_delivery_must_sign_method_target_and_digest(names: list[str], outcome: str) -> None:
    request = by_hand_9421(names)
    assert outcome_of(request) == outcome


@pytest.mark.parametrize("extra", ['"@status"', '"x-absent"', '"Host"', '"host";sf', "host", '"@query-param";name="a"'])
def test_component_that_is_absent_or_not_understood_is_refused(extra: str) -> None:
    request = by_hand_9421(["@method", "@target-uri", "content-digest"])
    line = request.headers["signature-input"].replace('"@method"', f'"@method" {extra}')
    assert outcome_of(with_headers(request, signature_input=line)) == "coverage"


def test_algorithm_must_be_accepted_and_go_with_the_key() -> None:
    names = ["@method", "@target-uri", "content-digest"]
    assert outcome_of(by_hand_9421(names, "rsa-v1_5-sha256")) == "good"
    assert outcome_of(by_hand_9421(names, "ed25519")) == "algorithm"
    assert outcome_of(by_hand_9421(names, "rsa-pss-sha512")) == "mismatch"
    line = by_hand_9421(names, "rsa-v1_5-sha256").headers["signature-input"]
    hmac = with_headers(by_hand_9421(names), signature_input=line.replace("rsa-v1_5-sha256", "hmac-sha256"))
    assert outcome_of(hmac) == "algorithm"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line + ", t=" + line[2:],
        lambda line: line.replace("s=", "t="),
        lambda line: line.replace(";created", ";made"),
        lambda line: re.sub(r"created=(\d+)", r'created="\1"', line),
        lambda line: line.replace("keyid", "key"),
        lambda line: line.replace(KEY_ID, "a b"),
        lambda line: 's="x"',
        lambda line: "",
    ],
)
def test_signature_input_that_is_not_whole_is_refused(spoil: object) -> None:
    request = by_hand_9421(["@method", "@target-uri", "content-digest"])
    assert callable(spoil)
    assert outcome_of(with_headers(request, signature_input=spoil(request.headers["signature-input"]))) == "malformed"


@pytest.mark.parametrize(("seconds", "outcome"), [(60, "good"), (-3000, "good"), (-4000, "expired")])
def test_last_moment_that_the_sender_set_is_respected(seconds: int, outcome: str) -> None:
    request = by_hand_9421(["@method", "@target-uri", "content-digest"], expires=int(NOW.timestamp()) + seconds)
    assert outcome_of(request) == outcome
