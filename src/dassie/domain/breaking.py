"""When a server that fails is left in peace, and for how long: rules without state.

A host that is dead is asked about thirty times on the first day, four times a day in the first week, and then
daily, by whatever wants something of it. Nobody is asked only to see whether it lives.
"""

from __future__ import annotations

from datetime import timedelta

from dassie.domain.errors import RemoteFailed

REASONS = ("dns", "connect", "tls", "timeout", "http_5xx", "asked_to_wait")
"""Why a server is left in peace, in one word each."""
FAILURES_TO_OPEN = 5
"""In a row. What will be the same in a moment, such as a name that nobody knows, needs but one."""
SILENCES_TO_OPEN = 2
"""Timeouts in a row by a host that never answered us: each holds a place for seconds that others wait for."""
FIRST_PAUSE = timedelta(seconds=60)
LONGEST_WISH = timedelta(hours=1)
"""So long a `Retry-After` holds for everything we want of a host, which may have meant one thing only."""
LONGEST_BY_AGE = (
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=7), timedelta(hours=6)),
)
"""(failing for less than, longest pause)"""
LONGEST_PAUSE = timedelta(days=1)
SPREAD = 0.1
"""Pauses differ by this share, so that hosts that failed together are not asked together."""

_BY_KIND = {"name": "dns", "connect": "connect", "tls": "tls", "timeout": "timeout"}
_TOO_MANY = 429


def reason_of(error: RemoteFailed) -> str | None:
    """One of `REASONS` where this says something about the host; None where only the one request failed.

    What a host refuses proves that it lives, and so does what it says wrongly.
    """
    if error.kind in _BY_KIND:
        return _BY_KIND[error.kind]
    if error.code is None or error.kind != "http":
        return None
    if error.code == _TOO_MANY or (error.code == 503 and error.retry_after is not None):
        return "asked_to_wait"
    return "http_5xx" if error.code >= 500 and error.code != 501 else None


def opens_at_once(error: RemoteFailed) -> bool:
    """Whether asking again in a moment is of no use.

    A name server that does not answer is our own trouble more often than the host's.
    """
    return error.kind == "tls" or (error.kind == "name" and not error.details.get("temporary"))


def pause(doublings: int, failing_for: timedelta, chance: float) -> timedelta:
    """How long a host is not asked; `chance` is a random number from 0 to 1.

    Doubled with each probe that fails, up to a longest that grows with how long it has been failing.
    """
    longest = next((most for age, most in LONGEST_BY_AGE if failing_for < age), LONGEST_PAUSE)
    doubled: int = 1 << min(max(doublings, 0), 16)
    plain = min(FIRST_PAUSE * doubled, longest)
    return plain * (1 - SPREAD + 2 * SPREAD * chance)
