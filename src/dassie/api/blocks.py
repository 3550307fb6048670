"""Whom the caller blocks."""

from __future__ import annotations

from dassie.api.entities.accounts import Account, show_accounts
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, get
from dassie.door import taking as take
from dassie.store import blocks


@get("/api/v1/blocks", scope="read:blocks|follow", takes=[*take.page(40, 80)])
async def list_blocks(call: Call) -> Reply[list[Account]]:
    """Blocked accounts, the latest first."""
    page = call.page(40, 80)
    async with call.server.read() as tx:
        found = await blocks.of(tx, call.me.id, page)
        shown = await show_accounts(tx, [other for _, other in found], call.urls)
    return paged(call, shown, [row for row, _ in found], prev="since_id", full=len(found) >= page.limit)
