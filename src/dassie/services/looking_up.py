"""People by their handle, as far as they are known here; `finding.py` searches and asks other servers."""

from __future__ import annotations

from dassie.domain.jobs import RefreshAccount
from dassie.domain.urls import Urls
from dassie.server import Server
from dassie.store import accounts, queue
from dassie.store.tx import Tx
from dassie.store.views import AccountView

STALE_DAYS = 1


def parse_handle(text: str, urls: Urls) -> tuple[str, str] | None:
    """(username, domain) of `@ana`, `ana@there.example`; domain empty for ours. None for what is no handle."""
    name, _, domain = text.strip().removeprefix("@").removeprefix("acct:").partition("@")
    if not name or "@" in domain or len(text) > 400 or not all(c.isalnum() or c in "_.-" for c in name):
        return None
    domain = domain.strip().lower().rstrip(".")
    return name, "" if domain == urls.domain.lower() else domain


async def by_handle(tx: Tx, text: str, urls: Urls) -> AccountView | None:
    """The account of a handle, as far as it is known here."""
    handle = parse_handle(text, urls)
    found = await accounts.by_name(tx, *handle) if handle is not None else None
    return None if found is None or found.suspended_at is not None else found


async def refresh_when_stale(server: Server, account: AccountView) -> None:
    """Have another server's account read again when that was not done for a day; not waited for."""
    if account.local:
        return
    async with server.read() as tx:
        known = (await accounts.endpoints(tx, [account.id])).get(account.id)
        stale = known is not None and (known.fetched_at is None or (tx.now - known.fetched_at).days >= STALE_DAYS)
    if stale:
        async with server.write() as tx:
            await queue.enqueue(tx, RefreshAccount(uri=account.uri), host=account.domain, unique=account.uri)
