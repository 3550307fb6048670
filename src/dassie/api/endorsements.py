"""People featured on profiles."""

from __future__ import annotations

from dassie.api.entities.accounts import Account, show_accounts
from dassie.api.entities.shapes import Empty
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, get
from dassie.domain.errors import NotFound
from dassie.domain.ids import AccountId
from dassie.door import taking as take
from dassie.store import accounts, blocks, endorsements

PROOFS_SINCE = "@1648598400"
"""30 March 2022, when identity proofs went (Mastodon 3.5); RFC 9745."""


@get("/api/v1/endorsements", scope="read:accounts", user=True, takes=[*take.page(40, 80)])
async def own_endorsements(call: Call) -> Reply[list[Account]]:
    """Whom the caller features, the latest first."""
    return await _list(call, call.me.id, hidden=False)


@get("/api/v1/accounts/{id}/endorsements", scope="read:accounts?", takes=[*take.page(40, 80)])
async def endorsements_of(call: Call, id: AccountId) -> Reply[list[Account]]:
    """Whom somebody here features. Other servers do not tell whom their people feature."""
    async with call.server.read() as tx:
        account = await accounts.by_id(tx, id)
        if account is None:
            raise NotFound
        blocked = call.viewer is not None and await blocks.blocking(tx, id, call.viewer)
    return await _list(call, id, hidden=blocked or account.suspended_at is not None)


@get("/api/v1/accounts/{id}/identity_proofs", scope="", user=True, takes=[], deprecated=PROOFS_SINCE)
async def identity_proofs(call: Call, id: AccountId) -> list[Empty]:
    """None: the service that proved identities is gone, and Mastodon keeps only the empty list (since 3.5)."""
    async with call.server.read() as tx:
        if await accounts.by_id(tx, id) is None:
            raise NotFound
    return []


async def _list(call: Call, id: AccountId, *, hidden: bool) -> Reply[list[Account]]:
    page = call.page(40, 80)
    async with call.server.read() as tx:
        found = [] if hidden else await endorsements.of(tx, id, page)
        shown = await show_accounts(tx, [other for _, other in found], call.urls)
    return paged(call, shown, [row for row, _ in found], prev="since_id", full=len(found) >= page.limit)
