"""Search: people, hashtags and posts in one answer."""

from __future__ import annotations

from typing import Any

from dassie.api.entities.accounts import show_account
from dassie.api.entities.statuses import show_statuses
from dassie.api.entities.tags import show_tags
from dassie.api.routing import Call, get
from dassie.domain.errors import BadRequest, NotAuthenticated
from dassie.services import finding
from dassie.services.finding import Sought

MOST = 40
KINDS = frozenset({"accounts", "hashtags", "statuses"})


@get("/api/v2/search", scope="read:search?")
async def search(call: Call) -> dict[str, Any]:
    """What is found for `q`. Strangers may search accounts and hashtags, but not page or look things up."""
    text = call.params.text("q") or ""
    if not text.strip():
        raise BadRequest("param is missing or the value is empty: q")
    what = call.params.word("type", KINDS)
    me = call.caller.account if call.caller is not None else None
    offset = call.params.integer("offset", least=0, most=100_000) or 0
    resolve = call.params.flag("resolve") or False
    if me is None and (offset or resolve):
        raise NotAuthenticated("Search queries pagination or resolution is not supported without authentication")
    sought = Sought(
        text=text,
        what=what,  # type: ignore[arg-type]
        limit=call.page(20, MOST).limit,
        offset=offset if what else 0,
        resolve=resolve,
        following=call.params.flag("following") or False,
        account_id=call.params.id("account_id"),
        min_id=call.params.id("min_id"),
        max_id=call.params.id("max_id"),
    )
    found = await finding.find(call.server, me, sought)
    async with call.server.read() as tx:
        shown = {
            "accounts": [show_account(account, call.urls) for account in found.accounts],
            "statuses": await show_statuses(tx, found.statuses, viewer=call.viewer, urls=call.urls),
            "hashtags": await show_tags(tx, found.tags, call.urls, viewer=call.viewer),
            "collections": [],  # there are none here; clients of 4.6 expect the list
        }
    call.looked(found.statuses)
    return shown
