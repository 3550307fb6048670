"""Requests to follow: who waits for an answer."""

from __future__ import annotations

from dassie.api.entities.accounts import Account, show_accounts
from dassie.api.entities.relationships import Relationship, show_relationships
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, get, post
from dassie.domain.errors import NotFound
from dassie.domain.ids import AccountId
from dassie.door import taking as take
from dassie.services import following
from dassie.store import accounts, follows


@get("/api/v1/follow_requests", scope="read:follows|follow", takes=[*take.page(40, 80)])
async def waiting(call: Call) -> Reply[list[Account]]:
    """Who wants to follow the caller, the latest first."""
    page = call.page(40, 80)
    async with call.server.read() as tx:
        found = await follows.requests_to(tx, call.me.id, page)
        shown = await show_accounts(tx, [other for _, other in found], call.urls)
    return paged(call, shown, [row for row, _ in found], prev="since_id", full=len(found) >= page.limit)


@post("/api/v1/follow_requests/{account_id}/authorize", scope="write:follows|follow", takes=[])
async def authorize(call: Call, account_id: AccountId) -> Relationship:
    """Let somebody follow."""
    return await _answer(call, account_id, accept=True)


@post("/api/v1/follow_requests/{account_id}/reject", scope="write:follows|follow", takes=[])
async def reject(call: Call, account_id: AccountId) -> Relationship:
    """Refuse somebody."""
    return await _answer(call, account_id, accept=False)


async def _answer(call: Call, account_id: AccountId, *, accept: bool) -> Relationship:
    verb = following.accept_request if accept else following.reject_request
    async with call.server.write() as tx:
        follower = await accounts.by_id(tx, account_id)
        if follower is None:
            raise NotFound
        await verb(tx, call.server, call.me, follower)
        return (await show_relationships(tx, call.me.id, [account_id]))[0]
