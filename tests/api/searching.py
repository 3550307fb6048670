"""What tests of search need: strangers from elsewhere, posts of any kind."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from dassie.domain.ids import AccountId, StatusId, new_id
from dassie.services import indexing
from dassie.services.writing import NewStatus, write_status
from dassie.store import accounts, search
from dassie.store.views import AccountView
from worlds import World

_numbers = count(1)


async def stranger(world: World, name: str, domain: str = "else.test", **values: Any) -> AccountView:
    """An account of another server, found by its names."""
    async with world.server.write() as tx:
        id = AccountId(new_id(tx.now))
        uri = f"https://{domain}/users/{name}"
        values = {"display_name": "", "created_at": tx.now, "indexable": False} | values
        assert await accounts.insert(tx, id=id, username=name, domain=domain, uri=uri, url=f"{uri}/page", **values)
        await search.index_account(tx, id, f"{name} {values['display_name']}")
        found = await accounts.by_id(tx, id)
    assert found is not None
    return found


async def indexable(world: World, account: AccountView) -> AccountView:
    """The same account, now agreeing to be found."""
    async with world.server.write() as tx:
        await accounts.change(tx, account.id, indexable=True)
        found = await accounts.by_id(tx, account.id)
    assert found is not None
    return found


async def post(world: World, author: AccountView, text: str, *, at: datetime | None = None, **values: Any) -> StatusId:
    """A status of `author` with this text, straight into the store."""
    uri = f"https://{author.domain or 'here.test'}/objects/{next(_numbers)}"
    values = {"visibility": "public", "content": f"<p>{text}</p>", "searchable": text, "created_at": at} | values
    async with world.server.write() as tx:
        row = await write_status(tx, world.server, NewStatus(author=author, uri=uri, **values))
    assert row is not None
    await indexing.drain(world.server)
    return row.id


def ids(shown: list[dict[str, Any]]) -> list[int]:
    return [int(one["id"]) for one in shown]
