"""What so many admitted posts an hour cost in a day, by when files are fetched (ui.md section 12).

The starting values hold until a server has measured its own; a trial measures them for one relay (domain/trials.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from dassie.domain.trials import (
    CARD_BYTES,
    CARD_SHARE,
    FILE_BYTES,
    JOBS_EAGER,
    JOBS_LAZY,
    POST_BYTES,
    PROFILE_BYTES,
    PROFILE_THUMBNAIL_BYTES,
    THUMBNAIL_BYTES,
)

MEDIA_SHARE = 0.35
"""Of posts have files,"""
FILES_EACH = 1.4
"""so many each."""
NEW_AUTHORS = 0.25
"""Of posts are by somebody never seen before."""

STEPS: tuple[int | None, ...] = (50, 200, 400, 4_000, None)
"""Posts an hour to choose from; None: whatever comes, about as many as a big relay brings."""
BIG_RELAY = 4_000
PROPOSED = 200


class Price(Struct, frozen=True):
    """A day of one source."""

    per_hour: int | None
    when_viewed: int
    """Bytes, as dassie does: files and profiles are fetched when somebody looks. What people look at is beyond it."""
    thumbnails: int
    """Bytes, were small pictures fetched at once."""
    everything: int
    """Bytes, were everything fetched at once, as others do."""
    jobs: int
    """As dassie does."""
    jobs_everything: int


def price(per_hour: int | None, *, post_bytes: float = POST_BYTES, jobs_each: float = JOBS_LAZY) -> Price:
    """The price of a day with so many posts an hour."""
    posts = (per_hour if per_hour is not None else BIG_RELAY) * 24
    files = MEDIA_SHARE * FILES_EACH
    thumbnails = post_bytes + files * THUMBNAIL_BYTES + NEW_AUTHORS * PROFILE_THUMBNAIL_BYTES
    everything = post_bytes + files * FILE_BYTES + NEW_AUTHORS * PROFILE_BYTES + CARD_SHARE * CARD_BYTES
    return Price(
        per_hour,
        round(posts * post_bytes),
        round(posts * thumbnails),
        round(posts * everything),
        round(posts * jobs_each),
        round(posts * JOBS_EAGER),
    )


def price_list(steps: Sequence[int | None] = STEPS) -> list[Price]:
    """The prices to choose from."""
    return [price(step) for step in steps]
