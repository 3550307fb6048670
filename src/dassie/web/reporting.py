"""Reporting somebody: what is wrong, which posts and collections show it, and whether their own server is told."""

from __future__ import annotations

from typing import Any

from dassie.domain.errors import Invalid, NotFound
from dassie.domain.ids import INSTANCE_ACCOUNT_ID, AccountId, StatusId
from dassie.domain.paging import Page as Part
from dassie.domain.reports import LONGEST_COMMENT, MOST_COLLECTIONS, MOST_STATUSES
from dassie.door.limits import REPORTS
from dassie.services import collected, reporting
from dassie.services.reporting import Complaint
from dassie.store import accounts, collections, reports, settings, statuses, timelines
from dassie.store.collections import Collection
from dassie.store.timelines import Flags
from dassie.store.tx import Tx
from dassie.store.views import AccountView
from dassie.web.answers import Answer, Go
from dassie.web.routing import form, page
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

SHOWN = Part(limit=10)
FLAGS = Flags(exclude_reblogs=True, exclude_direct=True)
MOST_RULES = 100


@page("/accounts/{id}/report", signed_in=True)
async def ask(visit: Visit, id: AccountId) -> Answer:
    """What there is to say; `status` or `collection` is where somebody pressed Report."""
    pressed = {f"{what}_ids": visit.params.ids(what, most=1) for what in ("status", "collection")}
    return await _page(visit, id, pressed, {})


@form("/accounts/{id}/report")
async def report(visit: Visit, id: AccountId) -> Answer:
    """File the report."""
    visit.limit(REPORTS)
    typed: dict[str, Any] = {
        "comment": (visit.params.text("comment") or "").strip(),
        "category": str(visit.params.get("category", "")),
        "status_ids": visit.params.ids("status_ids", most=MOST_STATUSES),
        "collection_ids": visit.params.ids("collection_ids", most=MOST_COLLECTIONS),
        "rule_ids": visit.params.ids("rule_ids", most=MOST_RULES),
        "forward": bool(visit.params.flag("forward")),
    }
    errors = {}
    if len(typed["comment"]) > LONGEST_COMMENT:
        errors["comment"] = _("This is too long. At most %(most)s characters fit.") % {"most": LONGEST_COMMENT}
    if typed["category"] == "violation" and not typed["rule_ids"]:
        errors["rules"] = _("Please choose the rules that are broken.")
    if typed["category"] != "violation":
        typed["rule_ids"] = []
    if errors:
        return await _page(visit, id, typed, errors)
    try:
        async with visit.server.write() as tx:
            filed = await reporting.report(tx, visit.server, visit.me, Complaint(target_id=id, **typed))
            target = await accounts.by_id(tx, filed.target_account_id)
    except Invalid:
        return await _page(visit, id, typed, {"category": _("Please choose what is wrong.")})
    return Go(f"/@{target.acct}" if target is not None else "/home", "reported")


async def _page(visit: Visit, id: AccountId, typed: dict[str, Any], errors: dict[str, str]) -> Answer:
    async with visit.server.read() as tx:
        account = await accounts.by_id(tx, id)
        if account is None or account.suspended_at is not None or account.id == INSTANCE_ACCOUNT_ID:
            raise NotFound
        chosen = [StatusId(one) for one in await reports.seen_by(tx, typed["status_ids"], id, visit.me.id)]
        newest = await timelines.of_account(tx, id, SHOWN, visit.viewer, FLAGS)
        posts = await statuses.show(tx, list(dict.fromkeys([*chosen, *newest])), viewer=visit.viewer)
        curated = await _curated(tx, visit, account, typed["collection_ids"])
        rules = (await settings.instance(tx)).rules
        around = await visit.page(tx)
    return visit.html(
        "pages/report.html",
        around,
        http_code=422 if errors else 200,
        account=account,
        posts=posts,
        collections=curated,
        rules=rules,
        typed={"comment": "", "category": "", "rule_ids": [], "forward": False} | typed,
        longest=LONGEST_COMMENT,
        errors=errors,
    )


async def _curated(tx: Tx, visit: Visit, account: AccountView, chosen: list[int]) -> list[Collection]:
    """Collections of the account: those that are chosen, and others that the reporter sees."""
    known = await collections.by_ids(tx, chosen[:MOST_COLLECTIONS])
    listed = await collected.list_of(tx, account, visit.viewer, limit=SHOWN.limit, offset=0)
    theirs = [known[id] for id in chosen if id in known and known[id].account_id == account.id]
    return list({one.id: one for one in (*theirs, *listed)}.values())
