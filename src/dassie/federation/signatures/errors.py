"""Why a signature was refused, as one error with one word for the log."""

from __future__ import annotations

from typing import Any, Literal

from dassie.domain.errors import DassieError

Kind = Literal[
    "missing",  # the request carries no signature
    "malformed",  # a header or a key cannot be read
    "expired",  # made too long ago, or past its own end
    "future",  # made later than our clock allows
    "digest",  # the body is not the one that was signed
    "host",  # the request was meant for somebody else
    "coverage",  # too little is signed, or something signed was not sent
    "algorithm",  # not one we accept, or not one for this key
    "mismatch",  # the signature does not fit the request and the key
    "unsafe",  # what is signed may be read in another way than we read it
    "too_complex",  # the check would take longer than it is worth
]


class BadSignature(DassieError):
    """The request does not prove who sent it (HTTP 401). `kind` is one word for the log."""

    def __init__(self, kind: Kind, safe: str, **details: Any) -> None:
        super().__init__(safe, **details)
        self.kind: Kind = kind
