"""Quotes: which statuses quote one, and who may."""

from __future__ import annotations

from dassie.api.drafting import QUOTERS
from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.entities.statuses import statuses_by_id
from dassie.api.marking import shown_now
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, get, post, put
from dassie.domain.errors import Invalid
from dassie.domain.ids import StatusId
from dassie.domain.quotes import POLICY_WORDS
from dassie.door import taking as take
from dassie.services import quoting
from dassie.services.seeing import proper_status
from dassie.store import quotes, statuses


@get("/api/v1/statuses/{id}/quotes", scope="read:statuses", takes=[*take.page(20, 40)])
async def list_quotes(call: Call, id: StatusId) -> Reply[list[EncodedStatus]]:
    """The statuses that quote one with its author's consent, newest first: those the caller may see."""
    page = call.page(20, 40)
    async with call.server.read() as tx:
        status = await proper_status(tx, call.viewer, id)
        own = status.account_id == call.me.id
        found = await quotes.quoting_page(tx, status.id, page, viewer=call.viewer, every=own)
        shown = await statuses_by_id(tx, found, viewer=call.viewer, urls=call.urls)
    call.looked(found)
    listed = [shown[one] for one in found if one in shown]
    return paged(call, listed, found, prev="since_id", full=len(found) == page.limit)


@post("/api/v1/statuses/{id}/quotes/{quoting_id}/revoke", scope="write:statuses", takes=[])
async def revoke_quote(call: Call, id: StatusId, quoting_id: StatusId) -> EncodedStatus:
    """Have the caller's status no longer shown in the one that quotes it; that one as it is now.

    Where the caller cannot read that one, as after a block, the answer is their own.
    """
    async with call.server.write() as tx:
        await quoting.revoke(tx, call.server, call.me, id, quoting_id)
        hidden = not await statuses.visible(tx, [quoting_id], viewer=call.me.id)
    return await shown_now(call, id if hidden else quoting_id)


@put("/api/v1/statuses/{id}/interaction_policy", scope="write:statuses", takes=[QUOTERS])
async def set_interaction_policy(call: Call, id: StatusId) -> EncodedStatus:
    """Say anew who may quote a status of the caller's. Private and direct ones are quoted by nobody else."""
    word = call.params.word("quote_approval_policy", POLICY_WORDS)
    if word is None:
        raise Invalid("Validation failed: Quote approval policy is missing")
    async with call.server.write() as tx:
        row = await quoting.set_policy(tx, call.server, call.me, id, word)
    return await shown_now(call, row.id)
