"""Finding people by what somebody typed: a handle, an address, the beginning of a name."""

from __future__ import annotations

from collections.abc import Sequence

from dassie.domain.errors import NotAllowed, NotFound, RemoteFailed
from dassie.domain.ids import AccountId
from dassie.domain.jobs import RefreshAccount
from dassie.domain.search_words import words_of
from dassie.domain.urls import Urls
from dassie.server import Server
from dassie.store import accounts, follows, queue, search
from dassie.store.tx import Tx
from dassie.store.views import AccountView

STALE_DAYS = 1
MOST = 200
"""Of all that match, so many can be paged through."""


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


async def find_accounts(
    server: Server, text: str, *, resolve: bool, followed_by: AccountId | None, limit: int, offset: int
) -> list[AccountId]:
    """Accounts whose handle or name begins so; the exact handle first, then the most followed.

    With `resolve` another server is asked for a whole handle or an address that is not known here. With
    `followed_by` only those this account follows.
    """
    text = text.strip()
    exact = await _exact(server, text, resolve and offset == 0)
    async with server.read() as tx:
        found = await _by_words(tx, server, text, followed_by)
        if exact is not None and followed_by is not None and not await follows.following(tx, followed_by, exact):
            exact = None
    first: Sequence[AccountId] = [exact] if exact is not None else []
    return [*first, *(id for id in found if id != exact)][offset : offset + limit]


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


async def _exact(server: Server, text: str, resolve: bool) -> AccountId | None:
    if text.startswith(("https://", "http://")):
        return await _by_address(server, text, resolve)
    handle = parse_handle(text, server.urls)
    if handle is None:
        return None
    async with server.read() as tx:
        known = await by_handle(tx, text, server.urls)
    if known is not None:
        return known.id
    if not resolve or not handle[1]:
        return None
    try:
        return await server.remote.account_by_handle(*handle)
    except (RemoteFailed, NotFound, NotAllowed):
        return None


async def _by_address(server: Server, text: str, resolve: bool) -> AccountId | None:
    async with server.read() as tx:
        known = await accounts.by_uri(tx, text)
    if known is not None:
        return known.id if known.suspended_at is None else None
    try:
        found = await server.remote.resolve(text) if resolve else None
    except (RemoteFailed, NotFound, NotAllowed):
        return None
    return AccountId(found[1]) if found is not None and found[0] == "account" else None


async def _by_words(tx: Tx, server: Server, text: str, followed_by: AccountId | None) -> list[AccountId]:
    handle = parse_handle(text, server.urls)
    name = handle[0] if handle is not None and "@" in text else text
    words = words_of(name)
    if not words:
        return []
    phrases = [(word,) for word in words]
    starts = (handle[0].lower(), handle[1]) if handle is not None and handle[1] else None
    return await search.accounts_with_words(tx, phrases, most=MOST, followed_by=followed_by, handle=starts)
