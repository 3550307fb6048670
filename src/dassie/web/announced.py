"""Announcements of the staff on the home page, until each reader waves them away."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from dassie.services import announcement_texts, announcing
from dassie.store import announcements
from dassie.store.tx import Tx
from dassie.web.answers import Answer, Go
from dassie.web.routing import form
from dassie.web.visits import Visit

MOST = 3
"""On the page at once, the newest."""


class Told(Struct, frozen=True):
    """An announcement, ready to be shown."""

    id: int
    content: str
    """HTML, made here."""
    published_at: datetime


async def unread(tx: Tx, visit: Visit) -> list[Told]:
    """What the reader has not waved away yet, newest first."""
    current = await announcements.current(tx)
    if not current:
        return []
    read = await announcements.read_by(tx, visit.me.id, [one.id for one in current])
    fresh = [one for one in reversed(current) if one.id not in read][:MOST]
    return [
        Told(one.id, (await announcement_texts.compose(tx, visit.server, one.text)).content, one.published_at)
        for one in fresh
    ]


@form("/announcements/{id}/dismiss")
async def dismiss(visit: Visit, id: int) -> Answer:
    """Not show it again."""
    async with visit.server.write() as tx:
        await announcing.dismiss(tx, visit.me, id)
    return Go(visit.back("/home"))
