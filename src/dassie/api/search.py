"""Search: people, hashtags and posts in one answer."""

from __future__ import annotations

from dataclasses import replace

from dassie.api.entities.accounts import show_account
from dassie.api.entities.collections import show_collections
from dassie.api.entities.feature_approval import approve
from dassie.api.entities.searches import Search
from dassie.api.entities.statuses import show_statuses
from dassie.api.entities.tags import show_tags
from dassie.api.paging import OFFSET, read_offset
from dassie.api.routing import Call, get
from dassie.domain.errors import BadRequest, NotAuthenticated
from dassie.door import taking as take
from dassie.services import finding
from dassie.services.finding import Sought

MOST = 40
KINDS = frozenset({"accounts", "hashtags", "statuses"})


@get(
    "/api/v2/search",
    scope="read:search?",
    takes=[
        take.text("q", required=True),
        take.word("type", KINDS),
        take.limit(20, MOST),
        replace(OFFSET, says="How many to pass over; only with a type."),
        take.flag("resolve", "Ask other servers."),
        take.flag("following", "Only accounts that the caller follows."),
        take.id("account_id", "Only posts of this account."),
        take.id("min_id"),
        take.id("max_id"),
    ],
)
async def search(call: Call) -> Search:
    """What is found for `q`. Strangers may search accounts and hashtags, but not page or look things up."""
    text = call.params.text("q") or ""
    if not text.strip():
        raise BadRequest("param is missing or the value is empty: q")
    if any(str(call.params.get(name, "")).lstrip().startswith("-") for name in ("limit", "offset")):
        raise BadRequest("Pagination values for `offset` and `limit` must be positive")
    what = call.params.word("type", KINDS)
    me = call.caller.account if call.caller is not None else None
    offset = read_offset(call.params)
    resolve = call.params.flag("resolve") or False
    if me is None and offset:
        raise NotAuthenticated("Search queries pagination is not supported without authentication")
    if me is None and resolve:
        words = "Search queries that resolve remote resources are not supported without authentication"
        raise NotAuthenticated(words)
    sought = Sought(
        text=text,
        what=what,  # type: ignore[arg-type]
        limit=call.params.limit(20, MOST),
        offset=offset if what else 0,
        resolve=resolve,
        following=call.params.flag("following") or False,
        account_id=call.params.id("account_id"),
        min_id=call.params.id("min_id"),
        max_id=call.params.id("max_id"),
    )
    found = await finding.find(call.server, me, sought)
    async with call.server.read() as tx:
        shown: Search = {
            "accounts": [show_account(account, call.urls) for account in found.accounts],
            "statuses": await show_statuses(tx, found.statuses, viewer=call.viewer, urls=call.urls),
            "hashtags": await show_tags(tx, found.tags, call.urls, viewer=call.viewer),
            "collections": await show_collections(tx, found.collections, call.urls, call.viewer),
        }
        await approve(tx, shown["accounts"], call.viewer)
    call.looked(found.statuses)
    return shown
