"""People by their handle, as far as they are known here; `finding.py` searches and asks other servers."""

from __future__ import annotations

from dassie.domain.urls import Urls
from dassie.store import accounts
from dassie.store.tx import Tx
from dassie.store.views import AccountView


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
