"""The text of an announcement, made into HTML with its mentions, tags, links and emojis."""

from __future__ import annotations

from msgspec import Struct

from dassie.domain import text
from dassie.server import Server
from dassie.services.composing import handles
from dassie.store import accounts, emojis
from dassie.store.tx import Tx
from dassie.store.views import AccountView, EmojiView

MOST_MENTIONS = 20


class Composed(Struct, frozen=True):
    """A text, made ready."""

    content: str
    mentions: list[AccountView]
    tags: list[str]
    """Normalised."""
    emojis: list[EmojiView]


async def compose(tx: Tx, server: Server, typed: str) -> Composed:
    """What is shown of `typed`; who is named in it is not told."""
    known: dict[tuple[str, str], AccountView] = {}
    for handle in handles(server, typed)[:MOST_MENTIONS]:
        account = await accounts.by_name(tx, *handle)
        if account is not None and account.suspended_at is None:
            known[handle] = account

    def page(username: str, domain: str | None) -> tuple[str, str] | None:
        ours = domain is None or domain.lower() == server.urls.domain.lower()
        account = known.get((username.lower(), "" if ours or domain is None else domain.lower()))
        return (account.url or account.uri, account.username) if account is not None else None

    tags = [text.normalise_tag(tag.name) for tag in text.find_tags(typed)]
    return Composed(
        content=text.render(typed, mention=page, tag_url=lambda name: server.urls.tag(text.normalise_tag(name))),
        mentions=list({account.id: account for account in known.values()}.values()),
        tags=list(dict.fromkeys(tags)),
        emojis=await emojis.used_in(tx, [typed], server.urls),
    )
