"""Hashtags and which statuses carry them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select

from dassie.domain.ids import new_id
from dassie.store.dialect import any_of, put_once
from dassie.store.tables import status_tags, tags
from dassie.store.tx import Query, Statement, Tx, row

_IDS = Query(row, select(tags.c.name, tags.c.id).where(any_of(tags.c.name, "names")))
_PUT = Statement(put_once(tags, "id", "name", "display_name", "created_at"))
_ATTACH = Statement(put_once(status_tags, "tag_id", "status_id", "position"))
_DETACH = Statement(delete(status_tags).where(status_tags.c.status_id == bindparam("of_status")))


async def ids(tx: Tx, named: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Ids by normalised name, made where new. `named` is (normalised, as written)."""
    wanted = dict(named)
    if not wanted:
        return {}
    found: dict[str, int] = dict(await tx.all(_IDS, names=list(wanted)))
    missing = [name for name in wanted if name not in found]
    if missing:
        await tx.run_many(
            _PUT,
            [
                {"id": new_id(tx.now), "name": name, "display_name": wanted[name], "created_at": tx.now}
                for name in missing
            ],
        )
        found = dict(await tx.all(_IDS, names=list(wanted)))
    return found


async def attach(tx: Tx, status_id: int, named: Sequence[tuple[str, str]]) -> None:
    """Say which tags a status carries, in order."""
    by_name = await ids(tx, named)
    rows = [
        {"tag_id": id, "status_id": status_id, "position": position}
        for position, id in enumerate(dict.fromkeys(by_name[name] for name, _ in named if name in by_name))
    ]
    await tx.run_many(_ATTACH, rows)


async def replace(tx: Tx, status_id: int, named: Sequence[tuple[str, str]]) -> None:
    """The same for a status that has some."""
    await tx.run(_DETACH, of_status=status_id)
    await attach(tx, status_id, named)


_NAMES = Query(
    str,
    select(tags.c.name)
    .join(status_tags, status_tags.c.tag_id == tags.c.id)
    .where(status_tags.c.status_id == bindparam("of_status"))
    .order_by(status_tags.c.position),
)


async def names_of(tx: Tx, status_id: int) -> list[str]:
    """The normalised names of a status's tags."""
    return await tx.all(_NAMES, of_status=status_id)
