"""Looking back on a year: who wrote what, worked out once when somebody asks for it."""

from __future__ import annotations

import secrets
from typing import Literal

from dassie.domain.annual_reports import (
    MOST_TAGS,
    Month,
    Report,
    Top,
    Year,
    archetype,
    may_be_told,
    month_bounds,
)
from dassie.domain.ids import AccountId, NotificationId, next_id
from dassie.domain.jobs import MakeAnnualReport
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import notifying
from dassie.store import accounts, annual_reports, notifications, queue
from dassie.store.annual_reports import span
from dassie.store.notifications import Notification
from dassie.store.tx import Tx
from dassie.store.views import AccountView

State = Literal["available", "generating", "eligible", "ineligible"]


async def state(tx: Tx, me: AccountView, year: int) -> State:
    """Whether a year is there, on the way, can be asked for, or not."""
    known = await annual_reports.of(tx, me.id, year)
    if known is not None:
        return "available" if known.data is not None else "generating"
    return "eligible" if await _eligible(tx, me, year) else "ineligible"


async def ask(tx: Tx, me: AccountView, year: int) -> State:
    """Have a year worked out where it can be; how it stands now.

    Asked for while it is on the way, it is begun again only where that had failed for good.
    """
    now = await state(tx, me, year)
    if now in ("available", "ineligible"):
        return now
    await annual_reports.begin(tx, next_id(tx.now), me.id, year, secrets.token_urlsafe(9))
    await queue.enqueue(tx, MakeAnnualReport(me.id, year), unique=f"{me.id} {year}")
    return "generating"


async def _eligible(tx: Tx, me: AccountView, year: int) -> bool:
    if not may_be_told(year, tx.now):
        return False
    bounds = month_bounds(year)
    return await annual_reports.wrote(tx, me.id, span(bounds[0][0], bounds[-1][1]))


@handles(MakeAnnualReport)
async def make(server: Server, job: MakeAnnualReport) -> None:
    """Count, keep and tell. Counted while only reading; done twice, it is told once."""
    async with server.read() as tx:
        account = await accounts.by_id(tx, job.account_id)
        if account is None:
            return
        told = await _year(tx, job.account_id, job.year)
    async with server.write() as tx:
        id = NotificationId(next_id(tx.now))
        if await annual_reports.end(tx, job.account_id, job.year, told, id):
            await _tell(tx, server, account.id, id)


async def _year(tx: Tx, me: int, year: int) -> Year:
    bounds = month_bounds(year)
    whole = span(bounds[0][0], bounds[-1][1])
    wrote = await annual_reports.counts(tx, me, whole)
    series = []
    for number, (begin, end) in enumerate(bounds, 1):
        following, followers = await annual_reports.follows_in(tx, me, begin, end)
        posts = await annual_reports.statuses_in(tx, me, span(begin, end))
        series.append(Month(number, posts, following, followers))
    return Year(
        archetype=archetype(alone=wrote.alone, replies=wrote.replies, reblogs=wrote.reblogs, polls=wrote.polls),
        time_series=series,
        top_hashtags=await annual_reports.top_tags(tx, me, whole, MOST_TAGS),
        top_statuses=await _top(tx, me, whole),
    )


async def _top(tx: Tx, me: int, ids: dict[str, int]) -> Top:
    found: dict[str, int] = {}
    for name in ("reblogs", "favourites", "replies"):
        id = await annual_reports.top_status(tx, me, ids, f"{name}_count", list(found.values()))
        if id is not None:
            found[f"by_{name}"] = id
    return Top(**found)


async def _tell(tx: Tx, server: Server, account_id: AccountId, id: NotificationId) -> None:
    new = Notification(
        id=id,
        account_id=account_id,
        type="annual_report",
        from_account_id=account_id,
        status_id=None,
        group_key="",
        filtered=False,
        created_at=tx.now,
    )
    await notifications.insert_event(tx, new)
    await notifying.publish(tx, server, new)


def is_shared_by(report: Report | None, key: str) -> bool:
    """Whether this key is the one that its owner hands out."""
    return report is not None and report.data is not None and secrets.compare_digest(report.share_key, key)
