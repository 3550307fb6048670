"""Admin: reports. What people here and other servers say about somebody, to be looked at and closed."""

from __future__ import annotations

from typing import Any

from dassie.domain.errors import NotFound
from dassie.domain.reports import Report
from dassie.services import reporting
from dassie.store import accounts, collections, reports, settings, statuses
from dassie.store.tx import Tx
from dassie.web.admin import admin_form, admin_page
from dassie.web.answers import Answer, Go
from dassie.web.visits import Visit

MAY = reporting.MAY
PAGE = 30


@admin_page("/admin/reports", MAY, section="Reports", place=5)
async def list_reports(visit: Visit) -> Answer:
    """Open reports, newest first; `only=closed`: those that were dealt with."""
    opened = visit.params.get("only") != "closed"
    async with visit.server.read() as tx:
        found = await reports.newest(tx, visit.part(PAGE), opened=opened)
        people = await accounts.by_ids(tx, _people(found))
        around = await visit.page(tx)
    return visit.html(
        "admin/reports.html",
        around,
        reports=[one for one in found if one.target_account_id in people],
        people=people,
        opened=opened,
        older=visit.older([one.id for one in found], PAGE),
    )


@admin_page("/admin/reports/{id}", MAY)
async def show_report(visit: Visit, id: int) -> Answer:
    """One report with what it is about."""
    async with visit.server.read() as tx:
        filed = await reports.by_id(tx, id)
        if filed is None:
            raise NotFound
        shown = await _shown(tx, filed)
        around = await visit.page(tx)
    return visit.html("admin/report.html", around, report=filed, **shown)


@admin_form("/admin/reports/{id}/resolve", MAY)
async def resolve(visit: Visit, id: int) -> Answer:
    """Close it."""
    async with visit.server.write() as tx:
        await reporting.resolve(tx, visit.me, id, visit.request.client)
    return Go("/admin/reports", "report_closed")


@admin_form("/admin/reports/{id}/reopen", MAY)
async def reopen(visit: Visit, id: int) -> Answer:
    """Open it again."""
    async with visit.server.write() as tx:
        await reporting.reopen(tx, visit.me, id, visit.request.client)
    return Go(f"/admin/reports/{id}", "report_opened")


async def _shown(tx: Tx, filed: Report) -> dict[str, Any]:
    """Posts are shown whoever may see them: moderators judge what was reported, not what they follow."""
    people = await accounts.by_ids(tx, _people([filed]))
    rows = await statuses.by_ids(tx, filed.status_ids)
    views = await statuses.assemble(tx, list(rows.values()), viewer=None)
    curated = await collections.by_ids(tx, filed.collection_ids)
    broken = [rule for rule in (await settings.instance(tx)).rules if rule.id in filed.rule_ids]
    return {
        "target": people.get(filed.target_account_id),
        "reporter": people.get(filed.account_id),
        "closer": people.get(filed.action_taken_by_account_id or 0),
        "posts": [views[id] for id in filed.status_ids if id in views],
        "gone": sum(id not in views for id in filed.status_ids),
        "collections": [curated[id] for id in filed.collection_ids if id in curated],
        "collections_gone": sum(id not in curated for id in filed.collection_ids),
        "rules": broken,
    }


def _people(found: list[Report]) -> set[int]:
    named = {id for one in found for id in (one.account_id, one.target_account_id, one.action_taken_by_account_id)}
    return {id for id in named if id is not None}
