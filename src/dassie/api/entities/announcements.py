"""Announcement entities."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NotRequired, TypedDict

from dassie.api.entities.shapes import Html, Id, Stamp, Url
from dassie.api.entities.status_shapes import EncodedStatus, StatusTag
from dassie.api.entities.statuses import statuses_by_id
from dassie.api.entities.values import CustomEmoji, stamp
from dassie.api.entities.values import emojis as show_emojis
from dassie.domain.ids import AccountId, parse_id
from dassie.domain.text import find_urls
from dassie.server import Server
from dassie.services.announcement_texts import compose
from dassie.store import announcements, emojis
from dassie.store.tx import Tx
from dassie.store.views import EmojiView

MOST_STATUSES = 5
_OWN_STATUS = re.compile(r"/@[^/@]{1,60}/([0-9]{1,20})")


class AnnouncementAccount(TypedDict):
    """Somebody an announcement speaks of."""

    id: Id
    username: str
    url: Url
    acct: str


class Reaction(TypedDict):
    """An emoji below an announcement, and how many chose it."""

    name: str
    count: int
    me: NotRequired[bool]
    url: NotRequired[Url]
    static_url: NotRequired[Url]


class Announcement(TypedDict):
    """What the staff announce."""

    id: Id
    content: Html
    starts_at: Stamp | None
    ends_at: Stamp | None
    all_day: bool
    published_at: Stamp
    updated_at: Stamp
    read: NotRequired[bool]
    mentions: list[AnnouncementAccount]
    statuses: list[EncodedStatus]
    tags: list[StatusTag]
    emojis: list[CustomEmoji]
    reactions: list[Reaction]


async def show_announcements(
    tx: Tx, server: Server, found: Sequence[announcements.Announcement], *, viewer: AccountId | None
) -> list[Announcement]:
    """Announcements in this order; with a viewer, whether they have read each and how they reacted."""
    ids = [one.id for one in found]
    reacted = await announcements.reactions(tx, viewer, ids)
    read = await announcements.read_by(tx, viewer, ids) if viewer is not None else set()
    names = {reaction.name for reactions in reacted.values() for reaction in reactions}
    ours = {one.shortcode: one for one in await emojis.ours(tx, names, server.urls)}
    linked = {one.id: _linked(one.text, server.urls.base) for one in found}
    every = list(dict.fromkeys(id for some in linked.values() for id in some))
    posts = await statuses_by_id(tx, every, viewer=viewer, urls=server.urls) if every else {}
    shown = []
    for one in found:
        entity = await _show(tx, server, one)
        entity["statuses"] = [posts[id] for id in linked[one.id] if id in posts]
        entity["reactions"] = [_reaction(each, ours, server, viewer) for each in reacted.get(one.id, [])]
        if viewer is not None:
            entity["read"] = one.id in read
        shown.append(entity)
    return shown


async def _show(tx: Tx, server: Server, one: announcements.Announcement) -> Announcement:
    text = await compose(tx, server, one.text)
    return {
        "id": str(one.id),
        "content": text.content,
        "starts_at": stamp(one.starts_at),
        "ends_at": stamp(one.ends_at),
        "all_day": one.all_day,
        "published_at": stamp(one.published_at),
        "updated_at": stamp(one.updated_at),
        "mentions": [
            {
                "id": str(account.id),
                "username": account.username,
                "url": account.url or account.uri,
                "acct": account.acct,
            }
            for account in text.mentions
        ],
        "statuses": [],
        "tags": [{"name": name, "url": server.urls.tag(name)} for name in text.tags],
        "emojis": show_emojis(text.emojis, server.urls),
        "reactions": [],
    }


def _linked(text: str, base: str) -> list[int]:
    """The posts of ours that a text names by their addresses, as many as are shown."""
    found = (_status_id(url.url, base) for url in find_urls(text))
    return [id for id in found if id is not None][:MOST_STATUSES]


def _status_id(url: str, base: str) -> int | None:
    match = _OWN_STATUS.fullmatch(url.removeprefix(base)) if url.startswith(base + "/") else None
    return parse_id(match[1]) if match is not None else None


def _reaction(
    one: announcements.Reaction, ours: dict[str, EmojiView], server: Server, viewer: AccountId | None
) -> Reaction:
    shown: Reaction = {"name": one.name, "count": one.count}
    if viewer is not None:
        shown["me"] = bool(one.mine)
    if one.name in ours:
        picture = show_emojis([ours[one.name]], server.urls)[0]
        shown["url"] = picture["url"]
        shown["static_url"] = picture["static_url"]
    return shown
