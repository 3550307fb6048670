"""The search index: words of statuses and accounts, and finding them again. Who may find what is in `findable.py`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    TableClause,
    Text,
    bindparam,
    case,
    column,
    delete,
    exists,
    literal_column,
    null,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import insert

from dassie.domain.ids import AccountId
from dassie.domain.search_words import MAX_TEXT, words_of
from dassie.domain.text import clean
from dassie.store.dialect import any_of, document, matches, put_or_set, starts_with
from dassie.store.tables import accounts, follows, search_pending
from dassie.store.tx import Query, Statement, Tx, row

status_search = table("status_search", column("rowid", BigInteger), column("document"))
account_search = table("account_search", column("rowid", BigInteger), column("document"))


class _Index:
    """One of the two tables. Neither database can update a row of it in the same words, so it is replaced."""

    def __init__(self, index: TableClause) -> None:
        id = bindparam("row_id", type_=BigInteger)
        self._add = Statement(insert(index).values({"rowid": id, "document": document("words")}))
        self._remove = Statement(delete(index).where(index.c.rowid == id))

    async def put(self, tx: Tx, id: int, text: str) -> None:
        await self.put_words(tx, id, words_of(text))

    async def put_words(self, tx: Tx, id: int, words: Sequence[str]) -> None:
        await tx.run(self._remove, row_id=id)
        if words:
            await tx.run(self._add, row_id=id, words=words)

    async def forget(self, tx: Tx, id: int) -> None:
        await tx.run(self._remove, row_id=id)


_STATUSES = _Index(status_search)
_ACCOUNTS = _Index(account_search)


_SET_PENDING = Statement(put_or_set(search_pending, ("status_id", "document"), key=("status_id",)))
_DROP_PENDING = Statement(delete(search_pending).where(any_of(search_pending.c.status_id, "ids")))
_some_pending = search_pending.alias("some_pending")
_TAKE_PENDING = Query(
    row,
    delete(search_pending)
    .where(search_pending.c.status_id.in_(select(_some_pending.c.status_id).limit(bindparam("most", type_=Integer))))
    .returning(search_pending.c.status_id, search_pending.c.document),
)


async def index_status(tx: Tx, id: int, text: str) -> None:
    """Have a status found by the words of `text` (plain text), and by no others, within a second or so.

    The words are put in by `index_pending`, many at once: FTS5 writes its segments at every savepoint, which
    would cost more than the rest of a status together.
    """
    await tx.run(_SET_PENDING, status_id=id, document=clean(text[:MAX_TEXT]))


async def index_pending(tx: Tx, most: int) -> int:
    """Put the words of up to `most` statuses into the index; how many."""
    # Taken out first: in the same order as `forget_status` locks, and a text set meanwhile is not lost.
    pending = await tx.all(_TAKE_PENDING, most=most)
    for id, text in pending:
        await _STATUSES.put(tx, id, text)
    return len(pending)


async def forget_status(tx: Tx, id: int) -> None:
    """Have a status not found by its words any more."""
    await tx.run(_DROP_PENDING, ids=[id])
    await _STATUSES.forget(tx, id)


async def index_account(tx: Tx, id: int, text: str, about: str = "") -> None:
    """Have an account found by the words of `text`, its name and display name, and after those whose names have them
    by the words of `about`, what it says of itself: of those who want to be discovered."""
    words = words_of(text)
    words += [ABOUT + word for word in words_of(about)[:MOST_ABOUT]]
    await _ACCOUNTS.put_words(tx, id, words)


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


def with_any_of(name: str, id: Any) -> Any:
    """The condition that the status with this id has one of the phrases of parameter `name`.

    `lowest` and `highest` are the ids it is asked for between: the index is then read once for all, and not once
    for each (which took seconds for a common word).
    """
    row_id = status_search.c.rowid
    some = select(row_id).where(
        matches(status_search, name, joint="any"),
        row_id >= bindparam("lowest", type_=BigInteger),
        row_id <= bindparam("highest", type_=BigInteger),
    )
    return id.in_(some)


# Accounts ------------------------------------------------------------------------------------------

ABOUT = "\ua66e"
"""Stands in the index before each word that an account says of itself: names are searched apart from it. A letter,
so that both databases keep it with its word, and one that no language writes any more."""
MOST_ABOUT = 60
LOOKED_AT = 2_000
"""So many accounts with the words are ranked, the newest known first."""


@cache
def _accounts(followed_only: bool, by_domain: bool) -> Query[int]:
    me = bindparam("viewer_id", type_=BigInteger)
    id = account_search.c.rowid
    near = select(id).where(matches(account_search, "phrases", prefix=True))
    if followed_only:
        # Not `IN`: FTS5 would then look for the words once for each of those followed.
        near = near.where(or_(id == me, exists().where(follows.c.account_id == me, follows.c.target_id == id)))
    some = near.order_by(id.desc()).limit(LOOKED_AT).subquery()
    named = accounts.c.username_key == bindparam("exactly", type_=Text)
    exactly = case((named, literal_column("0")), else_=literal_column("1"))
    chosen = (
        select(accounts.c.id)
        .join(some, some.c.rowid == accounts.c.id)
        .where(accounts.c.suspended_at.is_(null()), accounts.c.id > literal_column("0"))
        .order_by(exactly, accounts.c.followers_count.desc(), accounts.c.id.desc())
        .limit(bindparam("most", type_=Integer))
    )
    if by_domain:
        chosen = chosen.where(
            starts_with(accounts.c.username_key, "username_starts"), starts_with(accounts.c.domain, "domain_starts")
        )
    return Query(int, chosen)


async def accounts_with_words(
    tx: Tx,
    phrases: Sequence[Sequence[str]],
    *,
    most: int,
    followed_by: int | None = None,
    handle: tuple[str, str] | None = None,
    about: bool = False,
    exactly: str = "",
) -> list[AccountId]:
    """Ids of accounts whose words begin like these: those called `exactly` so first, then the most followed.

    `followed_by`: only this account and those it follows. `handle`: user name and domain begin with these. `about`: not
    words of their names, but of what they say of themselves.
    """
    if about:
        phrases = [[ABOUT + word for word in words] for words in phrases]
    params: dict[str, Any] = {"phrases": phrases, "most": most, "exactly": exactly}
    if followed_by is not None:
        params["viewer_id"] = followed_by
    if handle is not None:
        params |= {"username_starts": handle[0], "domain_starts": handle[1]}
    return [AccountId(id) for id in await tx.all(_accounts(followed_by is not None, handle is not None), **params)]
