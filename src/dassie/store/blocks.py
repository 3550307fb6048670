"""Blocks: who wants nothing to do with whom."""

from __future__ import annotations

from sqlalchemy import BigInteger, and_, bindparam, delete, or_, select

from dassie.domain.ids import AccountId
from dassie.domain.paging import Page
from dassie.store.dialect import put_once
from dassie.store.paging import PagedQuery
from dassie.store.tables import accounts, blocks
from dassie.store.tx import Query, Statement, Tx, row

_a = bindparam("account_is", type_=BigInteger)
_b = bindparam("target_is", type_=BigInteger)
_pair = and_(blocks.c.account_id == _a, blocks.c.target_id == _b)
_back = and_(blocks.c.account_id == _b, blocks.c.target_id == _a)
_FIND = Query(int, select(blocks.c.id).where(_pair))
_EITHER = Query(int, select(blocks.c.id).where(or_(_pair, _back)).limit(1))
_INSERT = Statement(put_once(blocks, "id", "account_id", "target_id", "uri", "created_at"))
_REMOVE = Query(row, delete(blocks).where(_pair).returning(blocks.c.uri))
_OF = PagedQuery(
    row,
    select(blocks.c.id, blocks.c.target_id)
    .join(accounts, accounts.c.id == blocks.c.target_id)
    .where(blocks.c.account_id == _a),
    blocks.c.id,
)


_LOCAL_BLOCKERS = Query(
    AccountId,
    select(blocks.c.account_id)
    .join(accounts, accounts.c.id == blocks.c.account_id)
    .where(blocks.c.target_id == _b, accounts.c.domain == ""),
)


async def local_blockers(tx: Tx, target_id: int) -> list[AccountId]:
    """Those here who block an account."""
    return await tx.all(_LOCAL_BLOCKERS, target_is=target_id)


async def blocking(tx: Tx, account_id: int, target_id: int) -> bool:
    """Whether the first blocks the second."""
    return await tx.one(_FIND, account_is=account_id, target_is=target_id) is not None


async def between(tx: Tx, account_id: int, other_id: int) -> bool:
    """Whether one of the two blocks the other."""
    return await tx.one(_EITHER, account_is=account_id, target_is=other_id) is not None


async def add(tx: Tx, *, id: int, account_id: int, target_id: int, uri: str | None) -> bool:
    """Keep a block; False where it is there already."""
    values = {"id": id, "account_id": account_id, "target_id": target_id, "uri": uri, "created_at": tx.now}
    return await tx.run(_INSERT, **values) > 0


async def remove(tx: Tx, account_id: int, target_id: int) -> tuple[bool, str | None]:
    """Lift a block: whether there was one, and its ActivityPub id."""
    found = await tx.one(_REMOVE, account_is=account_id, target_is=target_id)
    return (found is not None, found[0] if found is not None else None)


async def of(tx: Tx, account_id: int, page: Page) -> list[tuple[int, AccountId]]:
    """(row id, blocked account), newest first."""
    return await _OF.read(tx, page, account_is=account_id)
