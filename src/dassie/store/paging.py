"""Cursor paging as an index range: one statement per direction, chosen by the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Integer, Select, bindparam

from dassie.domain.paging import Page
from dassie.store.tx import Query, Tx

T = TypeVar("T")


class PagedQuery:
    """A SELECT read newest first by `cursor` (a column of ids), with exclusive bounds.

    `shape` gets one row; the result is always newest first.
    """

    def __init__(self, shape: Callable[..., Any], select: Select[Any], cursor: Any) -> None:
        above = bindparam("page_above", type_=BigInteger)
        below = bindparam("page_below", type_=BigInteger)
        limit = bindparam("page_limit", type_=Integer)
        bounded = select.where(cursor > above, cursor < below).limit(limit)
        self._down: Query[Any] = Query(shape, bounded.order_by(cursor.desc()))
        self._up: Query[Any] = Query(shape, bounded.order_by(cursor.asc()))

    async def read(self, tx: Tx, page: Page, /, **params: Any) -> list[Any]:
        """The rows of this page, newest first."""
        if page.limit <= 0:
            return []
        query = self._up if page.upwards else self._down
        found = await tx.all(query, **params, **page.bounds(), page_limit=page.limit)
        if page.upwards:
            found.reverse()
        return found
