"""Is this request from whom it says? First all that needs no key, then, with the key, the proof."""

from __future__ import annotations

from datetime import datetime

from dassie.federation.signatures import cavage, rfc9421
from dassie.federation.signatures.algorithms import PublicKey
from dassie.federation.signatures.request import ParsedSignature, SignedRequest, check_host


def parse(request: SignedRequest, *, hosts: frozenset[str], now: datetime) -> ParsedSignature:
    """Who claims to have signed, so that the caller can look up the key; raises `BadSignature`.

    Coverage, host, times and digest are checked here, so a hostile request costs no key fetch.
    `hosts` are our own names in lower case, with the port where it is not the usual one.
    """
    check_host(request, hosts)
    if "signature-input" in request.headers:
        return rfc9421.parse(request, now)
    return cavage.parse(request, now)


def verify(parsed: ParsedSignature, request: SignedRequest, public_key: PublicKey, now: datetime) -> None:
    """Nothing, if the key made the signature and it is still good; raises `BadSignature` otherwise.

    That the key belongs to the actor of the activity is for the caller to check.
    """
    parsed.validity.check(now)
    if parsed.scheme == "rfc9421":
        rfc9421.verify(parsed, request, public_key)
    else:
        cavage.verify(parsed, request, public_key)
