"""Accounts: who somebody is, what they wrote, and finding them."""

from __future__ import annotations

from typing import Literal

from dassie.api.entities.accounts import Account, FamiliarFollowers, show_accounts
from dassie.api.entities.feature_approval import approve
from dassie.api.entities.relationships import Relationship, show_relationships
from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.entities.statuses import show_statuses
from dassie.api.paging import OFFSET, paged, read_offset
from dassie.api.routing import Call, Reply, get
from dassie.domain.errors import NotFound
from dassie.domain.ids import AccountId
from dassie.domain.roles import may
from dassie.domain.text import normalise_tag
from dassie.door import taking as take
from dassie.services import finding, looking_up
from dassie.services.finding import Sought
from dassie.services.seeing import people_around
from dassie.store import accounts, follows, timelines
from dassie.store.timelines import Flags
from dassie.store.tx import Tx
from dassie.store.views import AccountView

AT_ONCE = 40
FLAGS = ("pinned", "only_media", "exclude_replies", "exclude_reblogs", "exclude_direct")
FAMILIAR = 40


@get("/api/v1/accounts", scope="read:accounts?", takes=[take.ids("id", most=AT_ONCE)])
async def several(call: Call) -> list[Account]:
    """Several accounts by id; unknown ones are skipped."""
    async with call.server.read() as tx:
        return await show_accounts(tx, call.params.ids("id", most=AT_ONCE), call.urls)


@get(
    "/api/v1/accounts/lookup",
    scope="read:accounts?",
    takes=[take.text("acct", "A handle, `name` or `name@server`.", required=True, most=400)],
)
async def look_up(call: Call) -> Account:
    """The account of a handle, as far as it is known here."""
    acct = call.params.text("acct", required=True, most=400) or ""
    async with call.server.read() as tx:
        found = await looking_up.by_handle(tx, acct, call.urls)
        if found is None:
            raise NotFound
        shown = await show_accounts(tx, [found.id], call.urls)
        await approve(tx, shown, call.viewer)
        return shown[0]


@get(
    "/api/v1/accounts/search",
    scope="read:accounts",
    user=True,
    takes=[
        take.text("q", "Nothing finds nobody.", most=2000),
        take.limit(40, 80),
        OFFSET,
        take.flag("resolve", "Ask other servers."),
        take.flag("following", "Only whom the caller follows."),
    ],
)
async def search_accounts(call: Call) -> list[Account]:
    """Accounts by handle or name; `resolve` asks other servers, `following` keeps to whom one follows."""
    text = call.params.text("q", most=2000) or ""
    sought = Sought(
        text,
        limit=call.params.limit(40, 80),
        offset=read_offset(call.params),
        resolve=bool(call.params.flag("resolve")),
        following=bool(call.params.flag("following")),
    )
    found = await finding.find_accounts(call.server, call.me, sought)
    async with call.server.read() as tx:
        shown = await show_accounts(tx, [account.id for account in found], call.urls)
        await approve(tx, shown, call.viewer)
        return shown


@get(
    "/api/v1/accounts/relationships",
    scope="read:follows",
    user=True,
    takes=[take.ids("id", most=500), take.flag("with_suspended")],
)
async def relationships(call: Call) -> list[Relationship]:
    """What the caller is to each of these accounts."""
    async with call.server.read() as tx:
        return await show_relationships(
            tx,
            call.me.id,
            call.params.ids("id", most=500),
            with_suspended=bool(call.params.flag("with_suspended")),
        )


@get("/api/v1/accounts/familiar_followers", scope="read:follows", user=True, takes=[take.ids("id", most=AT_ONCE)])
async def familiar_followers(call: Call) -> list[FamiliarFollowers]:
    """For each account, those among its followers whom the caller follows."""
    ids = call.params.ids("id", most=AT_ONCE)
    async with call.server.read() as tx:
        known = await accounts.by_ids(tx, ids)
        asked = [id for id in ids if id in known]
        open_ = [id for id in asked if not known[AccountId(id)].hide_collections]
        found = {id: few[:FAMILIAR] for id, few in (await follows.familiar(tx, call.me.id, open_)).items()}
        everybody = dict.fromkeys(one for few in found.values() for one in few)
        shown = {int(one["id"]): one for one in await show_accounts(tx, list(everybody), call.urls)}
        return [{"id": str(id), "accounts": [shown[one] for one in found.get(id, []) if one in shown]} for id in asked]


@get("/api/v1/accounts/{id}", scope="read:accounts?", takes=[])
async def show(call: Call, id: AccountId) -> Account:
    """One account. What another server's lacks is fetched in the background."""
    async with call.server.read() as tx:
        account = await accounts.by_id(tx, id)
        if account is None or not await _may_see(tx, call, account):
            raise NotFound
        shown = (await show_accounts(tx, [id], call.urls))[0]
        await approve(tx, [shown], call.viewer)
    call.looked(profile=None if account.local else id)
    return shown


@get(
    "/api/v1/accounts/{id}/statuses",
    scope="read:statuses?",
    takes=[*take.page(20, 40), *map(take.flag, FLAGS), take.text("tagged", "Only with this hashtag.", most=500)],
)
async def statuses_of(call: Call, id: AccountId) -> Reply[list[EncodedStatus]]:
    """What somebody wrote and reblogged, as far as the caller may see it, newest first; `pinned` gives the few that
    stand on top of the profile, the latest pin first, on one page."""
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
    return Reply(shown) if flags.pinned else paged(call, shown, ids, keep=(*FLAGS, "tagged"))


@get("/api/v1/accounts/{id}/followers", scope="read:accounts?", takes=[*take.page(40, 80)])
async def followers(call: Call, id: AccountId) -> Reply[list[Account]]:
    """Who follows somebody, as far as known here and not hidden."""
    return await _people(call, id, "followers")


@get("/api/v1/accounts/{id}/following", scope="read:accounts?", takes=[*take.page(40, 80)])
async def following(call: Call, id: AccountId) -> Reply[list[Account]]:
    """Whom somebody follows, as far as known here and not hidden."""
    return await _people(call, id, "following")


async def _may_see(tx: Tx, call: Call, account: AccountView) -> bool:
    """Who signed up and still waits is seen by themselves and by those who decide."""
    if not account.local or account.last_status_at is not None or call.viewer == account.id:
        return True
    user = call.caller.user if call.caller is not None else None
    return (user is not None and may(user.role, "manage_users")) or not await accounts.is_pending(tx, account.id)


async def _people(call: Call, id: AccountId, which: Literal["followers", "following"]) -> Reply[list[Account]]:
    page = call.page(40, 80)
    async with call.server.read() as tx:
        account = await accounts.by_id(tx, id)
        if account is None:
            raise NotFound
        found = await people_around(tx, call.viewer, account, which, page) or []
        shown = await show_accounts(tx, [other for _, other in found], call.urls)
    return paged(call, shown, [row for row, _ in found], prev="since_id", full=len(found) >= page.limit)
