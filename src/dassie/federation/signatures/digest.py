"""Digests that tie a body to its signature: RFC 3230 for draft-cavage, RFC 9530 for RFC 9421."""

from __future__ import annotations

import base64
import binascii
import hashlib
from hmac import compare_digest

from dassie.federation.signatures.errors import BadSignature
from dassie.federation.signatures.fields import Item, parse_dictionary

MAX_DIGEST_HEADER = 1_024
_HASHES = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


def digest_header(body: bytes) -> str:
    """The value of a Digest header, `SHA-256=…`."""
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")


def content_digest_header(body: bytes) -> str:
    """The value of a Content-Digest header, `sha-256=:…:`."""
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode("ascii") + ":"


def check_digest(header: str, body: bytes) -> None:
    """Nothing, if the Digest header has a SHA-256 and it is that of the raw body.

    Raises `BadSignature`. Other digests in the list are ignored: weaker ones prove nothing.
    """
    if len(header) > MAX_DIGEST_HEADER:
        raise BadSignature("malformed", "The Digest header is too long")
    pairs = (part.strip().partition("=") for part in header.split(","))
    sums = [value for name, _, value in pairs if name.lower() == "sha-256"]
    if len(sums) != 1:
        raise BadSignature("digest", "The Digest header needs exactly one SHA-256")
    try:
        given = base64.b64decode(sums[0].encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise BadSignature("malformed", "The Digest header cannot be read") from None
    _check(given, hashlib.sha256(body).digest())


def check_content_digest(header: str, body: bytes) -> None:
    """Nothing, if the Content-Digest header has a SHA-256 or SHA-512 and all of these fit the raw body.

    Raises `BadSignature`. Names are lower case, as RFC 9530 has them.
    """
    if len(header) > MAX_DIGEST_HEADER:
        raise BadSignature("malformed", "The Content-Digest header is too long")
    sums = {name: member for name, member in parse_dictionary(header).items() if name in _HASHES}
    if not sums:
        raise BadSignature("digest", "The Content-Digest header needs a sha-256 or sha-512")
    for name, member in sums.items():
        if not isinstance(member, Item) or not isinstance(member.value, bytes):
            raise BadSignature("malformed", "The Content-Digest header cannot be read")
        _check(member.value, _HASHES[name](body).digest())


def _check(given: bytes, real: bytes) -> None:
    if not compare_digest(given, real):
        raise BadSignature("digest", "The digest does not fit the body")
