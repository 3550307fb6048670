"""Whom the caller mutes."""

from __future__ import annotations

from dassie.api.entities.accounts import MutedAccount, show_accounts
from dassie.api.entities.values import stamp
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, get
from dassie.door import taking as take
from dassie.store import mutes


@get("/api/v1/mutes", scope="read:mutes|follow", takes=[*take.page(40, 80)])
async def list_mutes(call: Call) -> Reply[list[MutedAccount]]:
    """Muted accounts, the latest first, each with the end of its mute."""
    page = call.page(40, 80)
    async with call.server.read() as tx:
        found = await mutes.of(tx, call.me.id, page)
        shown = await show_accounts(tx, [one.target_id for one in found], call.urls)
    ends = {str(one.target_id): stamp(one.expires_at) for one in found}
    muted: list[MutedAccount] = [{**account, "mute_expires_at": ends[account["id"]]} for account in shown]
    return paged(call, muted, [one.id for one in found], prev="since_id", full=len(found) >= page.limit)
