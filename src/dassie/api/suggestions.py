"""People whom the caller might like to follow."""

from __future__ import annotations

from dassie.api.entities.accounts import Account, show_accounts
from dassie.api.entities.shapes import Empty
from dassie.api.entities.suggestions import Suggestion
from dassie.api.paging import OFFSET, read_offset
from dassie.api.routing import Call, delete, get
from dassie.domain.errors import NotFound
from dassie.domain.ids import AccountId
from dassie.door import taking as take
from dassie.services import suggesting
from dassie.store import accounts, suggestions

OLD_SINCE = "@1621123200"
"""16 May 2021, when version 2 came (Mastodon 3.4); RFC 9745."""
OLD_SOURCES = {"friends_of_friends": "past_interactions"}
PART = [take.limit(40, 80), OFFSET]


@get("/api/v2/suggestions", scope="read:accounts", user=True, takes=PART)
async def list_suggestions(call: Call) -> list[Suggestion]:
    """Accounts with the reasons, the best first."""
    found, shown = await _page(call)
    by_id = {one["id"]: one for one in shown}
    return [
        {
            "source": OLD_SOURCES.get(one.sources[0], "global"),
            "sources": one.sources,
            "account": by_id[str(one.account_id)],
        }
        for one in found
        if str(one.account_id) in by_id
    ]


@get("/api/v1/suggestions", scope="read:accounts", user=True, takes=PART, deprecated=OLD_SINCE)
async def list_old_suggestions(call: Call) -> list[Account]:
    """The same without the reasons."""
    _, shown = await _page(call)
    return shown


@delete("/api/v1/suggestions/{account_id}", scope="write:accounts", takes=[])
async def dismiss_suggestion(call: Call, account_id: AccountId) -> Empty:
    """Never suggest this account again."""
    async with call.server.write() as tx:
        if await accounts.by_id(tx, account_id) is None:
            raise NotFound
        await suggestions.dismiss(tx, call.me.id, account_id)
    return {}


async def _page(call: Call) -> tuple[list[suggesting.Suggestion], list[Account]]:
    limit, offset = call.params.limit(40, 80), read_offset(call.params)
    found = (await suggesting.suggest(call.server, call.me.id))[offset : offset + limit]
    async with call.server.read() as tx:
        return found, await show_accounts(tx, [one.account_id for one in found], call.urls)
