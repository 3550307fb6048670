"""Notification entities."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from dassie.api.entities.accounts import show_accounts
from dassie.api.entities.reports import show_reports
from dassie.api.entities.statuses import statuses_by_id
from dassie.api.entities.values import stamp
from dassie.domain.html import escape
from dassie.domain.ids import AccountId
from dassie.domain.notification_groups import alone
from dassie.domain.urls import Urls
from dassie.services.push_messages import title
from dassie.store import reports, severances
from dassie.store.notifications import Notification
from dassie.store.severances import Severance
from dassie.store.tx import Tx

YOUNG = frozenset(
    {
        "severed_relationships",
        "moderation_warning",
        "admin.sign_up",
        "admin.report",
        "added_to_collection",
        "collection_update",
    }
)
"""An app that does not name these among the types it supports is told in words."""


async def show_notifications(
    tx: Tx, found: Sequence[Notification], *, viewer: AccountId, urls: Urls, supported: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Notifications with their accounts and statuses; one whose status may not be seen any more is left out.

    `supported`: the types that the app knows to show (`supported_types[]`).
    """
    status_ids = list(dict.fromkeys(one.status_id for one in found if one.status_id is not None))
    people = await show_accounts(tx, list(dict.fromkeys(one.from_account_id for one in found)), urls)
    by_account = {shown["id"]: shown for shown in people}
    by_status = await statuses_by_id(tx, status_ids, viewer=viewer, urls=urls)
    details = await details_of(tx, found, urls)
    out = []
    for one in found:
        account = by_account.get(str(one.from_account_id))
        if account is None or (one.status_id is not None and one.status_id not in by_status):
            continue
        shown = _show(one, account)
        if one.status_id is not None:
            shown["status"] = by_status[one.status_id]
        shown |= extras(one, account["display_name"] or account["username"], details, supported)
        out.append(shown)
    return out


Details = dict[int, dict[str, Any]]
"""What few notifications have besides, by their id: the key it goes under, and what it says."""


async def details_of(tx: Tx, found: Sequence[Notification], urls: Urls) -> Details:
    """The events and reports that some of these tell of."""
    details: Details = {}
    lost = await severances.by_ids(tx, [one.id for one in found if one.type == "severed_relationships"])
    details |= {id: {"event": _event(event)} for id, event in lost.items()}
    filed = await reports.told(tx, [one.id for one in found if one.type == "admin.report"])
    shown = await show_reports(tx, list(filed.values()), urls) if filed else {}
    return details | {id: {"report": shown[one.id]} for id, one in filed.items() if one.id in shown}


def extras(one: Notification, name: str, details: Details, supported: Collection[str]) -> dict[str, Any]:
    """What notifications of few types have: what they tell of, and words for apps that do not know them."""
    shown = dict(details.get(one.id, {}))
    if one.type in YOUNG and one.type not in supported:
        shown["fallback"] = {"title": escape(title(one.type, name)), "summary": None, "description": None}
    return shown


def _event(event: Severance) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "type": event.type,
        "purged": False,
        "target_name": event.target_name,
        "followers_count": event.followers_count,
        "following_count": event.following_count,
        "created_at": stamp(event.created_at),
    }


def _show(one: Notification, account: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": str(one.id),
        "type": one.type,
        "group_key": one.group_key or alone(one.id),
        "created_at": stamp(one.created_at),
        "account": account,
    }
    if one.filtered:
        shown["filtered"] = True
    return shown
