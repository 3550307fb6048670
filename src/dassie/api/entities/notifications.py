"""Notification entities."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, NotRequired, TypedDict

from dassie.api.entities.collections import Collection as CollectionEntity
from dassie.api.entities.collections import show_collections
from dassie.api.entities.encoded_accounts import EncodedAccount, encoded_accounts
from dassie.api.entities.reports import Report, show_reports
from dassie.api.entities.shapes import Html, Id, Stamp, Words
from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.entities.statuses import statuses_by_id
from dassie.api.entities.values import stamp
from dassie.domain.html import escape
from dassie.domain.ids import AccountId, NotificationId
from dassie.domain.notification_groups import alone
from dassie.domain.push import ALERTS
from dassie.domain.urls import Urls
from dassie.services.push_messages import title
from dassie.store import accounts, collections, notifications, reports, severances
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


NotificationType = Annotated[str, Words(*ALERTS)]


class NotificationFallback(TypedDict):
    """Words for apps that do not know a type."""

    title: Html
    summary: Html | None
    details: NotRequired[Html | None]
    description: str | None


class RelationshipSeveranceEvent(TypedDict):
    """Follows that ended at once."""

    id: Id
    type: Annotated[str, Words("domain_block", "user_domain_block", "account_suspension")]
    purged: bool
    target_name: str
    followers_count: int
    following_count: int
    created_at: Stamp


class Notification(TypedDict):
    """What somebody is told."""

    id: Id
    type: NotificationType
    group_key: str
    created_at: Stamp
    account: EncodedAccount
    status: NotRequired[EncodedStatus]
    report: NotRequired[Report]
    event: NotRequired[RelationshipSeveranceEvent]
    collection: NotRequired[CollectionEntity]
    fallback: NotRequired[NotificationFallback]
    filtered: NotRequired[bool]


class Count(TypedDict):
    """How many there are."""

    count: int


class Extras(TypedDict):
    """What notifications of few types have."""

    report: NotRequired[Report]
    event: NotRequired[RelationshipSeveranceEvent]
    collection: NotRequired[CollectionEntity]
    fallback: NotRequired[NotificationFallback]


async def show_notifications(
    tx: Tx,
    found: Sequence[notifications.Notification],
    *,
    viewer: AccountId,
    urls: Urls,
    supported: Collection[str] = (),
) -> list[Notification]:
    """Notifications with their accounts and statuses; one whose status may not be seen any more is left out.

    `supported`: the types that the app knows to show (`supported_types[]`).
    """
    status_ids = list(dict.fromkeys(one.status_id for one in found if one.status_id is not None))
    people = await encoded_accounts(tx, {one.from_account_id for one in found}, urls)
    by_status = await statuses_by_id(tx, status_ids, viewer=viewer, urls=urls)
    details = await details_of(tx, found, urls, supported)
    out: list[Notification] = []
    for one in found:
        account = people.get(one.from_account_id)
        if account is None or (one.status_id is not None and one.status_id not in by_status):
            continue
        shown = _show(one, account)
        if one.status_id is not None:
            shown["status"] = by_status[one.status_id]
        out.append({**shown, **details[one.id]} if one.id in details else shown)
    return out


Details = dict[int, Extras]
"""What few notifications have besides, by their id."""


async def details_of(
    tx: Tx, found: Sequence[notifications.Notification], urls: Urls, supported: Collection[str]
) -> Details:
    """What some of these tell of, and words for apps that do not know their types."""
    few = [one for one in found if one.type in YOUNG]
    if not few:
        return {}
    details: Details = {one.id: {} for one in few}
    for id, event in (await severances.by_ids(tx, _ids(few, "severed_relationships"))).items():
        details[id]["event"] = _event(event)
    filed = await reports.told(tx, _ids(few, "admin.report"))
    shown = await show_reports(tx, list(filed.values()), urls) if filed else {}
    for id, report in filed.items():
        if report.id in shown:
            details[id]["report"] = shown[report.id]
    for id, collection in (await _collections(tx, few, urls)).items():
        details[id]["collection"] = collection
    unknown = [one for one in few if one.type not in supported]
    people = await accounts.by_ids(tx, {one.from_account_id for one in unknown})
    for one in unknown:
        from_account = people.get(one.from_account_id)
        name = (from_account.display_name or from_account.username) if from_account is not None else ""
        details[one.id]["fallback"] = {"title": escape(title(one.type, name)), "summary": None, "description": None}
    return details


async def _collections(tx: Tx, few: Sequence[notifications.Notification], urls: Urls) -> dict[int, CollectionEntity]:
    """The collections that some of these tell of, by notification."""
    about = [*_ids(few, "added_to_collection"), *_ids(few, "collection_update")]
    told = await collections.told_of(tx, about)
    if not told:
        return {}
    known = await collections.by_ids(tx, set(told.values()))
    shown = await show_collections(tx, list(known.values()), urls, few[0].account_id)
    by_id = {int(one["id"]): one for one in shown}
    return {id: by_id[of] for id, of in told.items() if of in by_id}


def _ids(found: Sequence[notifications.Notification], type: str) -> list[NotificationId]:
    return [one.id for one in found if one.type == type]


def _event(event: Severance) -> RelationshipSeveranceEvent:
    return {
        "id": str(event.id),
        "type": event.type,
        "purged": False,
        "target_name": event.target_name,
        "followers_count": event.followers_count,
        "following_count": event.following_count,
        "created_at": stamp(event.created_at),
    }


def _show(one: notifications.Notification, account: EncodedAccount) -> Notification:
    shown: Notification = {
        "id": str(one.id),
        "type": one.type,
        "group_key": one.group_key or alone(one.id),
        "created_at": stamp(one.created_at),
        "account": account,
    }
    if one.filtered:
        shown["filtered"] = True
    return shown
