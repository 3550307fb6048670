"""Ids: integers inside, strings in JSON.

Layout as Mastodon's: Unix milliseconds shifted left by 16, plus 16 low bits. Clients compute ids from
dates and compare them, so the layout is part of the API (`limits_and_rules` section 3).
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import NewType

AccountId = NewType("AccountId", int)
UserId = NewType("UserId", int)
StatusId = NewType("StatusId", int)
MediaId = NewType("MediaId", int)
PollId = NewType("PollId", int)
NotificationId = NewType("NotificationId", int)
JobId = NewType("JobId", int)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
INSTANCE_ACCOUNT_ID = AccountId(-99)
MAX_ID = (1 << 63) - 1

_last_ms = 0
_sequence = 0


def to_ms(at: datetime) -> int:
    """Whole Unix milliseconds of an aware time."""
    return (at - EPOCH) // MILLISECOND


def from_ms(ms: int) -> datetime:
    """The aware UTC time of Unix milliseconds."""
    return EPOCH + ms * MILLISECOND


def new_id(at: datetime) -> int:
    """An id for something made at `at`.

    Ids made now count upwards, so their order is the order of making, and a new millisecond starts at a random
    low half, which keeps two processes apart. A back-dated id has only 16 random bits besides its millisecond, and most
    servers date by whole seconds: whoever inserts with one must be ready to draw again.
    """
    if to_ms(at) < _last_ms:
        return (max(to_ms(at), 0) << 16) | secrets.randbelow(0x10000)
    return next_id(at)


def next_id(at: datetime) -> int:
    """An id above all that this process gave out before, even where the clock went back: for what must keep order."""
    global _last_ms, _sequence
    ms = max(to_ms(at), _last_ms)
    if ms > _last_ms:
        _last_ms, _sequence = ms, secrets.randbelow(0x8000)
    else:
        _sequence += 1
        if _sequence > 0xFFFF:
            _last_ms, _sequence = _last_ms + 1, 0
    return (_last_ms << 16) | _sequence


def forget_last() -> None:
    """Begin anew, as a fresh process does: for tests that move the clock."""
    global _last_ms, _sequence
    _last_ms = _sequence = 0


def id_floor(at: datetime) -> int:
    """The smallest id that something made at `at` can have."""
    return max(to_ms(at), 0) << 16


def id_time(id: int) -> datetime:
    """When the thing with this id was made."""
    return from_ms(id >> 16)


def parse_id(text: str) -> int | None:
    """The id a client sent, or None where it cannot be one."""
    if text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 20:
        value = int(text)
        if -MAX_ID <= value <= MAX_ID:
            return value
    return None
