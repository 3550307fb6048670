"""The figures of a status counted from its rows.

On PostgreSQL, where units run side by side, those who leave the counting to a job `join` first, and the job does
`close` before it counts: so it sees their rows, or they see that it is gone and put in another.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Text, bindparam, func, select

from dassie.store import statuses as status_store
from dassie.store.tables import favourites, statuses
from dassie.store.tx import Query, Tx, row

_id = bindparam("status_is", type_=BigInteger)
_mark = statuses.alias("marks")
_favourites = select(func.count()).where(favourites.c.status_id == _id).scalar_subquery()
_reblogs = select(func.count()).select_from(_mark).where(_mark.c.reblog_of_id == _id).scalar_subquery()
_FIGURES = Query(
    row,
    select(statuses.c.favourites_count, statuses.c.reblogs_count, _favourites, _reblogs).where(statuses.c.id == _id),
)
_key = func.hashtext(bindparam("key", type_=Text))
_JOIN = Query(row, select(func.pg_advisory_xact_lock_shared(_key)))
_CLOSE = Query(row, select(func.pg_advisory_xact_lock(_key)))
_HOLD = Query(row, select(statuses.c.id).where(statuses.c.id == _id).with_for_update(key_share=True))


async def join(tx: Tx, status_id: int) -> None:
    """Rows of this unit are for the next counting."""
    if tx.database == "postgresql":
        await tx.all(_JOIN, key=_lock(status_id))


async def close(tx: Tx, status_id: int) -> None:
    """Wait for all who joined, and for those who change the figures themselves; hold them off until this unit ends."""
    if tx.database == "postgresql":
        await tx.all(_HOLD, status_is=status_id)
        await tx.all(_CLOSE, key=_lock(status_id))


async def recount(tx: Tx, status_id: int) -> bool:
    """Make the figures of likes and boosts those of the rows; False where they are already."""
    found = await tx.one(_FIGURES, status_is=status_id)
    if found is None or found[:2] == found[2:]:
        return False
    await status_store.change(tx, status_id, favourites_count=found[2], reblogs_count=found[3])
    return True


def _lock(status_id: int) -> str:
    return f"tally {status_id}"
