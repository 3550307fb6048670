"""A year looked back on: what is counted, who it makes of somebody, and which years can be asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

from msgspec import Struct

SCHEMA = 2
"""Of `data`, as Mastodon 4.6 numbers it."""
FIRST_YEAR = 2000
MOST_TAGS = 10
QUIET = 113
"""Who posts less in a year, replies and boosts included, reads more than they write."""


class Month(Struct, frozen=True):
    """One month, from 1 to 12: posts with replies and boosts, new follows, new followers that are still there."""

    month: int
    statuses: int
    following: int
    followers: int


class TagCount(Struct, frozen=True):
    """A hashtag and how many posts had it."""

    name: str
    count: int


class Top(Struct, frozen=True):
    """The post with the most of each, told apart from those before; None where none had any."""

    by_reblogs: int | None = None
    by_favourites: int | None = None
    by_replies: int | None = None

    @property
    def ids(self) -> list[int]:
        return [id for id in (self.by_reblogs, self.by_favourites, self.by_replies) if id is not None]


class Year(Struct, frozen=True):
    """What there is to tell."""

    archetype: str
    time_series: list[Month]
    top_hashtags: list[TagCount]
    top_statuses: Top


class Report(Struct, frozen=True):
    """The year of somebody, kept."""

    id: int
    account_id: int
    year: int
    data: Year | None
    """None: it is being worked out."""
    share_key: str
    notification_id: int | None
    viewed_at: datetime | None
    created_at: datetime


def archetype(*, alone: int, replies: int, reblogs: int, polls: int) -> str:
    """Who somebody was, by what they wrote: posts for themselves (those with polls among them), replies, boosts."""
    if alone + replies + reblogs < QUIET:
        return "lurker"
    if reblogs > 2 * alone:
        return "booster"
    if 10 * polls > alone:
        return "pollster"
    return "replier" if replies > 2 * alone else "oracle"


def may_be_told(year: int, now: datetime) -> bool:
    """Whether a year is over, or nearly so: this year's from December on."""
    return FIRST_YEAR <= year < now.year or (year == now.year and now.month == 12)


def latest(now: datetime) -> int:
    """The last year that can be told."""
    return now.year if now.month == 12 else now.year - 1


def campaign(now: datetime) -> int | None:
    """The year that apps may put forward just now: in December."""
    return now.year if now.month == 12 else None


def month_bounds(year: int) -> list[tuple[datetime, datetime]]:
    """Begin and end of each month, in UTC."""
    begins = [datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in range(13)]
    return list(pairwise(begins))
