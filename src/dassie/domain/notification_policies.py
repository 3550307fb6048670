"""Whose notifications are let through, held back, or dropped: the rules of one person (limits_and_rules section 15)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

Verdict = Literal["accept", "filter", "drop"]
VERDICTS: frozenset[str] = frozenset({"accept", "filter", "drop"})

FILTERABLE = frozenset({"mention", "quote", "reblog", "favourite", "follow", "follow_request", "added_to_collection"})
"""What the rules are about; all else is always told."""
REQUESTED = frozenset({"mention", "quote"})
"""Held back, these ask to be let through."""
NEW_ACCOUNT = timedelta(days=30)
NEW_FOLLOWER = timedelta(days=3)
"""Who follows for less counts as no follower."""
MOST_COUNTED = 100
"""No count of what is held back goes further."""


class NotificationPolicy(Struct, frozen=True):
    """What happens to notifications from whom."""

    for_not_following: Verdict = "accept"
    for_not_followers: Verdict = "accept"
    for_new_accounts: Verdict = "accept"
    for_private_mentions: Verdict = "filter"
    for_limited_accounts: Verdict = "filter"
    for_bots: Verdict = "accept"


RULES = NotificationPolicy.__struct_fields__


class Sender(Struct, frozen=True):
    """What matters about who causes a notification."""

    followed: bool
    """By the recipient."""
    follower_since: datetime | None
    created_at: datetime
    limited: bool
    bot: bool
    unasked_private: bool
    """It is a private mention, and no answer to one by the recipient."""


def judge(policy: NotificationPolicy, sender: Sender, at: datetime) -> Verdict:
    """What the policy says at that time. Where several rules fit, dropping goes before holding back."""
    said = {getattr(policy, rule) for rule in _that_fit(sender, at)}
    return "drop" if "drop" in said else "filter" if "filter" in said else "accept"


def _that_fit(sender: Sender, at: datetime) -> list[str]:
    stranger = not sender.followed
    facts = {
        "for_not_following": stranger,
        "for_not_followers": sender.follower_since is None or sender.follower_since > at - NEW_FOLLOWER,
        "for_new_accounts": stranger and sender.created_at > at - NEW_ACCOUNT,
        "for_private_mentions": stranger and sender.unasked_private,
        "for_limited_accounts": stranger and sender.limited,
        "for_bots": stranger and sender.bot,
    }
    return [rule for rule, fits in facts.items() if fits]
