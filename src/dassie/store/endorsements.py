"""People that somebody here features on their profile."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, delete, null, select

from dassie.domain.ids import AccountId, new_id
from dassie.domain.paging import Page
from dassie.store.dialect import put_once
from dassie.store.paging import PagedQuery
from dassie.store.tables import accounts, endorsements
from dassie.store.tx import Statement, Tx, row

_me = bindparam("account_is", type_=BigInteger)
_PUT = Statement(put_once(endorsements, "id", "account_id", "target_id", "created_at"))
_REMOVE = Statement(
    delete(endorsements).where(
        endorsements.c.account_id == _me, endorsements.c.target_id == bindparam("target_is", type_=BigInteger)
    )
)
_OF = PagedQuery(
    row,
    select(endorsements.c.id, endorsements.c.target_id)
    .join(accounts, accounts.c.id == endorsements.c.target_id)
    .where(endorsements.c.account_id == _me, accounts.c.suspended_at.is_(null())),
    endorsements.c.id,
)


async def add(tx: Tx, account_id: int, target_id: int) -> bool:
    """Feature somebody; False where they are featured already."""
    values = {"id": new_id(tx.now), "account_id": account_id, "target_id": target_id, "created_at": tx.now}
    return await tx.run(_PUT, **values) > 0


async def remove(tx: Tx, account_id: int, target_id: int) -> bool:
    """Feature them no longer; False where they were not."""
    return await tx.run(_REMOVE, account_is=account_id, target_is=target_id) > 0


async def of(tx: Tx, account_id: int, page: Page) -> list[tuple[int, AccountId]]:
    """(row id, account id) of whom somebody features, newest first."""
    return await _OF.read(tx, page, account_is=account_id)
