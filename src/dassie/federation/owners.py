"""Whose documents are asked for: accounts of ours, the deleted and the suspended among them."""

from __future__ import annotations

from dassie.domain.errors import Gone, NotAllowed, NotFound
from dassie.domain.ids import StatusId, parse_id
from dassie.server import Server
from dassie.store import accounts, logins, statuses
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow


async def owner(tx: Tx, username: str, *, even_suspended: bool = False) -> AccountView:
    """Our account of this name. Raises `NotFound`; `Gone` where it was deleted; `NotAllowed` where suspended."""
    account = await accounts.by_name(tx, username)
    if account is None or account.id < 0:
        raise NotFound
    if account.suspended_at is not None:
        if await logins.user_of(tx, account.id) is None:
            raise Gone("This account was deleted", uri=account.uri)
        if not even_suspended:
            raise NotAllowed("This account is suspended")
    return account


async def status_of(tx: Tx, server: Server, account: AccountView, id: str) -> StatusRow:
    """A status or reblog of this account, whoever may see it. Raises `NotFound`, or `Gone` where deleted."""
    number = parse_id(id)
    row = await statuses.by_id(tx, number) if number is not None else None
    if row is not None and row.account_id == account.id:
        return row
    uri = server.urls.status_uri(account.username, number or 0)
    if await statuses.is_buried(tx, uri):
        raise Gone("This post was deleted", uri=uri)
    raise NotFound


async def may_read(tx: Tx, row: StatusRow, reader: AccountView | None) -> bool:
    """Whether this reader may see the status."""
    id = StatusId(row.id)
    return id in await statuses.visible(tx, [id], viewer=reader.id if reader is not None else None)
