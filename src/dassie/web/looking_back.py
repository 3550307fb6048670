"""A year of somebody: their own pages, and the one they hand out."""

from __future__ import annotations

from typing import Any

from dassie.domain.annual_reports import Report, latest
from dassie.domain.errors import NotFound
from dassie.services import looking_back, showing
from dassie.store import accounts, annual_reports
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusView
from dassie.web.answers import Answer, Go
from dassie.web.routing import form, page
from dassie.web.visits import Visit

YEARS_SHOWN = 10


@page("/wrapstodon", signed_in=True)
async def years(visit: Visit) -> Answer:
    """The years one can look back on."""
    async with visit.server.read() as tx:
        last = latest(tx.now)
        first = max(visit.me.created_at.year, last - YEARS_SHOWN + 1)
        found = [(year, await looking_back.state(tx, visit.me, year)) for year in range(last, first - 1, -1)]
        around = await visit.page(tx)
    return visit.html("pages/years.html", around, years=[one for one in found if one[1] != "ineligible"])


@form("/wrapstodon/{year}")
async def make(visit: Visit, year: int) -> Answer:
    """Have a year worked out."""
    async with visit.server.write() as tx:
        if await looking_back.ask(tx, visit.me, year) == "ineligible":
            raise NotFound
    return Go(f"/wrapstodon/{year}")


@page("/wrapstodon/{year}", signed_in=True)
async def own_year(visit: Visit, year: int) -> Answer:
    """One's own year; looking at it marks it as seen."""
    async with visit.server.read() as tx:
        found = await annual_reports.of(tx, visit.me.id, year)
        if found is None:
            raise NotFound
        shown = await _shown(tx, visit, visit.me, found)
        around = await visit.page(tx)
    if found.data is not None and found.viewed_at is None:
        async with visit.server.write() as tx:
            await annual_reports.seen(tx, visit.me.id, year)
    return visit.html("pages/year.html", around, **shown, own=True)


@page("/@{username}/wrapstodon/{year}/{key}")
async def shared_year(visit: Visit, username: str, year: int, key: str) -> Answer:
    """Somebody's year, for whom they gave the address."""
    async with visit.server.read() as tx:
        account = await accounts.by_name(tx, username)
        found = await annual_reports.of(tx, account.id, year) if account is not None else None
        if account is None or account.suspended_at is not None or not looking_back.is_shared_by(found, key):
            raise NotFound
        assert found is not None
        shown = await _shown(tx, visit, account, found)
        around = await visit.page(tx)
    return visit.html("pages/year.html", around, **shown, own=False)


async def _shown(tx: Tx, visit: Visit, account: AccountView, report: Report) -> dict[str, Any]:
    data = report.data
    posts: dict[int, StatusView] = {}
    if data is not None:
        posts = {one.id: one for one in await showing.show(tx, data.top_statuses.ids, viewer=visit.viewer)}
    return {
        "account": account,
        "report": report,
        "posts": posts,
        "most": max((month.statuses for month in data.time_series), default=0) if data is not None else 0,
        "share": visit.urls.shared_year(account.username, report.year, report.share_key),
    }
