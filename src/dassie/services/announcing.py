"""Announcements: made by the staff, read and reacted to by everybody here."""

from __future__ import annotations

from datetime import datetime

from dassie.domain.announcements import LONGEST, MOST_REACTIONS, is_emoji
from dassie.domain.errors import Invalid, NotFound
from dassie.domain.stream_names import ANNOUNCEMENTS
from dassie.domain.text import clean
from dassie.ports import Event
from dassie.server import Server
from dassie.store import announcements, emojis
from dassie.store.tx import Tx
from dassie.store.views import AccountView


async def announce(
    tx: Tx, server: Server, text: str, *, starts_at: datetime | None = None, ends_at: datetime | None = None
) -> int:
    """Tell everybody here; its id. `starts_at` and `ends_at` are of what it is about; it is shown until the end."""
    id = await announcements.insert(tx, _checked(tx, text, starts_at, ends_at), starts_at=starts_at, ends_at=ends_at)
    server.tell(tx, [ANNOUNCEMENTS], Event("announcement", id))
    return id


async def change(
    tx: Tx, server: Server, id: int, text: str, *, starts_at: datetime | None = None, ends_at: datetime | None = None
) -> None:
    """Say it otherwise; raises `NotFound`."""
    typed = _checked(tx, text, starts_at, ends_at)
    if not await announcements.change(tx, id, typed, starts_at=starts_at, ends_at=ends_at):
        raise NotFound
    server.tell(tx, [ANNOUNCEMENTS], Event("announcement", id))


async def withdraw(tx: Tx, server: Server, id: int) -> None:
    """Take it back; raises `NotFound`."""
    if not await announcements.remove(tx, id):
        raise NotFound
    server.tell(tx, [ANNOUNCEMENTS], Event("announcement.delete", id))


async def dismiss(tx: Tx, me: AccountView, id: int) -> None:
    """Mark it as read; twice is once. Raises `NotFound`."""
    await _known(tx, id)
    await announcements.dismiss(tx, me.id, id)


async def react(tx: Tx, server: Server, me: AccountView, id: int, name: str) -> None:
    """React with an emoji, or with one of ours by its shortcode; twice is once.

    Raises `Invalid` for what is no emoji, and for one more kind than an announcement takes.
    """
    await _known(tx, id)
    if not is_emoji(name) and await emojis.by_shortcode(tx, name) is None:
        raise Invalid("Validation failed: Name is not a recognized emoji")
    new = await announcements.count(tx, id, name) == 0
    if new and await announcements.names_count(tx, id) >= MOST_REACTIONS:
        raise Invalid("Validation failed: Limit of different reactions reached")
    if await announcements.react(tx, me.id, id, name):
        await _tell(tx, server, id, name)


async def unreact(tx: Tx, server: Server, me: AccountView, id: int, name: str) -> None:
    """Take the reaction back; raises `NotFound` where there is none."""
    if not await announcements.unreact(tx, me.id, id, name):
        raise NotFound
    await _tell(tx, server, id, name)


async def _tell(tx: Tx, server: Server, id: int, name: str) -> None:
    reaction = {"name": name, "count": await announcements.count(tx, id, name), "announcement_id": str(id)}
    server.tell(tx, [ANNOUNCEMENTS], Event("announcement.reaction", id, extra=reaction))


async def _known(tx: Tx, id: int) -> None:
    if await announcements.by_id(tx, id) is None:
        raise NotFound


def _checked(tx: Tx, text: str, starts_at: datetime | None, ends_at: datetime | None) -> str:
    typed = clean(text).strip()
    if not typed:
        raise Invalid("Validation failed: Text can't be blank", fields={"text": [("ERR_BLANK", "can't be blank")]})
    if len(typed) > LONGEST:
        long = f"is too long (maximum is {LONGEST} characters)"
        raise Invalid(f"Validation failed: Text {long}", fields={"text": [("ERR_TOO_LONG", long)]})
    if ends_at is not None and (ends_at <= tx.now or (starts_at is not None and ends_at < starts_at)):
        early = "must be later than now and than the beginning"
        raise Invalid(f"Validation failed: Ends at {early}", fields={"ends_at": [("ERR_INVALID", early)]})
    return typed
