"""Notification policies: which rule fits whom, and which of several wins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from dassie.domain.notification_policies import RULES, NotificationPolicy, Sender, Verdict, judge

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FRIEND = Sender(
    followed=True,
    follower_since=NOW - timedelta(days=30),
    created_at=NOW - timedelta(days=400),
    limited=False,
    bot=False,
    unasked_private=False,
)
ODD: dict[str, Any] = {"created_at": NOW, "limited": True, "bot": True, "unasked_private": True}


def only(rule: str, verdict: Verdict) -> NotificationPolicy:
    verdicts: dict[str, Any] = {**dict.fromkeys(RULES, "accept"), rule: verdict}
    return NotificationPolicy(**verdicts)


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("for_not_following", {"followed": False}),
        ("for_not_followers", {"follower_since": None}),
        ("for_not_followers", {"follower_since": NOW - timedelta(days=2)}),
        ("for_new_accounts", {"followed": False, "created_at": NOW - timedelta(days=29)}),
        ("for_private_mentions", {"followed": False, "unasked_private": True}),
        ("for_limited_accounts", {"followed": False, "limited": True}),
        ("for_bots", {"followed": False, "bot": True}),
    ],
)
def test_each_rule_fits_its_own(rule: str, facts: dict[str, Any]) -> None:
    sender = structs.replace(FRIEND, **facts)
    for verdict in ("accept", "filter", "drop"):
        assert judge(only(rule, verdict), sender, NOW) == verdict
        assert judge(only(rule, verdict), FRIEND, NOW) == "accept"


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "for_not_followers"])
def test_who_is_followed_passes_all_but_the_rule_for_followers(rule: str) -> None:
    assert judge(only(rule, "drop"), structs.replace(FRIEND, **ODD), NOW) == "accept"


def test_dropping_goes_before_holding_back() -> None:
    policy = NotificationPolicy(for_not_following="filter", for_bots="drop")
    stranger = structs.replace(FRIEND, followed=False)
    assert judge(policy, stranger, NOW) == "filter"
    assert judge(policy, structs.replace(stranger, bot=True), NOW) == "drop"


def test_without_a_choice_private_mentions_and_limited_accounts_are_held_back() -> None:
    stranger = structs.replace(FRIEND, followed=False, follower_since=None, created_at=NOW, bot=True)
    assert judge(NotificationPolicy(), stranger, NOW) == "accept"
    for fact in ("unasked_private", "limited"):
        assert judge(NotificationPolicy(), structs.replace(stranger, **{fact: True}), NOW) == "filter"
