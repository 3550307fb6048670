"""Why a status of another server is here (design section 6)."""

from __future__ import annotations

from datetime import timedelta
from enum import IntEnum


class Reason(IntEnum):
    """The strongest reason counts: a greater number is stronger, and a weaker one never replaces it."""

    RELAY = 1  # a relay brought it, nothing else did
    CONTEXT = 2  # it belongs to a thread that somebody looked at, or a reply waited for it
    SEARCH = 3  # somebody pasted its address
    BACKFILL = 4  # a profile that somebody looked at
    BOOSTED = 5  # somebody followed passed it on
    TAG = 6  # it has a tag that somebody here follows
    FOLLOWED = 7  # somebody here follows its author
    ADDRESSED = 8  # it speaks to somebody here, or answers a status of ours


STRANGERS = frozenset({Reason.RELAY, Reason.CONTEXT, Reason.SEARCH, Reason.BACKFILL})
"""Nobody here asked for these to come."""

HEAD_START = timedelta(days=30)
"""So much later than a stranger's does a status of our own people go, where neither was seen since it came."""
