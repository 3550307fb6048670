"""Accounts: who somebody is, what they wrote, and finding them."""

from __future__ import annotations

from typing import Any

from dassie.api.entities.accounts import show_accounts
from dassie.api.entities.relationships import show_relationships
from dassie.api.entities.statuses import show_statuses
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, get
from dassie.domain.errors import NotFound
from dassie.domain.ids import AccountId
from dassie.domain.text import normalise_tag
from dassie.services import finding, looking_up
from dassie.services.finding import Sought
from dassie.store import accounts, blocks, follows, timelines
from dassie.store.timelines import Flags

AT_ONCE = 40
FLAGS = ("pinned", "only_media", "exclude_replies", "exclude_reblogs", "exclude_direct")
FAMILIAR = 40


@get("/api/v1/accounts", scope="read:accounts?")
async def several(call: Call) -> list[dict[str, Any]]:
    """Several accounts by id; unknown ones are skipped."""
    async with call.server.read() as tx:
        return await show_accounts(tx, call.params.ids("id", most=AT_ONCE), call.urls)


@get("/api/v1/accounts/lookup", scope="read:accounts?")
async def look_up(call: Call) -> dict[str, Any]:
    """The account of a handle, as far as it is known here."""
    acct = call.params.text("acct", required=True, most=400) or ""
    async with call.server.read() as tx:
        found = await looking_up.by_handle(tx, acct, call.urls)
        if found is None:
            raise NotFound
        return (await show_accounts(tx, [found.id], call.urls))[0]


@get("/api/v1/accounts/search", scope="read:accounts", user=True)
async def search_accounts(call: Call) -> list[dict[str, Any]]:
    """Accounts by handle or name; `resolve` asks other servers, `following` keeps to whom one follows."""
    text = call.params.text("q", required=True, most=2000) or ""
    page = call.page(40, 80)
    sought = Sought(
        text,
        limit=page.limit,
        offset=call.params.integer("offset", least=0, most=10_000) or 0,
        resolve=bool(call.params.flag("resolve")),
        following=bool(call.params.flag("following")),
    )
    found = await finding.find_accounts(call.server, call.me, sought)
    async with call.server.read() as tx:
        return await show_accounts(tx, [account.id for account in found], call.urls)


@get("/api/v1/accounts/relationships", scope="read:follows", user=True)
async def relationships(call: Call) -> list[dict[str, Any]]:
    """What the caller is to each of these accounts."""
    async with call.server.read() as tx:
        return await show_relationships(
            tx,
            call.me.id,
            call.params.ids("id", most=500),
            with_suspended=bool(call.params.flag("with_suspended")),
        )


@get("/api/v1/accounts/familiar_followers", scope="read:follows", user=True)
async def familiar_followers(call: Call) -> list[dict[str, Any]]:
    """For each account, those among its followers whom the caller follows."""
    ids = call.params.ids("id", most=AT_ONCE)
    async with call.server.read() as tx:
        known = await accounts.by_ids(tx, ids)
        asked = [id for id in ids if id in known]
        open_ = [id for id in asked if not known[AccountId(id)].hide_collections]
        found = await follows.familiar(tx, call.me.id, open_)
        return [
            {"id": str(id), "accounts": await show_accounts(tx, found.get(id, [])[:FAMILIAR], call.urls)}
            for id in asked
        ]


@get("/api/v1/accounts/{id}", scope="read:accounts?")
async def show(call: Call, id: AccountId) -> dict[str, Any]:
    """One account. What another server's lacks is fetched in the background."""
    async with call.server.read() as tx:
        account = await accounts.by_id(tx, id)
        if account is None:
            raise NotFound
        shown = (await show_accounts(tx, [id], call.urls))[0]
    call.looked(profile=None if account.local else id)
    return shown


@get("/api/v1/accounts/{id}/statuses", scope="read:statuses?")
async def statuses_of(call: Call, id: AccountId) -> Reply:
    """What somebody wrote and reblogged, as far as the caller may see it, newest first."""
    tagged = call.params.text("tagged", most=500)
    flags = Flags(
        **{name: bool(call.params.flag(name)) for name in FLAGS},
        tagged=normalise_tag(tagged) if tagged else None,
    )
    page = call.page(20, 40)
    async with call.server.read() as tx:
        if await accounts.by_id(tx, id) is None:
            raise NotFound
        ids = await timelines.of_account(tx, id, page, call.viewer, flags)
        shown = await show_statuses(tx, ids, viewer=call.viewer, urls=call.urls)
    call.looked(ids)
    return paged(call, shown, ids, keep=(*FLAGS, "tagged"))


@get("/api/v1/accounts/{id}/followers", scope="read:accounts?")
async def followers(call: Call, id: AccountId) -> Reply:
    """Who follows somebody, as far as known here and not hidden."""
    return await _people(call, id, follows.followers_of)


@get("/api/v1/accounts/{id}/following", scope="read:accounts?")
async def following(call: Call, id: AccountId) -> Reply:
    """Whom somebody follows, as far as known here and not hidden."""
    return await _people(call, id, follows.followed_by)


async def _people(call: Call, id: AccountId, read: Any) -> Reply:
    page = call.page(40, 80)
    async with call.server.read() as tx:
        account = await accounts.by_id(tx, id)
        if account is None:
            raise NotFound
        hidden = account.hide_collections and call.viewer != id
        if call.viewer is not None and await blocks.blocking(tx, id, call.viewer):
            hidden = True
        found = [] if hidden or account.suspended_at is not None else await read(tx, id, page)
        shown = await show_accounts(tx, [other for _, other in found], call.urls)
    return paged(call, shown, [row for row, _ in found], prev="since_id", full=len(found) >= page.limit)
