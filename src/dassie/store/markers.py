"""Markers: how far somebody has read a timeline (`home`, `notifications`)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, Text, bindparam, select, update

from dassie.domain.errors import Conflict
from dassie.store.dialect import any_of, put_once
from dassie.store.tables import markers
from dassie.store.tx import Query, Statement, Tx


class Marker(Struct, frozen=True):
    """How far one timeline was read. `version` grows with every change."""

    timeline: str
    last_read_id: int
    version: int
    updated_at: datetime


_COLUMNS = [markers.c[name] for name in Marker.__struct_fields__]
_user = bindparam("of_user", type_=BigInteger)
_READ = Query(Marker, select(*_COLUMNS).where(markers.c.user_id == _user, any_of(markers.c.timeline, "named")))
_INSERT = Statement(put_once(markers, "user_id", *Marker.__struct_fields__))
_SAVE = Statement(
    update(markers)
    .where(
        markers.c.user_id == _user,
        markers.c.timeline == bindparam("named", type_=Text),
        markers.c.version == bindparam("seen_version", type_=Integer),
    )
    .values(
        last_read_id=bindparam("read_up_to", type_=BigInteger),
        version=markers.c.version + 1,
        updated_at=bindparam("at", type_=markers.c.updated_at.type),
    )
)


async def read(tx: Tx, user_id: int, timelines: Collection[str]) -> dict[str, Marker]:
    """Markers by timeline; what was never marked is missing."""
    found = await tx.all(_READ, of_user=user_id, named=list(timelines))
    return {marker.timeline: marker for marker in found}


async def last_read(tx: Tx, user_id: int, timeline: str) -> int:
    """The id of the last thing that was read; 0 where nothing was."""
    found = (await read(tx, user_id, [timeline])).get(timeline)
    return found.last_read_id if found is not None else 0


async def save(tx: Tx, user_id: int, timeline: str, last_read_id: int) -> Marker:
    """Set how far a timeline was read; raises `Conflict` where another device sets it at the same moment."""
    seen = (await read(tx, user_id, [timeline])).get(timeline)
    saved = await save_from(tx, user_id, timeline, last_read_id, seen)
    if saved is None:
        raise Conflict("Conflict during update, please try again")
    return saved


async def save_from(tx: Tx, user_id: int, timeline: str, last_read_id: int, seen: Marker | None) -> Marker | None:
    """The same on top of what was seen before (None: nothing); None where that is no longer what is there."""
    if seen is None:
        values = {"user_id": user_id, "timeline": timeline, "last_read_id": last_read_id, "version": 1}
        done = await tx.run(_INSERT, **values, updated_at=tx.now)
    else:
        changed = {"named": timeline, "read_up_to": last_read_id, "seen_version": seen.version}
        done = await tx.run(_SAVE, of_user=user_id, at=tx.now, **changed)
    return (await read(tx, user_id, [timeline]))[timeline] if done else None
