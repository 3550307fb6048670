"""How long a signature is good for. Home clocks drift, so the limits are wide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dassie.federation.signatures.errors import BadSignature

PAST = 12 * 3600.0
"""Seconds a signature may be old."""
AHEAD = 3600.0
"""Seconds the sender's clock may be ahead of ours."""
MARGIN = 3600.0
"""Seconds we allow after the end that the sender asked for, for clocks that differ."""
MAX_MOMENT = 40

EMBEDDED_PAST = 2 * 86_400.0
"""Seconds that a signature inside a document may be old: relays take their time, but not for ever."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HTTP_DATE = re.compile(
    r"(?:[A-Za-z]{3,9}, *)?([0-9]{1,2})[ -]([A-Za-z]{3})[ -]([0-9]{4}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:GMT|UTC|\+0000)"
)
_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class Validity:
    """When a signature was made and when it ends, in seconds since 1970."""

    made: tuple[float, ...]
    """Every signed moment of making; each must be within the limits."""
    expires: float | None = None
    past: float = PAST
    """Seconds it may be old."""

    def check(self, now: datetime) -> None:
        """Nothing, if good at `now`; raises `BadSignature` otherwise."""
        at = now.timestamp()
        if any(made > at + AHEAD for made in self.made):
            raise BadSignature("future", "The signature was made in the future; check the clocks")
        if any(made < at - self.past for made in self.made):
            raise BadSignature("expired", "The signature is too old")
        if self.expires is not None and self.expires < at - MARGIN:
            raise BadSignature("expired", "The signature has expired")


def http_date(text: str) -> float:
    """The moment of a Date header (RFC 9110 section 5.6.7); raises `BadSignature` when unreadable.

    The name of the weekday is not compared: it adds nothing and some senders get it wrong.
    """
    found = _HTTP_DATE.fullmatch(text.strip())
    if found is None or found[2].lower() not in _MONTHS:
        raise BadSignature("malformed", "The Date header cannot be read")
    day, year, hour, minute, second = (int(found[i]) for i in (1, 3, 4, 5, 6))
    try:
        at = datetime(year, _MONTHS.index(found[2].lower()) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise BadSignature("malformed", "The Date header cannot be read") from None
    return at.timestamp()


def moment(text: Any) -> float:
    """The moment of an RFC 3339 time in a document; raises `BadSignature` when unreadable or without a zone."""
    try:
        at = datetime.fromisoformat(text) if type(text) is str and len(text) <= MAX_MOMENT else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadSignature("malformed", "A time in the signature cannot be read")
    return at.timestamp()


def epoch(text: str) -> float:
    """Seconds since 1970 as written in a signature parameter; raises `BadSignature` when unreadable."""
    if not _SECONDS.fullmatch(text):
        raise BadSignature("malformed", "A time in the signature cannot be read")
    return float(text)
