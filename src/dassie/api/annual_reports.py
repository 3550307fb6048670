"""Years that somebody looks back on."""

from __future__ import annotations

from dassie.api.entities.annual_reports import AnnualReportState, WrappedAnnualReports, show_annual_reports
from dassie.api.entities.shapes import Empty
from dassie.api.routing import Call, Reply, get, post
from dassie.domain.errors import NotFound
from dassie.services import looking_back
from dassie.store import annual_reports


@get("/api/v1/annual_reports", scope="read:accounts", user=True, takes=[])
async def list_reports(call: Call) -> WrappedAnnualReports:
    """The years that are ready and were not looked at yet."""
    async with call.server.read() as tx:
        found = await annual_reports.pending(tx, call.me.id)
        return await show_annual_reports(tx, call.me, found, call.viewer, call.urls)


@get("/api/v1/annual_reports/{year}", scope="read:accounts", user=True, takes=[])
async def show_report(call: Call, year: int) -> WrappedAnnualReports:
    """One year; 404 where it was not worked out."""
    async with call.server.read() as tx:
        found = await annual_reports.of(tx, call.me.id, year)
        if found is None or found.data is None:
            raise NotFound
        return await show_annual_reports(tx, call.me, [found], call.viewer, call.urls)


@get("/api/v1/annual_reports/{year}/state", scope="read:accounts", user=True, takes=[])
async def state(call: Call, year: int) -> AnnualReportState:
    """Whether a year is there, on the way, or can be asked for."""
    async with call.server.read() as tx:
        return {"state": await looking_back.state(tx, call.me, year)}


@post(
    "/api/v1/annual_reports/{year}/generate",
    scope="write:accounts",
    user=True,
    takes=[],
    codes={202: "It is being worked out: ask its state"},
)
async def generate(call: Call, year: int) -> Reply[Empty]:
    """Have a year worked out. 202 while that goes on; 404 for a year that cannot be told."""
    async with call.server.write() as tx:
        now = await looking_back.ask(tx, call.me, year)
    if now == "ineligible":
        raise NotFound
    return Reply(Empty(), 200 if now == "available" else 202)


@post("/api/v1/annual_reports/{year}/read", scope="write:accounts", user=True, takes=[])
async def mark_read(call: Call, year: int) -> Empty:
    """Remember that its owner looked at a year."""
    async with call.server.write() as tx:
        if await annual_reports.of(tx, call.me.id, year) is None:
            raise NotFound
        await annual_reports.seen(tx, call.me.id, year)
    return Empty()
