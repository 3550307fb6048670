"""A signed request as it came in, and what a signature header says before any key is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dassie.federation.signatures.errors import BadSignature
from dassie.federation.signatures.target import host_of, plain_host
from dassie.federation.signatures.validity import Validity

Scheme = Literal["cavage", "rfc9421"]

MAX_HEADER = 8_192
"""Characters of a signature header; the longest honest ones have about 1,500."""
MAX_COVERED = 40
"""Names that one signature may cover."""
MAX_KEY_ID = 2_048
MAX_SIGNATURE = 1_024
"""Bytes of the signature itself, enough for RSA with 8,192 bits."""

READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What was asked, as the sender saw it: behind a proxy with the public host, scheme and path.

    Texts are decoded as latin-1, as ASGI servers give them, so that bytes survive unchanged.
    """

    method: str
    target: str
    """Path and query as sent, percent-encoding untouched."""
    url: str
    """The full public URL."""
    headers: Mapping[str, str]
    """Names in lower case, values of repeated headers joined by `, `."""
    body: bytes = b""

    @property
    def reads(self) -> bool:
        """Whether the request only asks, and has no body worth signing."""
        return self.method.upper() in READING


@dataclass(frozen=True, slots=True)
class ParsedSignature:
    """A signature that passed every check that needs no key."""

    scheme: Scheme
    key_id: str
    algorithm: str
    """As the sender names it, in lower case; empty where left out."""
    covered: tuple[str, ...]
    """What is signed, in order, in lower case."""
    signature: bytes
    validity: Validity
    texts: Mapping[str, str] = field(default_factory=dict)
    """Parts of the signed text that come from the signature header itself."""


def check_host(request: SignedRequest, hosts: frozenset[str]) -> None:
    """Nothing, if both Host header and URL name us; raises `BadSignature` otherwise.

    A signature made for another server must not be good for anything here.
    """
    sent = request.headers.get("host", "").strip()
    scheme = request.url.partition(":")[0].lower()
    try:
        asked = host_of(request.url)
    except ValueError:
        asked = ""
    if plain_host(sent, scheme) not in hosts or asked not in hosts:
        raise BadSignature("host", "The request was signed for another host", host=sent[:255], url=asked[:255])


def header_value(request: SignedRequest, name: str) -> str:
    """The value of a header that the signature covers; raises `BadSignature` when it was not sent."""
    value = request.headers.get(name)
    if value is None:
        raise BadSignature("coverage", "A signed header was not sent", header=name[:64])
    return one_line(value)


def one_line(value: str) -> str:
    """The value without blanks around it. A line break would let one header pose as two."""
    value = value.strip(" \t")
    if "\n" in value or "\r" in value or "\0" in value:
        raise BadSignature("malformed", "A signed header contains a line break")
    return value


def signed_bytes(text: str) -> bytes:
    """The text as the bytes that were sent; raises `BadSignature` where it cannot have been sent."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise BadSignature("malformed", "A signed header contains impossible characters") from None


def checked_key_id(key_id: str) -> str:
    """The key id, when it is short and without blanks; raises `BadSignature` otherwise."""
    if not key_id or len(key_id) > MAX_KEY_ID or " " in key_id or not key_id.isprintable():
        raise BadSignature("malformed", "The signature names no usable key")
    return key_id
