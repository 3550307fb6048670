"""Notification entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dassie.api.entities.accounts import show_accounts
from dassie.api.entities.statuses import statuses_by_id
from dassie.api.entities.values import stamp
from dassie.domain.ids import AccountId
from dassie.domain.notification_groups import alone
from dassie.domain.urls import Urls
from dassie.store.notifications import Notification
from dassie.store.tx import Tx


async def show_notifications(
    tx: Tx, found: Sequence[Notification], *, viewer: AccountId, urls: Urls
) -> list[dict[str, Any]]:
    """Notifications with their accounts and statuses; one whose status may not be seen any more is left out."""
    status_ids = list(dict.fromkeys(one.status_id for one in found if one.status_id is not None))
    people = await show_accounts(tx, list(dict.fromkeys(one.from_account_id for one in found)), urls)
    by_account = {shown["id"]: shown for shown in people}
    by_status = await statuses_by_id(tx, status_ids, viewer=viewer, urls=urls)
    out = []
    for one in found:
        account = by_account.get(str(one.from_account_id))
        if account is None or (one.status_id is not None and one.status_id not in by_status):
            continue
        shown = _show(one, account)
        if one.status_id is not None:
            shown["status"] = by_status[one.status_id]
        out.append(shown)
    return out


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
