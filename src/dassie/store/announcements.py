"""Announcements of the staff, what people reacted with, and who has read them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, Text, bindparam, case, delete, distinct, func, null, or_, select, update

from dassie.domain.ids import new_id
from dassie.store.dialect import any_of, put, put_once
from dassie.store.tables import announcement_reactions, announcement_reads, announcements
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import UtcTime

MOST = 100
"""Announcements that are shown at once."""


class Announcement(Struct, frozen=True):
    """Something everybody here should know."""

    id: int
    text: str
    """As typed."""
    all_day: bool
    starts_at: datetime | None
    ends_at: datetime | None
    """Afterwards it is not shown any more."""
    published_at: datetime
    updated_at: datetime


class Reaction(Struct, frozen=True):
    """An emoji under an announcement."""

    announcement_id: int
    name: str
    count: int
    mine: bool


_id = bindparam("announcement", type_=BigInteger)
_me = bindparam("account_is", type_=BigInteger)
_name = bindparam("named", type_=Text)
_columns = [announcements.c[name] for name in Announcement.__struct_fields__]
_published = announcements.c.published_at.is_not(null())
_CURRENT = Query(
    Announcement,
    select(*_columns)
    .where(
        _published,
        or_(announcements.c.ends_at.is_(null()), announcements.c.ends_at > bindparam("at", type_=UtcTime)),
    )
    .order_by(announcements.c.id)
    .limit(bindparam("most", type_=Integer)),
)
_ALL = Query(
    Announcement,
    select(*_columns).where(_published).order_by(announcements.c.id.desc()).limit(bindparam("most", type_=Integer)),
)
_BY_ID = Query(Announcement, select(*_columns).where(announcements.c.id == _id, _published))
_INSERT = Statement(
    put(
        announcements,
        "id",
        "text",
        "all_day",
        "starts_at",
        "ends_at",
        "published_at",
        "created_at",
        "updated_at",
    )
)
_CHANGE = Statement(
    update(announcements)
    .where(announcements.c.id == _id)
    .values(
        text=bindparam("new_text", type_=Text),
        starts_at=bindparam("new_start", type_=UtcTime),
        ends_at=bindparam("new_end", type_=UtcTime),
        updated_at=bindparam("at", type_=UtcTime),
    )
)
_REMOVE = Statement(delete(announcements).where(announcements.c.id == _id))
_READ = Query(
    int,
    select(announcement_reads.c.announcement_id).where(
        announcement_reads.c.account_id == _me, any_of(announcement_reads.c.announcement_id, "ids")
    ),
)
_DISMISS = Statement(put_once(announcement_reads, "announcement_id", "account_id"))
_reacted = announcement_reactions.c
_REACTIONS = Query(
    Reaction,
    select(
        _reacted.announcement_id,
        _reacted.name,
        func.count(),
        func.max(case((_reacted.account_id == _me, 1), else_=0)),
    )
    .where(any_of(_reacted.announcement_id, "ids"))
    .group_by(_reacted.announcement_id, _reacted.name)
    .order_by(_reacted.announcement_id, func.min(_reacted.id)),
)
_NAMES = Query(int, select(func.count(distinct(_reacted.name))).where(_reacted.announcement_id == _id))
_COUNT = Query(int, select(func.count()).where(_reacted.announcement_id == _id, _reacted.name == _name))
_REACT = Statement(put_once(announcement_reactions, "id", "announcement_id", "account_id", "name"))
_UNREACT = Statement(
    delete(announcement_reactions).where(
        _reacted.announcement_id == _id, _reacted.account_id == _me, _reacted.name == _name
    )
)


async def current(tx: Tx) -> list[Announcement]:
    """What is announced now, oldest first."""
    return await tx.all(_CURRENT, at=tx.now, most=MOST)


async def newest(tx: Tx) -> list[Announcement]:
    """All that was announced, also what has ended, newest first."""
    return await tx.all(_ALL, most=MOST)


async def by_id(tx: Tx, id: int) -> Announcement | None:
    """One that is out."""
    return await tx.one(_BY_ID, announcement=id)


async def insert(
    tx: Tx, text: str, *, starts_at: datetime | None, ends_at: datetime | None, all_day: bool = False
) -> int:
    """Announce something; its id."""
    id = new_id(tx.now)
    times = {"starts_at": starts_at, "ends_at": ends_at, "published_at": tx.now, "created_at": tx.now}
    await tx.run(_INSERT, id=id, text=text, all_day=all_day, updated_at=tx.now, **times)
    return id


async def change(tx: Tx, id: int, text: str, *, starts_at: datetime | None, ends_at: datetime | None) -> bool:
    """Say it otherwise; False where there is none."""
    found = await tx.run(_CHANGE, announcement=id, new_text=text, new_start=starts_at, new_end=ends_at, at=tx.now)
    return found > 0


async def remove(tx: Tx, id: int) -> bool:
    """Take it back; False where there is none."""
    return await tx.run(_REMOVE, announcement=id) > 0


async def read_by(tx: Tx, account_id: int, ids: Collection[int]) -> set[int]:
    """Those of `ids` that somebody has dismissed."""
    return set(await tx.all(_READ, account_is=account_id, ids=list(ids))) if ids else set()


async def dismiss(tx: Tx, account_id: int, id: int) -> None:
    """Somebody has read it."""
    await tx.run(_DISMISS, announcement_id=id, account_id=account_id)


async def reactions(tx: Tx, viewer: int | None, ids: Collection[int]) -> dict[int, list[Reaction]]:
    """What people reacted with, by announcement, the earliest first."""
    out: dict[int, list[Reaction]] = {}
    for one in await tx.all(_REACTIONS, account_is=viewer or 0, ids=list(ids)) if ids else []:
        out.setdefault(one.announcement_id, []).append(one)
    return out


async def names_count(tx: Tx, id: int) -> int:
    """How many different reactions it has."""
    return await tx.one(_NAMES, announcement=id) or 0


async def count(tx: Tx, id: int, name: str) -> int:
    """How many people reacted so."""
    return await tx.one(_COUNT, announcement=id, named=name) or 0


async def react(tx: Tx, account_id: int, id: int, name: str) -> bool:
    """Add somebody's reaction; False where it is there already."""
    values = {"id": new_id(tx.now), "announcement_id": id, "account_id": account_id, "name": name}
    return await tx.run(_REACT, **values) > 0


async def unreact(tx: Tx, account_id: int, id: int, name: str) -> bool:
    """Take it back; False where there was none."""
    return await tx.run(_UNREACT, account_is=account_id, announcement=id, named=name) > 0
