"""What people do with single statuses, one row per person and status: favourites, bookmarks, pins.

Lists are ordered by when that was done, so their cursors are the ids of these rows.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Integer, Table, bindparam, delete, func, literal_column, select

from dassie.domain.ids import AccountId, StatusId
from dassie.domain.paging import Page
from dassie.store import tables
from dassie.store.dialect import put_once
from dassie.store.paging import PagedQuery
from dassie.store.tables import accounts, statuses
from dassie.store.timelines import wanted
from dassie.store.tx import Query, Statement, Tx, row

_account = bindparam("by_account", type_=BigInteger)
_status = bindparam("on_status", type_=BigInteger)


def _people(table: Any, person: Any, *conditions: Any) -> dict[bool, PagedQuery]:
    """Who, with row ids as cursors; keyed by whether a viewer's blocks and mutes are applied."""
    base = select(table.c.id, person).join(accounts, accounts.c.id == person)
    base = base.where(accounts.c.suspended_at.is_(None), *conditions)
    return {
        False: PagedQuery(row, base, table.c.id),
        True: PagedQuery(row, base.where(wanted(person)), table.c.id),
    }


class Marks:
    """One kind of mark."""

    def __init__(self, table: Table) -> None:
        columns = ["id", "account_id", "status_id", "created_at", *(["uri"] if "uri" in table.c else [])]
        self._columns = columns
        mine = (table.c.account_id == _account, table.c.status_id == _status)
        self._put = Statement(put_once(table, *columns))
        self._remove = Statement(delete(table).where(*mine))
        self._has = Query(int, select(literal_column("1", Integer)).where(*mine))
        self._count = Query(int, select(func.count()).where(table.c.account_id == _account))
        self._newest = PagedQuery(
            row, select(table.c.id, table.c.status_id).where(table.c.account_id == _account), table.c.id
        )
        self._of_status = _people(table, table.c.account_id, table.c.status_id == _status)
        self._uri = Query(row, select(table.c.uri).where(*mine)) if "uri" in table.c else None

    async def add(self, tx: Tx, id: int, account_id: int, status_id: int, *, uri: str | None = None) -> bool:
        """Set the mark; False where it is set already."""
        values: dict[str, Any] = {"id": id, "account_id": account_id, "status_id": status_id, "created_at": tx.now}
        if "uri" in self._columns:
            values["uri"] = uri
        return await tx.run(self._put, **values) > 0

    async def remove(self, tx: Tx, account_id: int, status_id: int) -> bool:
        """Take the mark away; False where there was none."""
        return await tx.run(self._remove, by_account=account_id, on_status=status_id) > 0

    async def has(self, tx: Tx, account_id: int, status_id: int) -> bool:
        return await tx.one(self._has, by_account=account_id, on_status=status_id) is not None

    async def uri(self, tx: Tx, account_id: int, status_id: int) -> str | None:
        """The ActivityPub id under which it was told to others."""
        assert self._uri is not None
        found = await tx.one(self._uri, by_account=account_id, on_status=status_id)
        return found[0] if found else None

    async def count(self, tx: Tx, account_id: int) -> int:
        """How many a person set."""
        return await tx.one(self._count, by_account=account_id) or 0

    async def newest(self, tx: Tx, account_id: int, page: Page) -> list[tuple[int, StatusId]]:
        """(row id, status id) of a person's marks, the latest first."""
        return await self._newest.read(tx, page, by_account=account_id)

    async def of_status(
        self, tx: Tx, status_id: int, page: Page, viewer: AccountId | None
    ) -> list[tuple[int, AccountId]]:
        """(row id, account id) of those who set it on a status, the latest first."""
        params = {"on_status": status_id} | ({"viewer_id": viewer, "at": tx.now} if viewer is not None else {})
        return await self._of_status[viewer is not None].read(tx, page, **params)


favourites = Marks(tables.favourites)
bookmarks = Marks(tables.bookmarks)
pins = Marks(tables.pins)

_REBLOGGERS = _people(
    statuses,
    statuses.c.account_id,
    statuses.c.reblog_of_id == _status,
    statuses.c.visibility.in_([literal_column("'public'"), literal_column("'unlisted'")]),
)


async def rebloggers(tx: Tx, status_id: int, page: Page, viewer: AccountId | None) -> list[tuple[int, AccountId]]:
    """(reblog's status id, account id) of those who openly reblogged a status, the latest first."""
    params = {"on_status": status_id} | ({"viewer_id": viewer, "at": tx.now} if viewer is not None else {})
    return await _REBLOGGERS[viewer is not None].read(tx, page, **params)
