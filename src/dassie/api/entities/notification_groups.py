"""Grouped notifications: accounts and statuses stand once beside the groups that speak of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NotRequired, TypedDict

from dassie.api.entities.accounts import show_account
from dassie.api.entities.annual_reports import AnnualReportEvent
from dassie.api.entities.collections import Collection as CollectionEntity
from dassie.api.entities.encoded_accounts import EncodedAccount, encoded_accounts
from dassie.api.entities.notifications import (
    Extras,
    NotificationFallback,
    NotificationType,
    RelationshipSeveranceEvent,
    details_of,
)
from dassie.api.entities.reports import Report
from dassie.api.entities.shapes import Id, Stamp, Url
from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.entities.statuses import statuses_by_id
from dassie.api.entities.values import stamp
from dassie.domain.ids import AccountId
from dassie.domain.urls import Urls
from dassie.store import accounts, annual_reports
from dassie.store.notification_groups import Group
from dassie.store.tx import Tx
from dassie.store.views import AccountView


class PartialAccountWithAvatar(TypedDict):
    """What is left of an account that is only drawn as a small picture."""

    id: Id
    acct: str
    url: Url | None
    avatar: Url
    avatar_static: Url
    avatar_description: str
    locked: bool
    bot: bool


class NotificationGroup(TypedDict):
    """Notifications that are told together."""

    group_key: str
    notifications_count: int
    type: NotificationType
    most_recent_notification_id: int
    page_min_id: NotRequired[Id]
    page_max_id: NotRequired[Id]
    latest_page_notification_at: NotRequired[Stamp]
    sample_account_ids: list[Id]
    status_id: NotRequired[Id]
    report: NotRequired[Report]
    event: NotRequired[RelationshipSeveranceEvent]
    collection: NotRequired[CollectionEntity]
    annual_report: NotRequired[AnnualReportEvent]
    fallback: NotRequired[NotificationFallback]


class GroupedNotificationsResults(TypedDict):
    """Groups, and beside them the accounts and posts that they speak of."""

    accounts: list[EncodedAccount]
    partial_accounts: NotRequired[list[PartialAccountWithAvatar]]
    statuses: list[EncodedStatus]
    notification_groups: list[NotificationGroup]


async def show_groups(
    tx: Tx,
    groups: Sequence[Group],
    *,
    viewer: AccountId,
    urls: Urls,
    in_page: bool = False,
    partial: bool = False,
    supported: Collection[str] = (),
) -> GroupedNotificationsResults:
    """GroupedNotificationsResults; a group whose status may not be seen any more is left out.

    `in_page`: with what clients need to put pages together. `partial`: only the first account of each group whole.
    `supported`: the types that the app knows to show.
    """
    about = list(dict.fromkeys(one.newest.status_id for one in groups if one.newest.status_id is not None))
    by_status = await statuses_by_id(tx, about, viewer=viewer, urls=urls)
    groups = [one for one in groups if one.newest.status_id is None or one.newest.status_id in by_status]
    people = await encoded_accounts(tx, list(dict.fromkeys(id for one in groups for id in one.sample)), urls)
    firsts = {one.sample[0] for one in groups} if partial else people.keys()
    details = await details_of(tx, [one.newest for one in groups], urls, supported)
    results: GroupedNotificationsResults = {
        "accounts": [shown for id, shown in people.items() if id in firsts],
        "statuses": [by_status[id] for id in about if id in by_status],
        "notification_groups": [{**_show(one, in_page), **details.get(one.newest.id, Extras())} for one in groups],
    }
    years = await annual_reports.told(tx, [one.newest.id for one in groups if one.newest.type == "annual_report"])
    for group, shown_group in zip(groups, results["notification_groups"], strict=True):
        if group.newest.id in years:
            shown_group["annual_report"] = {"year": years[group.newest.id]}
    if partial:
        others = await accounts.by_ids(tx, people.keys() - firsts)
        results["partial_accounts"] = [_partial(one, urls) for one in others.values()]
    return results


def _partial(account: AccountView, urls: Urls) -> PartialAccountWithAvatar:
    shown = show_account(account, urls)
    return {
        "id": shown["id"],
        "acct": shown["acct"],
        "locked": shown["locked"],
        "bot": shown["bot"],
        "url": shown["url"],
        "avatar": shown["avatar"],
        "avatar_static": shown["avatar_static"],
        "avatar_description": shown["avatar_description"],
    }


def _show(group: Group, in_page: bool) -> NotificationGroup:
    newest = group.newest
    shown: NotificationGroup = {
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
