"""Filters of the people here, their keywords, and the posts they single out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, bindparam, delete, func, select, type_coerce, update

from dassie.domain.ids import AccountId, StatusId
from dassie.store.dialect import any_of, put, put_once
from dassie.store.tables import filter_keywords, filter_statuses, filters, users
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import Json


class Filter(Struct, frozen=True):
    """What somebody does not want to see without warning, or at all."""

    id: int
    account_id: AccountId
    title: str
    contexts: list[str]
    action: str
    expires_at: datetime | None

    def expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


class Keyword(Struct, frozen=True):
    """A word or phrase of a filter."""

    id: int
    filter_id: int
    keyword: str
    whole_word: bool


class Singled(Struct, frozen=True):
    """A post that a filter singles out."""

    id: int
    filter_id: int
    status_id: StatusId


_me = bindparam("account_is", type_=BigInteger)
_id = bindparam("row_id", type_=BigInteger)
_columns = [
    type_coerce(filters.c[name], Json(list[str])) if name == "contexts" else filters.c[name]
    for name in Filter.__struct_fields__
]
_OF = Query(Filter, select(*_columns).where(filters.c.account_id == _me).order_by(filters.c.id))
_FIND = Query(Filter, select(*_columns).where(filters.c.account_id == _me, filters.c.id == _id))
_REMOVE = Statement(delete(filters).where(filters.c.account_id == _me, filters.c.id == _id))
_ADD = Statement(put(filters, "id", "account_id", "title", "contexts", "action", "expires_at", "created_at"))
_REV = Query(int, select(users.c.filters_rev).where(users.c.account_id == _me))
_BUMP = Statement(update(users).where(users.c.account_id == _me).values(filters_rev=users.c.filters_rev + 1))


def _parts(shape: Any, table: Any) -> tuple[Query[Any], Query[Any], Query[Any], Query[int]]:
    """Of a person, of one filter, one by its id, how many a person has."""
    chosen = (
        select(*(table.c[name] for name in shape.__struct_fields__))
        .join(filters, filters.c.id == table.c.filter_id)
        .where(filters.c.account_id == _me)
    )
    count = select(func.count()).select_from(table.join(filters, filters.c.id == table.c.filter_id))
    return (
        Query(shape, chosen.order_by(table.c.id)),
        Query(shape, chosen.where(table.c.filter_id == _id).order_by(table.c.id)),
        Query(shape, chosen.where(table.c.id == _id)),
        Query(int, count.where(filters.c.account_id == _me)),
    )


_KEYWORDS, _KEYWORDS_OF, _KEYWORD, _KEYWORD_COUNT = _parts(Keyword, filter_keywords)
_SINGLED, _SINGLED_OF, _SINGLED_ONE, _SINGLED_COUNT = _parts(Singled, filter_statuses)
_ADD_KEYWORD = Statement(put(filter_keywords, "id", "filter_id", "keyword", "whole_word"))
_SET_KEYWORD = Statement(
    update(filter_keywords)
    .where(filter_keywords.c.id == _id)
    .values(keyword=bindparam("new_keyword"), whole_word=bindparam("new_whole_word"))
)
_REMOVE_KEYWORDS = Statement(delete(filter_keywords).where(any_of(filter_keywords.c.id, "ids")))
_SINGLE = Statement(put_once(filter_statuses, "id", "filter_id", "status_id"))
_RELEASE = Statement(delete(filter_statuses).where(filter_statuses.c.id == _id))


async def revision(tx: Tx, account_id: int) -> int:
    """Grows with every change of somebody's filters; 0 where there never were any."""
    return await tx.one(_REV, account_is=account_id) or 0


async def changed(tx: Tx, account_id: int) -> None:
    """Somebody's filters are different: what was made of them is stale."""
    await tx.run(_BUMP, account_is=account_id)


# Filters ---------------------------------------------------------------------------------------------


async def of(tx: Tx, account_id: int) -> list[Filter]:
    """Somebody's filters, the oldest first, expired ones too."""
    return await tx.all(_OF, account_is=account_id)


async def find(tx: Tx, account_id: int, id: int) -> Filter | None:
    """One of somebody's filters."""
    return await tx.one(_FIND, account_is=account_id, row_id=id)


async def add(tx: Tx, new: Filter) -> None:
    """Keep a filter."""
    values = {name: getattr(new, name) for name in Filter.__struct_fields__}
    await tx.run(_ADD, **values, created_at=tx.now)


@cache
def _update(*names: str) -> Statement:
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=filters.c[name].type) for name in names}
    return Statement(update(filters).where(filters.c.id == _id).values(**values))


async def change(tx: Tx, id: int, **values: Any) -> None:
    """Set columns of a filter: title, contexts, action, expires_at."""
    if values:
        names = sorted(values)
        await tx.run(_update(*names), row_id=id, **{f"new_{name}": values[name] for name in names})


async def remove(tx: Tx, account_id: int, id: int) -> bool:
    """Delete a filter with its keywords and posts; False where there was none."""
    return await tx.run(_REMOVE, account_is=account_id, row_id=id) > 0


# Keywords --------------------------------------------------------------------------------------------


async def keywords(tx: Tx, account_id: int, filter_id: int | None = None) -> list[Keyword]:
    """The keywords of all filters of somebody, or of one of them."""
    if filter_id is None:
        return await tx.all(_KEYWORDS, account_is=account_id)
    return await tx.all(_KEYWORDS_OF, account_is=account_id, row_id=filter_id)


async def keyword(tx: Tx, account_id: int, id: int) -> Keyword | None:
    """One keyword of somebody."""
    return await tx.one(_KEYWORD, account_is=account_id, row_id=id)


async def keyword_count(tx: Tx, account_id: int) -> int:
    """How many keywords somebody has."""
    return await tx.one(_KEYWORD_COUNT, account_is=account_id) or 0


async def add_keyword(tx: Tx, new: Keyword) -> None:
    """Keep a keyword."""
    await tx.run(_ADD_KEYWORD, **{name: getattr(new, name) for name in Keyword.__struct_fields__})


async def change_keyword(tx: Tx, id: int, keyword: str, whole_word: bool) -> None:
    """Say a keyword differently."""
    await tx.run(_SET_KEYWORD, row_id=id, new_keyword=keyword, new_whole_word=whole_word)


async def remove_keywords(tx: Tx, ids: Collection[int]) -> None:
    """Delete keywords."""
    if ids:
        await tx.run(_REMOVE_KEYWORDS, ids=list(ids))


# Posts -----------------------------------------------------------------------------------------------


async def singled(tx: Tx, account_id: int, filter_id: int | None = None) -> list[Singled]:
    """The posts that all filters of somebody, or one of them, single out."""
    if filter_id is None:
        return await tx.all(_SINGLED, account_is=account_id)
    return await tx.all(_SINGLED_OF, account_is=account_id, row_id=filter_id)


async def singled_one(tx: Tx, account_id: int, id: int) -> Singled | None:
    """One of them by its id."""
    return await tx.one(_SINGLED_ONE, account_is=account_id, row_id=id)


async def singled_count(tx: Tx, account_id: int) -> int:
    """How many posts somebody's filters single out."""
    return await tx.one(_SINGLED_COUNT, account_is=account_id) or 0


async def single(tx: Tx, new: Singled) -> bool:
    """Single a post out; False where the filter does so already."""
    return await tx.run(_SINGLE, **{name: getattr(new, name) for name in Singled.__struct_fields__}) > 0


async def release(tx: Tx, id: int) -> None:
    """Single a post out no longer."""
    await tx.run(_RELEASE, row_id=id)
