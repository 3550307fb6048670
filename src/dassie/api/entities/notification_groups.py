"""Grouped notifications: accounts and statuses stand once beside the groups that speak of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from dassie.api.entities.accounts import show_accounts
from dassie.api.entities.notifications import details_of, extras
from dassie.api.entities.statuses import statuses_by_id
from dassie.api.entities.values import stamp
from dassie.domain.ids import AccountId
from dassie.domain.urls import Urls
from dassie.store.notification_groups import Group
from dassie.store.tx import Tx

PARTIAL = ("id", "acct", "locked", "bot", "url", "avatar", "avatar_static", "avatar_description")
"""What is left of an account that is only drawn as a small picture."""


async def show_groups(
    tx: Tx,
    groups: Sequence[Group],
    *,
    viewer: AccountId,
    urls: Urls,
    in_page: bool = False,
    partial: bool = False,
    supported: Collection[str] = (),
) -> dict[str, Any]:
    """GroupedNotificationsResults; a group whose status may not be seen any more is left out.

    `in_page`: with what clients need to put pages together. `partial`: only the first account of each group whole.
    `supported`: the types that the app knows to show.
    """
    about = list(dict.fromkeys(one.newest.status_id for one in groups if one.newest.status_id is not None))
    by_status = await statuses_by_id(tx, about, viewer=viewer, urls=urls)
    groups = [one for one in groups if one.newest.status_id is None or one.newest.status_id in by_status]
    people = await show_accounts(tx, list(dict.fromkeys(id for one in groups for id in one.sample)), urls)
    whole = {str(one.sample[0]) for one in groups} if partial else {shown["id"] for shown in people}
    details = await details_of(tx, [one.newest for one in groups], urls)
    names = {int(shown["id"]): shown["display_name"] or shown["username"] for shown in people}
    results: dict[str, Any] = {
        "accounts": [shown for shown in people if shown["id"] in whole],
        "statuses": [by_status[id] for id in about if id in by_status],
        "notification_groups": [
            _show(one, in_page) | extras(one.newest, names.get(one.newest.from_account_id, ""), details, supported)
            for one in groups
        ],
    }
    if partial:
        results["partial_accounts"] = [
            {name: shown[name] for name in PARTIAL} for shown in people if shown["id"] not in whole
        ]
    return results


def _show(group: Group, in_page: bool) -> dict[str, Any]:
    newest = group.newest
    shown: dict[str, Any] = {
        "group_key": group.key,
        "notifications_count": group.count,
        "type": newest.type,
        "most_recent_notification_id": newest.id,  # a number, see limits_and_rules section 3
        "sample_account_ids": [str(id) for id in group.sample],
    }
    if in_page:
        shown["page_min_id"] = str(group.oldest_id)
        shown["page_max_id"] = str(newest.id)
        shown["latest_page_notification_at"] = stamp(newest.created_at)
    if newest.status_id is not None:
        shown["status_id"] = str(newest.status_id)
    return shown
