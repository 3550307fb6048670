"""Who is named in, or addressed by, a status."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select

from dassie.domain.ids import AccountId
from dassie.store.dialect import any_of, put_once, put_or_set
from dassie.store.tables import mentions
from dassie.store.tx import Query, Statement, Tx, row

_PUT = Statement(put_or_set(mentions, ("status_id", "account_id", "silent"), key=("status_id", "account_id")))
_LET_READ = Statement(put_once(mentions, "status_id", "account_id", "silent"))
_OF = Query(row, select(mentions.c.account_id, mentions.c.silent).where(mentions.c.status_id == bindparam("of_status")))
_GONE = Statement(
    delete(mentions).where(mentions.c.status_id == bindparam("of_status"), any_of(mentions.c.account_id, "gone"))
)


async def attach(tx: Tx, status_id: int, named: Sequence[tuple[AccountId, bool]]) -> None:
    """Add people to a status: (account, silent)."""
    await tx.run_many(
        _PUT, [{"status_id": status_id, "account_id": account, "silent": silent} for account, silent in named]
    )


async def let_read(tx: Tx, status_id: int, account_id: AccountId) -> None:
    """Address a status to somebody, silently unless they are addressed already."""
    await tx.run(_LET_READ, status_id=status_id, account_id=account_id, silent=True)


async def of(tx: Tx, status_id: int) -> dict[AccountId, bool]:
    """Silent or not, by account."""
    return dict(await tx.all(_OF, of_status=status_id))


async def replace(tx: Tx, status_id: int, named: Sequence[tuple[AccountId, bool]]) -> list[AccountId]:
    """Set who is named in an edited status; who is new. Those addressed silently before stay so."""
    before = await of(tx, status_id)
    wanted = dict(named)
    gone = [account for account, silent in before.items() if account not in wanted and not silent]
    if gone:
        await tx.run(_GONE, of_status=status_id, gone=gone)
    await attach(tx, status_id, list(wanted.items()))
    return [account for account, silent in wanted.items() if not silent and before.get(account, True)]
