"""NotificationRequest, and NotificationPolicy in both shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, NotRequired, TypedDict, cast

from dassie.api.entities.accounts import Account, show_accounts
from dassie.api.entities.shapes import Digits, Id, Stamp, Words
from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.entities.statuses import statuses_by_id
from dassie.api.entities.values import stamp
from dassie.domain import notification_policies
from dassie.domain.ids import AccountId
from dassie.domain.notification_policies import RULES
from dassie.domain.urls import Urls
from dassie.store import notification_requests
from dassie.store.tx import Tx

Verdict = Annotated[str, Words("accept", "filter", "drop")]


class NotificationRequest(TypedDict):
    """Somebody whose mentions are held back."""

    id: Id
    created_at: Stamp
    updated_at: Stamp
    account: Account
    notifications_count: Digits
    last_status: NotRequired[EncodedStatus]


class Merged(TypedDict):
    """Whether all that was let through is among the notifications."""

    merged: bool


class PolicySummary(TypedDict):
    """How much is held back."""

    pending_requests_count: int
    pending_notifications_count: int


class NotificationPolicy(TypedDict):
    """Whose notifications are held back or dropped."""

    for_not_following: Verdict
    for_not_followers: Verdict
    for_new_accounts: Verdict
    for_private_mentions: Verdict
    for_limited_accounts: Verdict
    summary: PolicySummary
    for_bots: Verdict


class V1NotificationPolicy(TypedDict):
    """The same in the old shape."""

    filter_not_following: bool
    filter_not_followers: bool
    filter_new_accounts: bool
    filter_private_mentions: bool
    summary: PolicySummary
    filter_bots: bool


async def show_requests(
    tx: Tx, found: Sequence[notification_requests.NotificationRequest], *, viewer: AccountId, urls: Urls
) -> list[NotificationRequest]:
    """Who asks, each with the newest of their posts that is held back."""
    people = {shown["id"]: shown for shown in await show_accounts(tx, [one.from_account_id for one in found], urls)}
    about = list(dict.fromkeys(one.last_status_id for one in found if one.last_status_id is not None))
    by_status = await statuses_by_id(tx, about, viewer=viewer, urls=urls)
    out: list[NotificationRequest] = []
    for one in found:
        account = people.get(str(one.from_account_id))
        if account is None:
            continue
        shown: NotificationRequest = {
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


def show_policy(policy: notification_policies.NotificationPolicy, summary: tuple[int, int]) -> NotificationPolicy:
    """The policy with what it holds back at this time."""
    verdicts: Any = {rule: getattr(policy, rule) for rule in RULES}
    return cast(NotificationPolicy, {**verdicts, "summary": _summary(summary)})


def show_policy_v1(policy: notification_policies.NotificationPolicy, summary: tuple[int, int]) -> V1NotificationPolicy:
    """The shape in which a rule is on or off; private mentions and the rest but for limited accounts."""
    on = {v1_name(rule): getattr(policy, rule) != "accept" for rule in V1_RULES}
    return cast(V1NotificationPolicy, {**on, "summary": _summary(summary)})


V1_RULES = tuple(rule for rule in RULES if rule != "for_limited_accounts")


def v1_name(rule: str) -> str:
    """What a rule is called in the old shape."""
    return f"filter_{rule.removeprefix('for_')}"


def _summary(summary: tuple[int, int]) -> PolicySummary:
    requests, notifications = summary
    return {"pending_requests_count": requests, "pending_notifications_count": notifications}
