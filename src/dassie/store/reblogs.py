"""Reblogs: statuses that show another one."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, literal_column, select

from dassie.domain.ids import AccountId
from dassie.store.statuses import columns
from dassie.store.tables import accounts, statuses
from dassie.store.tx import Query, Tx
from dassie.store.views import StatusRow

_of = statuses.c.reblog_of_id == bindparam("original_id", type_=BigInteger)
_ONE = Query(StatusRow, select(*columns()).where(_of, statuses.c.account_id == bindparam("by_account")).limit(1))
_LOCAL = Query(
    AccountId,
    select(statuses.c.account_id)
    .join(accounts, accounts.c.id == statuses.c.account_id)
    .where(_of, accounts.c.domain == literal_column("''")),
)


async def of(tx: Tx, account_id: int, original_id: int) -> StatusRow | None:
    """The reblog that an account made of a status."""
    return await tx.one(_ONE, by_account=account_id, original_id=original_id)


async def local_rebloggers(tx: Tx, original_id: int) -> list[AccountId]:
    """Who of ours reblogged a status."""
    return await tx.all(_LOCAL, original_id=original_id)
