"""Signed requests of other servers and of the RFC, read from the folder that DASSIE_SAMPLES names."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dassie.federation.signatures import (
    BadSignature,
    SignedRequest,
    algorithms,
    load_public,
    parse,
    rfc9421,
    verify,
)
from dassie.federation.signatures.fields import InnerList, Item, parse_dictionary

SAMPLES = os.environ.get("DASSIE_SAMPLES", "")
FOLDER = Path(SAMPLES) / "federation" / "vectors"
FILES = sorted(FOLDER.glob("*-cavage-*.json")) + sorted(FOLDER.glob("*rfc9421-*.json")) if SAMPLES else []

pytestmark = pytest.mark.skipif(not FILES, reason="DASSIE_SAMPLES does not name a folder with samples")

REFUSALS = {
    "lemmy-cavage-lemmy-library-post-compat-tampered-body": "digest",
    "mastodon-cavage-mastodon-when-the-digest-of-a-post-request-is-not-signed": "coverage",
    "mastodon-cavage-mastodon-with-a-request-older-than-a-day": "expired",
    "mastodon-cavage-mastodon-with-an-unparsable-date": "malformed",
    "mastodon-cavage-mastodon-with-mismatching-query-string": "mismatch",
    "mastodon-cavage-mastodon25-captured-post-reserialized": "digest",
    "mastodon-rfc9421-mastodon-with-a-mismatching-method": "coverage",
    "mastodon-rfc9421-mastodon-with-a-mismatching-path": "mismatch",
    "mastodon-rfc9421-mastodon-with-a-tampered-path-in-a-post-request": "mismatch",
    "mastodon-rfc9421-mastodon-with-an-inaccessible-key": "no key",
    "mastodon-rfc9421-mastodon-with-mismatching-query-string": "mismatch",
}


def test_all_samples_are_found() -> None:
    assert len([file for file in FILES if _accept(_load(file)) is not None]) == 16


@pytest.mark.parametrize("file", [f for f in FILES if "spec-" not in f.name], ids=lambda file: file.stem)
def test_real_request_is_judged_as_its_sample_says(file: Path) -> None:
    sample = _load(file)
    assert _outcome(sample) == REFUSALS.get(file.stem, "accepted")
    assert (_outcome(sample) == "accepted") is _accept(sample)


@pytest.mark.parametrize("name", ["b21", "b23", "b26"])
def test_example_of_the_rfc_has_the_same_base_and_verifies(name: str) -> None:
    sample = _load(next(f for f in FILES if f.name.startswith(f"spec-rfc9421-{name}-")))
    request, members, signature = _request(sample), *_signature(sample["request"])
    parsed = rfc9421.read(members, signature)
    key = load_public(sample["keys"][parsed.key_id])
    assert rfc9421.signature_base(parsed, request).decode() == sample["derived"]["signature_base"]
    rfc9421.verify(parsed, request, key)
    with pytest.raises(BadSignature):
        rfc9421.verify(rfc9421.read(members, signature[:-1] + bytes([signature[-1] ^ 1])), request, key)


@pytest.mark.parametrize("name", ["b21", "b22", "b25", "b26"])
def test_example_of_the_rfc_covers_too_little_for_an_inbox(name: str) -> None:
    sample = _load(next(f for f in FILES if f.name.startswith(f"spec-rfc9421-{name}-")))
    assert _outcome(sample) == "coverage"


def test_example_of_the_rfc_that_names_the_target_in_parts_is_accepted() -> None:
    sample = _load(next(f for f in FILES if f.name.startswith("spec-rfc9421-b23-")))
    assert _outcome(sample) == "accepted"


def test_ecdsa_example_of_the_rfc_verifies() -> None:
    sample = _load(next(f for f in FILES if f.name.startswith("spec-rfc9421-b24-")))
    _, signature = _signature(sample["response"])
    key = load_public(sample["keys"]["test-key-ecc-p256"])
    base = sample["derived"]["signature_base"].encode()
    assert algorithms.is_signed("ecdsa-p256-sha256", key, signature, base)
    assert not algorithms.is_signed("ecdsa-p256-sha256", key, signature, base + b" ")
    assert not algorithms.is_signed("ecdsa-p256-sha256", key, signature[:-1], base)


def _outcome(sample: dict[str, Any]) -> str:
    """What becomes of the request: accepted, or the kind of its refusal."""
    request = _request(sample)
    now = datetime.fromisoformat(sample["now"])
    hosts = frozenset({urlsplit(request.url).netloc})
    try:
        parsed = parse(request, hosts=hosts, now=now)
        if parsed.key_id not in sample["keys"]:
            return "no key"
        verify(parsed, request, load_public(sample["keys"][parsed.key_id]), now)
    except BadSignature as refused:
        return refused.kind
    return "accepted"


def _request(sample: dict[str, Any]) -> SignedRequest:
    given = sample["request"]
    parts = urlsplit(given["url"])
    return SignedRequest(
        method=given["method"],
        target=parts.path + (f"?{parts.query}" if parts.query else ""),
        url=given["url"],
        headers={name.lower(): value for name, value in given["headers"].items()},
        body=(given["body"] or "").encode(),
    )


def _signature(message: dict[str, Any]) -> tuple[InnerList, bytes]:
    (members,) = parse_dictionary(message["headers"]["Signature-Input"]).values()
    (item,) = parse_dictionary(message["headers"]["Signature"]).values()
    assert isinstance(members, InnerList)
    assert isinstance(item, Item)
    assert isinstance(item.value, bytes)
    return members, item.value


def _accept(sample: dict[str, Any]) -> bool | None:
    answer = sample["expect"].get("accept")
    assert answer is None or isinstance(answer, bool)
    return answer


def _load(file: Path) -> dict[str, Any]:
    loaded = json.loads(file.read_text())
    assert isinstance(loaded, dict)
    return loaded
