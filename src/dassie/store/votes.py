"""Votes in polls, and the polls' tallies."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, delete, literal_column, null, select, update

from dassie.domain.ids import AccountId
from dassie.store.polls import by_id
from dassie.store.tables import accounts, poll_votes, polls
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import UtcTime
from dassie.store.views import PollView

_poll = bindparam("of_poll", type_=BigInteger)
_LOCK = Query(int, select(polls.c.id).where(polls.c.id == _poll).with_for_update())
_CLEAR = Statement(delete(poll_votes).where(poll_votes.c.poll_id == _poll))
_REMOVE = Statement(delete(polls).where(polls.c.id == _poll))
_CLOSE = Statement(
    update(polls)
    .where(polls.c.id == _poll, polls.c.closed_at.is_(null()))
    .values(closed_at=bindparam("now_closed", type_=UtcTime))
)
_REOPEN = Statement(update(polls).where(polls.c.id == _poll).values(closed_at=null()))
_VOTERS = Query(
    AccountId,
    select(poll_votes.c.account_id)
    .join(accounts, accounts.c.id == poll_votes.c.account_id)
    .where(poll_votes.c.poll_id == _poll, accounts.c.domain == literal_column("''"))
    .distinct(),
)


async def locked(tx: Tx, poll_id: int, *, voter: AccountId) -> PollView | None:
    """A poll with what `voter` chose; nobody else changes its tallies before this unit ends."""
    if await tx.one(_LOCK, of_poll=poll_id) is None:
        return None
    return await by_id(tx, poll_id, viewer=voter)


async def clear(tx: Tx, poll_id: int) -> None:
    """Throw all votes away."""
    await tx.run(_CLEAR, of_poll=poll_id)


async def remove_poll(tx: Tx, poll_id: int) -> None:
    """Take a poll from its status."""
    await tx.run(_REMOVE, of_poll=poll_id)


async def close(tx: Tx, poll_id: int) -> bool:
    """Note that the end was told; False where it was told before."""
    return await tx.run(_CLOSE, of_poll=poll_id, now_closed=tx.now) > 0


async def reopen(tx: Tx, poll_id: int) -> None:
    """The end moved: it will be told again."""
    await tx.run(_REOPEN, of_poll=poll_id)


async def local_voters(tx: Tx, poll_id: int) -> list[AccountId]:
    """Who of ours voted."""
    return await tx.all(_VOTERS, of_poll=poll_id)
