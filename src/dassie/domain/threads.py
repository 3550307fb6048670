"""When a thread of another server is read as a whole, and how far (Mastodon 4.5, limits_and_rules section 16)."""

from __future__ import annotations

from datetime import datetime, timedelta

WAIT = timedelta(minutes=5)
"""After a post was written: before, most of what answers it is still to come."""
AGAIN = timedelta(minutes=15)
MOST_POSTS = 1_000
"""Fetched in all."""
MOST_OF_ONE_POST = 500
"""Named by the list of one post."""
MOST_PAGES = 500
"""Lists and pages of lists."""
MOST_BYTES = 50_000_000
SECONDS = 240.0
GIVEN_UP = timedelta(minutes=10)
"""What did not end by then never will."""
RETRY_SECONDS = 3
"""Apps ask again after so long."""


def is_due(written: datetime, started: datetime | None, now: datetime) -> bool:
    """Whether what answers a post may be looked for; `started`: when that was last done."""
    return now - written >= WAIT and (started is None or now - started >= AGAIN)
