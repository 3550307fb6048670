"""Notifications, told in groups: what happened to one post, or who followed on one day."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from dassie.domain.ids import AccountId, StatusId
from dassie.domain.paging import Page as Part
from dassie.store import (
    accounts,
    annual_reports,
    collections,
    follows,
    markers,
    notification_requests,
    notifications,
    reports,
    severances,
)
from dassie.store.collections import Collection
from dassie.store.notifications import Notification, Wanted
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusView
from dassie.web.answers import Html
from dassie.web.reading import show
from dassie.web.routing import page
from dassie.web.shown import NotificationGroup
from dassie.web.visits import Visit

READ_AT_ONCE = 60
GROUPED = frozenset({"favourite", "reblog", "follow"})
ABOUT_A_POST = frozenset({"mention", "status", "poll", "update", "favourite", "reblog"})
ASKED = Part(limit=40)


@page("/notifications", signed_in=True)
async def notified(visit: Visit) -> Html:
    """What concerns me, newest first. Looking at the first page marks all as read."""
    mentions = visit.params.get("only") == "mentions"
    wanted = Wanted(types=["mention"]) if mentions else Wanted(exclude_types=["follow_request"])
    part = visit.part(READ_AT_ONCE)
    async with visit.server.read() as tx:
        told = await notifications.newest(tx, visit.me.id, wanted, part)
        read = await markers.last_read(tx, visit.user.id, "notifications")
        groups = await _groups(tx, visit, told, read)
        asking = [] if mentions or part.max_id else await _asking(tx, visit)
        held = 0 if part.max_id else await notification_requests.number(tx, visit.me.id)
        around = await visit.page(tx)
    first = part.max_id is None and not mentions
    if first and told and told[0].id > read and "prefetch" not in visit.request.headers.get("sec-purpose", ""):
        async with visit.server.write() as tx:
            await markers.save(tx, visit.user.id, "notifications", told[0].id)
        if around.me is not None:
            around = structs.replace(around, me=structs.replace(around.me, unread=0))
    visit.looked([one.status_id for one in told if one.status_id is not None])
    return visit.html(
        "pages/notifications.html",
        around,
        groups=groups,
        requests=asking,
        held=held,
        only="mentions" if mentions else "all",
        older=visit.older([one.id for one in told], READ_AT_ONCE),
    )


async def _groups(tx: Tx, visit: Visit, told: Sequence[Notification], read: int) -> list[NotificationGroup]:
    people = await accounts.by_ids(tx, {one.from_account_id for one in told})
    ids = list(dict.fromkeys(one.status_id for one in told if one.status_id is not None))
    posts = {one.id: one for one in await show(tx, visit, ids, "notifications")}
    lost = await severances.by_ids(tx, [one.id for one in told if one.type == "severed_relationships"])
    years = await annual_reports.told(tx, [one.id for one in told if one.type == "annual_report"])
    filed = await reports.told(tx, [one.id for one in told if one.type == "admin.report"])
    about = await _collections(tx, told)
    return [
        structs.replace(
            one,
            event=lost.get(one.newest_id),
            report=filed.get(one.newest_id),
            year=years.get(one.newest_id),
            collection=about.get(one.newest_id),
        )
        for one in group(told, people, posts, read)
    ]


async def _collections(tx: Tx, told: Sequence[Notification]) -> dict[int, Collection]:
    about = await collections.told_of(tx, [one.id for one in told if "collection" in one.type])
    known = await collections.by_ids(tx, set(about.values()))
    return {id: known[of] for id, of in about.items() if of in known}


def group(
    told: Sequence[Notification],
    people: dict[int, AccountView] | dict[AccountId, AccountView],
    posts: dict[StatusId, StatusView],
    read: int,
) -> list[NotificationGroup]:
    """Notifications of one kind about one post, and follows of one day, together where the newest stands.

    Each post is told once per kind; what is about a post that cannot be seen any more is left out.
    """
    found: dict[tuple[object, ...], list[Notification]] = {}
    for one in told:
        if one.from_account_id not in people or (one.type in ABOUT_A_POST and one.status_id not in posts):
            continue
        found.setdefault(_key(one), []).append(one)
    return [_group(members, people, posts, read) for members in found.values()]


def _key(one: Notification) -> tuple[object, ...]:
    if one.type == "follow":
        return one.type, one.created_at.date()
    if one.type in GROUPED:
        return one.type, one.status_id
    return ("post", one.status_id) if one.type in ("mention", "status") else (one.type, one.id)


def _group(
    members: list[Notification],
    people: dict[int, AccountView] | dict[AccountId, AccountView],
    posts: dict[StatusId, StatusView],
    read: int,
) -> NotificationGroup:
    newest = members[0]
    senders = list(dict.fromkeys(one.from_account_id for one in members))
    return NotificationGroup(
        kind=newest.type,
        accounts=[people[id] for id in senders],
        count=len(senders),
        at=newest.created_at,
        newest_id=newest.id,
        status=posts.get(newest.status_id) if newest.status_id is not None else None,
        unread=newest.id > read,
    )


async def _asking(tx: Tx, visit: Visit) -> list[AccountView]:
    rows = await follows.requests_to(tx, visit.me.id, ASKED)
    known = await accounts.by_ids(tx, [id for _, id in rows])
    return [known[id] for _, id in rows if id in known]
