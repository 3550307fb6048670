"""NotificationRequest, and NotificationPolicy in both shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dassie.api.entities.accounts import show_accounts
from dassie.api.entities.statuses import statuses_by_id
from dassie.api.entities.values import stamp
from dassie.domain.ids import AccountId
from dassie.domain.notification_policies import RULES, NotificationPolicy
from dassie.domain.urls import Urls
from dassie.store.notification_requests import NotificationRequest
from dassie.store.tx import Tx


async def show_requests(
    tx: Tx, found: Sequence[NotificationRequest], *, viewer: AccountId, urls: Urls
) -> list[dict[str, Any]]:
    """Who asks, each with the newest of their posts that is held back."""
    people = {shown["id"]: shown for shown in await show_accounts(tx, [one.from_account_id for one in found], urls)}
    about = list(dict.fromkeys(one.last_status_id for one in found if one.last_status_id is not None))
    by_status = await statuses_by_id(tx, about, viewer=viewer, urls=urls)
    out = []
    for one in found:
        account = people.get(str(one.from_account_id))
        if account is None:
            continue
        shown: dict[str, Any] = {
            "id": str(one.id),
            "created_at": stamp(one.created_at),
            "updated_at": stamp(one.updated_at),
            "notifications_count": str(one.count),  # a text, see limits_and_rules section 3
            "account": account,
        }
        if one.last_status_id in by_status:
            shown["last_status"] = by_status[one.last_status_id]
        out.append(shown)
    return out


def show_policy(policy: NotificationPolicy, summary: tuple[int, int]) -> dict[str, Any]:
    """The policy with what it holds back at this time."""
    return {**{rule: getattr(policy, rule) for rule in RULES}, "summary": _summary(summary)}


def show_policy_v1(policy: NotificationPolicy, summary: tuple[int, int]) -> dict[str, Any]:
    """The shape in which a rule is on or off; private mentions and the rest but for limited accounts."""
    on = {v1_name(rule): getattr(policy, rule) != "accept" for rule in V1_RULES}
    return {**on, "summary": _summary(summary)}


V1_RULES = tuple(rule for rule in RULES if rule != "for_limited_accounts")


def v1_name(rule: str) -> str:
    """What a rule is called in the old shape."""
    return f"filter_{rule.removeprefix('for_')}"


def _summary(summary: tuple[int, int]) -> dict[str, int]:
    requests, notifications = summary
    return {"pending_requests_count": requests, "pending_notifications_count": notifications}
