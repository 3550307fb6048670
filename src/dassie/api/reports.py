"""Reports: telling those who look after this server about somebody."""

from __future__ import annotations

from dassie.api.entities.reports import Report, show_reports
from dassie.api.routing import Call, post
from dassie.domain.errors import Invalid
from dassie.domain.reports import CATEGORIES, LONGEST_COMMENT, MOST_COLLECTIONS, MOST_STATUSES
from dassie.door import taking as take
from dassie.door.limits import REPORTS
from dassie.services import reporting
from dassie.services.reporting import Complaint

MOST_SERVERS = 20
MOST_RULES = 100


@post(
    "/api/v1/reports",
    scope="write:reports",
    takes=[
        take.id("account_id", required=True),
        take.ids("status_ids", "posts of that account", most=MOST_STATUSES),
        take.ids("collection_ids", "collections of that account", most=MOST_COLLECTIONS),
        take.text("comment", most=LONGEST_COMMENT),
        take.flag("forward", "tell the account's own server, without saying who reports"),
        take.texts("forward_to_domains", "servers to tell: the account's own, or of those whom the posts answer"),
        take.word("category", CATEGORIES),
        take.ids("rule_ids", "rules that are broken: makes it a violation", most=MOST_RULES),
    ],
)
async def file_report(call: Call) -> Report:
    """Report an account, with posts and collections of it where they are the matter; `forward` tells its server."""
    call.limit(REPORTS)
    said = _complaint(call)
    async with call.server.write() as tx:
        filed = await reporting.report(tx, call.server, call.me, said)
        return (await show_reports(tx, [filed], call.urls))[filed.id]


def _complaint(call: Call) -> Complaint:
    params = call.params
    target = params.id("account_id")
    if target is None:
        raise Invalid("Validation failed: Account can't be blank")
    servers = params.texts("forward_to_domains", most=MOST_SERVERS)
    return Complaint(
        target_id=target,
        comment=(params.text("comment", most=LONGEST_COMMENT) or "").strip(),
        category=params.word("category", CATEGORIES) or "other",
        status_ids=params.ids("status_ids", most=MOST_STATUSES),
        collection_ids=params.ids("collection_ids", most=MOST_COLLECTIONS),
        rule_ids=params.ids("rule_ids", most=MOST_RULES),
        forward=bool(params.flag("forward")),
        forward_to=servers or None,
    )
