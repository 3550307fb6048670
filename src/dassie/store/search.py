"""The search index: words of statuses and accounts, and finding them again. Who may find what is in `findable.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Integer, TableClause, bindparam, column, delete, select, table
from sqlalchemy.dialects.postgresql import insert

from dassie.domain.search_words import words_of
from dassie.store.dialect import document, matches
from dassie.store.tx import Query, Statement, Tx

status_search = table("status_search", column("rowid", BigInteger), column("document"))
account_search = table("account_search", column("rowid", BigInteger), column("document"))


class _Index:
    """One of the two tables. Neither database can update a row of it in the same words, so it is replaced."""

    def __init__(self, index: TableClause) -> None:
        id = bindparam("row_id", type_=BigInteger)
        self._add = Statement(insert(index).values({"rowid": id, "document": document("words")}))
        self._remove = Statement(delete(index).where(index.c.rowid == id))

    async def put(self, tx: Tx, id: int, text: str) -> None:
        await tx.run(self._remove, row_id=id)
        words = words_of(text)
        if words:
            await tx.run(self._add, row_id=id, words=words)

    async def forget(self, tx: Tx, id: int) -> None:
        await tx.run(self._remove, row_id=id)


_STATUSES = _Index(status_search)
_ACCOUNTS = _Index(account_search)


async def index_status(tx: Tx, id: int, text: str) -> None:
    """Have a status found by the words of `text` (plain text), and by no others."""
    await _STATUSES.put(tx, id, text)


async def forget_status(tx: Tx, id: int) -> None:
    """Have a status not found by its words any more."""
    await _STATUSES.forget(tx, id)


async def index_account(tx: Tx, id: int, text: str) -> None:
    """Have an account found by the words of `text`: its name and display name."""
    await _ACCOUNTS.put(tx, id, text)


async def forget_account(tx: Tx, id: int) -> None:
    """Have an account not found by its words any more."""
    await _ACCOUNTS.forget(tx, id)


def _with_words(index: TableClause) -> Query[int]:
    id = index.c.rowid
    return Query(
        int,
        select(id)
        .where(
            matches(index, "phrases"),
            id > bindparam("above", type_=BigInteger),
            id < bindparam("below", type_=BigInteger),
        )
        .order_by(id.desc())
        .limit(bindparam("most", type_=Integer)),
    )


_WITH_WORDS = _with_words(status_search)


async def with_words(tx: Tx, phrases: Sequence[Sequence[str]], *, above: int, below: int, most: int) -> list[Any]:
    """Ids of statuses with all these phrases, newest first, whoever may find them."""
    return await tx.all(_WITH_WORDS, phrases=phrases, above=above, below=below, most=most)
