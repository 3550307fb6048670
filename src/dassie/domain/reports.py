"""Reports: what they can be about, and their bounds."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

CATEGORIES = frozenset({"spam", "legal", "violation", "other"})
LONGEST_COMMENT = 1_000
"""Characters of people here."""
LONGEST_FOREIGN_COMMENT = 5_000
MOST_STATUSES = 100
MOST_COLLECTIONS = 20
MOST_A_DAY = 100
"""Of one other server; more are dropped."""


class Report(Struct, frozen=True):
    """Somebody said that somebody else, or what they wrote, should be looked at."""

    id: int
    account_id: int
    """Who reports. Of another server often its own account: who it was there is not told."""
    target_account_id: int
    category: str
    comment: str
    status_ids: list[int]
    collection_ids: list[int]
    """Of the account's collections of recommended people."""
    rule_ids: list[int]
    """Of the server's rules that are broken, where the category is violation."""
    forwarded: bool
    """Their own server was told, too."""
    assigned_account_id: int | None
    action_taken_by_account_id: int | None
    action_taken_at: datetime | None
    """When it was closed; None: it is open."""
    created_at: datetime
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        return self.action_taken_at is None
