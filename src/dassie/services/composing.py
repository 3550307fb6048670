"""What a typed text becomes: who is mentioned, which tags and emojis it uses, its HTML."""

from __future__ import annotations

import asyncio

from msgspec import Struct

from dassie.domain import text
from dassie.domain.errors import DassieError, Invalid
from dassie.domain.ids import AccountId
from dassie.server import Server
from dassie.store import accounts, blocks, emojis
from dassie.store.tx import Tx
from dassie.store.views import AccountView, EmojiView

MOST_LOOKUPS = 20
LOOKUP_SECONDS = 5.0

Handle = tuple[str, str]
"""Username in lower case, domain (empty: ours)."""


class Composed(Struct, frozen=True):
    """A text, made ready."""

    content: str
    mentions: list[AccountView]
    tags: list[tuple[str, str]]
    emojis: list[EmojiView]


async def compose(tx: Tx, server: Server, me: AccountView, typed: str, *also: str) -> Composed:
    """HTML and parts of `typed`; `also` are further texts whose emojis count (warning, poll options)."""
    known: dict[Handle, AccountView] = {}
    for handle in handles(server, typed):
        found = await accounts.by_name(tx, *handle)
        if found is not None and found.suspended_at is None:
            known[handle] = found

    def page(username: str, domain: str | None) -> tuple[str, str] | None:
        account = known.get(_handle(server, username, domain))
        return (account.url or account.uri, account.username) if account is not None else None

    content = text.render(typed, mention=page, tag_url=lambda name: server.urls.tag(text.normalise_tag(name)))
    mentioned = list({account.id: account for account in known.values()}.values())
    return Composed(
        content=content,
        mentions=[one for one in mentioned if not await blocks.blocking(tx, me.id, one.id)],
        tags=_tags(typed),
        emojis=await emojis.used_in(tx, [typed, *also], server.urls),
    )


def check_allowed(mentioned: list[AccountView], allowed: list[AccountId] | None) -> None:
    """Raises `Invalid` with the ids of those mentioned though not allowed, in `details["unexpected"]`."""
    if allowed is None:
        return
    unexpected = [one.id for one in mentioned if one.id not in allowed]
    if unexpected:
        raise Invalid("Post would be sent to unexpected accounts", unexpected=unexpected)


def handles(server: Server, typed: str) -> list[Handle]:
    """Who a text names, each once."""
    found = (_handle(server, one.username, one.domain) for one in text.find_mentions(typed))
    return list(dict.fromkeys(found))


async def look_up_mentioned(server: Server, typed: str) -> None:
    """Get to know those of other servers that a text names, before anything is written.

    Takes a few seconds at most; whoever is not found by then stays plain text.
    """
    named = [handle for handle in handles(server, typed) if handle[1]][:MOST_LOOKUPS]
    if not named:
        return
    async with server.read() as tx:
        unknown = [handle for handle in named if await accounts.by_name(tx, *handle) is None]
    if not unknown:
        return
    tasks = [asyncio.create_task(_look_up(server, *handle)) for handle in unknown]
    try:
        await asyncio.wait(tasks, timeout=LOOKUP_SECONDS)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _look_up(server: Server, username: str, domain: str) -> None:
    try:
        await server.remote.account_by_handle(username, domain)
    except DassieError:
        return  # unknown, unreachable or not talked with: plain text


def _handle(server: Server, username: str, domain: str | None) -> Handle:
    ours = domain is None or domain.lower() == server.urls.domain.lower()
    return (username.lower(), "" if ours or domain is None else domain.lower())


def _tags(typed: str) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for tag in text.find_tags(typed):
        name = text.normalise_tag(tag.name)
        if name:
            found.setdefault(name, tag.name)
    return list(found.items())
