"""Media attachments: files that belong to statuses, ours and others'."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select, type_coerce, update

from dassie.domain.ids import AccountId
from dassie.store.dialect import any_of, put
from dassie.store.tables import media_attachments
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import Json
from dassie.store.views import MediaView

_t = media_attachments
_COLUMNS = [
    type_coerce(_t.c[name], Json(dict[str, Any])) if name == "meta" else _t.c[name]
    for name in MediaView.__struct_fields__
]
_OF_STATUSES = Query(
    MediaView, select(*_COLUMNS).where(any_of(_t.c.status_id, "ids")).order_by(_t.c.status_id, _t.c.position)
)
_SIZES = Query(row, select(_t.c.id, _t.c.file_size).where(any_of(_t.c.status_id, "ids"), _t.c.file_size > 0))
_BY_IDS = Query(MediaView, select(*_COLUMNS).where(any_of(_t.c.id, "ids")))


async def of_statuses(tx: Tx, ids: Collection[int]) -> dict[int, list[MediaView]]:
    """Attachments in their order, by status id."""
    out: dict[int, list[MediaView]] = {}
    if ids:
        for found in await tx.all(_OF_STATUSES, ids=list(ids)):
            out.setdefault(found.status_id or 0, []).append(found)
    return out


async def file_sizes(tx: Tx, status_ids: Collection[int]) -> dict[int, int]:
    """Bytes of the files of these statuses that are stored here, by attachment."""
    return dict(await tx.all(_SIZES, ids=list(status_ids))) if status_ids else {}


async def by_ids(tx: Tx, ids: Sequence[int], *, owner: AccountId | None = None) -> list[MediaView]:
    """Attachments in the order of `ids`; only those of `owner` where given."""
    by_id = {found.id: found for found in await tx.all(_BY_IDS, ids=list(ids))} if ids else {}
    found = [by_id[id] for id in ids if id in by_id]  # type: ignore[index]
    return [one for one in found if owner is None or one.account_id == owner]


@cache
def _insert(*names: str) -> Statement:
    return Statement(put(_t, *names))


@cache
def _update(*names: str) -> Statement:
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=_t.c[name].type) for name in names}
    return Statement(update(_t).where(_t.c.id == bindparam("media_id")).values(**values))


async def insert(tx: Tx, **values: Any) -> None:
    """Add an attachment."""
    await tx.run(_insert(*sorted(values)), **values)


async def change(tx: Tx, id: int, **values: Any) -> None:
    """Set columns of an attachment."""
    names = sorted(values)
    await tx.run(_update(*names), media_id=id, **{f"new_{name}": values[name] for name in names})
