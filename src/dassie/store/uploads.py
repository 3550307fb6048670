"""Files on their way to a status, and those that never got there or lost theirs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, bindparam, delete, literal_column, null, select, type_coerce, update

from dassie.domain.storage import OWN
from dassie.store import media, usage
from dassie.store.dialect import any_of
from dassie.store.tables import media_attachments
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import Json, UtcTime


class Small(Struct, frozen=True):
    """The preview of an upload, and all its measures."""

    key: str | None
    size: int
    meta: dict[str, Any]
    chosen: bool = True


_t = media_attachments
_held = _t.c.scheduled_id
_REMOVED: Any = literal_column("'removed'")
# On PostgreSQL a row that is being attached right now is waited for, then seen as attached.
_TAKE = Query(
    row,
    update(_t)
    .where(
        _t.c.id.in_(
            select(_t.c.id)
            .where(_t.c.status_id.is_(null()), _held.is_(null()), _t.c.created_at < bindparam("before", type_=UtcTime))
            .order_by(_t.c.created_at)
            .limit(bindparam("most", type_=Integer))
        ),
        _t.c.status_id.is_(null()),
        _held.is_(null()),
    )
    .values(state=_REMOVED)
    .returning(_t.c.id, _t.c.file_key, _t.c.small_key),
)
_TAKE_ONE = Query(
    row,
    update(_t)
    .where(_t.c.id == bindparam("media_id", type_=BigInteger), _t.c.status_id.is_(null()), _held.is_(null()))
    .values(state=_REMOVED)
    .returning(_t.c.file_key, _t.c.small_key),
)
_SMALL = Query(
    Small,
    select(_t.c.small_key, _t.c.small_size, type_coerce(_t.c.meta, Json(dict[str, Any])), _t.c.small_chosen)
    .where(_t.c.id == bindparam("media_id", type_=BigInteger), _t.c.state != _REMOVED)
    .with_for_update(),
)
_DELETE = Query(
    row,
    delete(_t).where(any_of(_t.c.id, "ids")).returning(_t.c.file_key, _t.c.small_key, _t.c.file_size + _t.c.small_size),
)
_DELETE_OF = Statement(delete(_t).where(any_of(_t.c.status_id, "ids"), _t.c.file_key.is_(null())))
_ATTACH = Statement(
    update(_t)
    .where(
        _t.c.id == bindparam("media_id", type_=BigInteger),
        _t.c.state == literal_column("'ready'"),
        _t.c.status_id.is_(null()),
        _held.is_(null()),
    )
    .values(status_id=bindparam("to_status", type_=BigInteger), position=bindparam("place", type_=Integer))
)
_HOLD = Statement(
    update(_t)
    .where(
        _t.c.id == bindparam("media_id", type_=BigInteger),
        _t.c.state == literal_column("'ready'"),
        _t.c.status_id.is_(null()),
        _held.is_(null()),
    )
    .values(scheduled_id=bindparam("to_scheduled", type_=BigInteger), position=bindparam("place", type_=Integer))
)
_RELEASE = Statement(update(_t).where(_held == bindparam("of_scheduled", type_=BigInteger)).values(scheduled_id=null()))


async def take_loose(tx: Tx, *, before: datetime, most: int) -> list[tuple[int, list[str]]]:
    """Mark uploads without a status as removed: (id, keys of their files). Nobody can attach them any more."""
    return [
        (id, [key for key in (file, small) if key]) for id, file, small in await tx.all(_TAKE, before=before, most=most)
    ]


async def take(tx: Tx, id: int) -> list[str] | None:
    """The same for one upload: the keys of its files; None where it is attached."""
    found = await tx.one(_TAKE_ONE, media_id=id)
    return None if found is None else [key for key in found if key]


async def delete_rows(tx: Tx, ids: Collection[int]) -> None:
    """Forget attachments; their files are gone already, or were never here."""
    for file, small, size in await tx.all(_DELETE, ids=list(ids)) if ids else []:
        usage.add(tx, OWN, "", -((file is not None) + (small is not None)), -size)


async def delete_remote(tx: Tx, statuses: Collection[int]) -> None:
    """Forget the attachments of other servers' statuses."""
    await tx.run(_DELETE_OF, ids=list(statuses))


async def ready(tx: Tx, id: int, **values: Any) -> None:
    """The files of an upload are made and where they belong: `file_key`, `file_size`, and so on."""
    await media.change(tx, id, **values)
    size = values["file_size"] + values.get("small_size", 0)
    usage.add(tx, OWN, "", 1 + (values.get("small_key") is not None), size)


async def small_of(tx: Tx, id: int) -> Small | None:
    """The preview that an upload has; until this unit ends nobody else changes the upload. None: it is gone."""
    return await tx.one(_SMALL, media_id=id)


async def choose_small(tx: Tx, id: int, before: Small, after: Small, *, type: str, blurhash: str | None) -> None:
    """Set the preview that its owner chose, in place of the one that `small_of` gave."""
    chosen = {"small_key": after.key, "small_type": type, "small_size": after.size, "small_chosen": True}
    await media.change(tx, id, **chosen, blurhash=blurhash, meta=after.meta)
    usage.add(tx, OWN, "", int(before.key is None), after.size - before.size)


async def attach(tx: Tx, id: int, status_id: int, position: int) -> bool:
    """Tie an upload to a status; False where somebody else was quicker."""
    return await tx.run(_ATTACH, media_id=id, to_status=status_id, place=position) > 0


async def hold(tx: Tx, id: int, scheduled_id: int, position: int) -> bool:
    """Keep an upload for a scheduled status; False where something else has it."""
    return await tx.run(_HOLD, media_id=id, to_scheduled=scheduled_id, place=position) > 0


async def release(tx: Tx, scheduled_id: int) -> None:
    """Let go of the uploads of a scheduled status: they may be attached now."""
    await tx.run(_RELEASE, of_scheduled=scheduled_id)
