"""Whom the caller mutes."""

from __future__ import annotations

from dassie.api.entities.accounts import show_accounts
from dassie.api.entities.values import stamp
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, get
from dassie.store import mutes


@get("/api/v1/mutes", scope="read:mutes")
async def list_mutes(call: Call) -> Reply:
    """Muted accounts, the latest first, each with the end of its mute."""
    page = call.page(40, 80)
    async with call.server.read() as tx:
        found = await mutes.of(tx, call.me.id, page)
        shown = await show_accounts(tx, [one.target_id for one in found], call.urls)
    ends = {str(one.target_id): stamp(one.expires_at) for one in found}
    for account in shown:
        account["mute_expires_at"] = ends[account["id"]]
    return paged(call, shown, [one.id for one in found], prev="since_id", full=len(found) >= page.limit)
