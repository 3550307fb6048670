"""Signing and checking requests, both schemes, with our own keys and samples."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dassie.federation.signatures import (
    BadSignature,
    ParsedSignature,
    PublicKey,
    Scheme,
    SignedRequest,
    cavage,
    generate_rsa,
    load_private,
    load_public,
    parse,
    rfc9421,
    signer,
    verify,
)
from dassie.federation.signatures.digest import content_digest_header, digest_header
from dassie.federation.signatures.target import target_of

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOSTS = frozenset({"here.example", "here.example:8443"})
KEY_ID = "https://there.example/users/ana#main-key"
INBOX = "https://here.example/users/ben/inbox"
NOTE = "https://here.example/notes?id=7&page=true"
BODY = b'{"type":"Like"}'
PRIVATE_PEM, PUBLIC_PEM = generate_rsa()
PRIVATE, PUBLIC = load_private(PRIVATE_PEM), load_public(PUBLIC_PEM)
OTHER = load_public(generate_rsa()[1])

both = pytest.mark.parametrize("scheme", ["cavage", "rfc9421"])


def signed(scheme: Scheme, method: str = "POST", url: str = INBOX, at: datetime = NOW) -> SignedRequest:
    body = BODY if method == "POST" else None
    return received(method, url, dict(signer(KEY_ID, PRIVATE, scheme, lambda: at)(method, url, body)), body)


def received(method: str, url: str, headers: dict[str, str], body: bytes | None) -> SignedRequest:
    lower = {"host": url.split("/")[2]} | {name.lower(): value for name, value in headers.items()}
    return SignedRequest(method, target_of(url), url, lower, body or b"")


def check(request: SignedRequest, key: PublicKey = PUBLIC, now: datetime = NOW) -> ParsedSignature:
    parsed = parse(request, hosts=HOSTS, now=now)
    verify(parsed, request, key, now)
    return parsed


def kind_of(request: SignedRequest, key: PublicKey = PUBLIC, now: datetime = NOW) -> str:
    with pytest.raises(BadSignature) as refused:
        check(request, key, now)
    assert refused.value.safe
    return refused.value.kind


def with_headers(request: SignedRequest, **changed: str | None) -> SignedRequest:
    headers = {**request.headers, **{name.replace("_", "-"): value for name, value in changed.items()}}
    return replace(request, headers={name: value for name, value in headers.items() if value is not None})


# Round trips


@both
def test_delivery_we_signed_is_accepted(scheme: Scheme) -> None:
    parsed = check(signed(scheme))
    assert (parsed.scheme, parsed.key_id) == (scheme, KEY_ID)


@both
@pytest.mark.parametrize("url", ["https://here.example/", NOTE, "https://here.example:8443/a?b"])
def test_fetch_we_signed_is_accepted(scheme: Scheme, url: str) -> None:
    assert check(signed(scheme, "GET", url)).key_id == KEY_ID


def test_cavage_headers_are_the_ones_everybody_reads() -> None:
    headers = cavage.sign(KEY_ID, PRIVATE, "post", "https://here.example:8443/i?a=1#x", BODY, NOW)
    assert headers["Host"] == "here.example:8443"
    assert headers["Date"] == "Tue, 24 Nov 2026 12:00:00 GMT"
    assert headers["Digest"] == digest_header(BODY)
    start = f'keyId="{KEY_ID}",algorithm="rsa-sha256",headers="(request-target) host date digest",signature="'
    assert headers["Signature"].startswith(start)
    assert set(cavage.sign(KEY_ID, PRIVATE, "GET", NOTE, None, NOW)) == {"Host", "Date", "Signature"}


def test_rfc9421_headers_cover_what_mastodon_demands() -> None:
    headers = rfc9421.sign(KEY_ID, PRIVATE, "POST", INBOX, BODY, NOW)
    created = int(NOW.timestamp())
    expected = f'sig1=("@method" "@target-uri" "content-digest");created={created};keyid="{KEY_ID}"'
    assert headers["Signature-Input"] == expected
    assert headers["Content-Digest"] == content_digest_header(BODY)
    assert headers["Signature"].startswith("sig1=:")


def test_signer_reads_the_clock_at_each_call() -> None:
    times = iter([NOW, NOW + timedelta(seconds=1)])
    sign = signer(KEY_ID, PRIVATE, "cavage", lambda: next(times))
    assert sign("GET", NOTE, None)["Date"] != sign("GET", NOTE, None)["Date"]


# Tampering


@both
def test_another_key_is_refused(scheme: Scheme) -> None:
    assert kind_of(signed(scheme), OTHER) == "mismatch"


@both
def test_another_body_is_refused(scheme: Scheme) -> None:
    assert kind_of(replace(signed(scheme), body=BODY + b" ")) == "digest"


@both
def test_another_body_with_its_own_digest_is_refused(scheme: Scheme) -> None:
    forged = with_headers(
        replace(signed(scheme), body=b"{}"),
        digest=digest_header(b"{}"),
        content_digest=content_digest_header(b"{}"),
    )
    assert kind_of(forged) == "mismatch"


@both
def test_another_method_is_refused(scheme: Scheme) -> None:
    assert kind_of(replace(signed(scheme, "GET", NOTE), method="HEAD")) == "mismatch"


@both
def test_another_target_is_refused(scheme: Scheme) -> None:
    for url in ("https://here.example/notes?id=8&page=true", "https://here.example/note?id=7&page=true"):
        assert kind_of(replace(signed(scheme, "GET", NOTE), target=target_of(url), url=url)) == "mismatch"


@both
def test_another_of_our_own_hosts_is_refused(scheme: Scheme) -> None:
    request = with_headers(signed(scheme), host="here.example:8443")
    moved = replace(request, url=INBOX.replace("here.example", "here.example:8443"))
    assert kind_of(moved) == "mismatch"


@both
def test_foreign_host_is_refused(scheme: Scheme) -> None:
    request = signed(scheme)
    for host in ("elsewhere.example", "", "here.example/", "x@here.example", "here.example:8080", None):
        assert kind_of(with_headers(request, host=host)) == "host"
    assert kind_of(replace(request, url="https://elsewhere.example/users/ben/inbox")) == "host"
    assert kind_of(replace(request, url="https://[::1/x")) == "host"


def test_another_date_is_refused() -> None:
    later = format_datetime(NOW + timedelta(minutes=1), usegmt=True)
    assert kind_of(with_headers(signed("cavage"), date=later)) == "mismatch"


def test_another_created_or_key_is_refused() -> None:
    request = signed("rfc9421")
    line = request.headers["signature-input"]
    for old, new in ((str(int(NOW.timestamp())), str(int(NOW.timestamp()) - 1)), ("users/ana", "users/eve")):
        assert kind_of(with_headers(request, signature_input=line.replace(old, new))) == "mismatch"


@both
def test_signature_with_one_bit_changed_is_refused(scheme: Scheme) -> None:
    request = signed(scheme)
    parsed = parse(request, hosts=HOSTS, now=NOW)
    flipped = replace(parsed, signature=bytes([parsed.signature[0] ^ 1]) + parsed.signature[1:])
    with pytest.raises(BadSignature, match="does not fit") as refused:
        verify(flipped, request, PUBLIC, NOW)
    assert "inbox" in refused.value.details["signed"]


# Times


@both
@pytest.mark.parametrize(("hours", "outcome"), [(-11.9, "good"), (-12.1, "expired"), (0.9, "good"), (1.1, "future")])
def test_clocks_may_differ_within_limits(scheme: Scheme, hours: float, outcome: str) -> None:
    request = signed(scheme, at=NOW + timedelta(hours=hours))
    if outcome == "good":
        check(request)
    else:
        assert kind_of(request) == outcome


@both
def test_signature_that_ages_during_the_key_fetch_is_refused(scheme: Scheme) -> None:
    request = signed(scheme)
    parsed = parse(request, hosts=HOSTS, now=NOW)
    with pytest.raises(BadSignature, match="too old"):
        verify(parsed, request, PUBLIC, NOW + timedelta(hours=13))


# Anything at all


@both
def test_request_without_signature_is_refused(scheme: Scheme) -> None:
    assert kind_of(with_headers(signed(scheme), signature=None, signature_input=None)) == "missing"


@both
def test_key_id_with_blanks_or_without_end_is_refused(scheme: Scheme) -> None:
    request = signed(scheme)
    name = "signature" if scheme == "cavage" else "signature-input"
    for key_id in ("a b", "", "x" * 2_049):
        changed = request.headers[name].replace(KEY_ID, key_id)
        assert kind_of(replace(request, headers={**request.headers, name: changed})) == "malformed"


PIECES = (
    'keyId= "a" , headers= "(request-target) host date digest" signature= "AAAA" created= 1 sig1= ( ) '
    '"@method" "@target-uri" ; keyid= :AAAA: algorithm= "hs2019"'
)
pieces = st.sampled_from([*re.findall(r'"[^"]*"|[^ ]+', PIECES), " "])
anything = st.one_of(st.text(), st.lists(pieces, max_size=14).map("".join))


@given(signature=anything, signature_input=st.none() | anything, date=anything, digest=anything)
def test_whatever_the_headers_say_only_bad_signature_is_raised(
    signature: str, signature_input: str | None, date: str, digest: str
) -> None:
    request = with_headers(
        signed("cavage"), signature=signature, signature_input=signature_input, date=date, digest=digest
    )
    with pytest.raises(BadSignature):
        check(request)


@given(changes=st.lists(st.tuples(st.integers(0, 400), st.characters()), min_size=1, max_size=3))
@both
def test_spoilt_signature_header_is_never_a_crash(scheme: Scheme, changes: list[tuple[int, str]]) -> None:
    request = signed(scheme)
    name = "signature" if scheme == "cavage" else "signature-input"
    header = request.headers[name]
    for at, char in changes:
        header = header[: at % len(header)] + char + header[at % len(header) + 1 :]
    parsed = None
    with suppress(BadSignature):
        parsed = check(replace(request, headers={**request.headers, name: header}))
    # draft-cavage does not sign its own parameters, RFC 9421 does
    assert parsed is None or scheme == "cavage" or parsed.key_id == KEY_ID


@given(target=st.text(), url=st.text(), method=st.text(), host=st.text())
def test_whatever_is_asked_only_bad_signature_is_raised(target: str, url: str, method: str, host: str) -> None:
    for scheme in ("cavage", "rfc9421"):
        request = signed("cavage" if scheme == "cavage" else "rfc9421")
        with pytest.raises(BadSignature):
            check(replace(with_headers(request, host=host), method=method, target=target, url=url))
        with pytest.raises(BadSignature):
            check(replace(request, method=method, target=target, url="https://here.example/" + url))
