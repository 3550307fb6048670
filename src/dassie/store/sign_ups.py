"""Those who signed up: who waits for a proved address or for approval, and who decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    bindparam,
    delete,
    func,
    not_,
    null,
    select,
    text,
    update,
)

from dassie.domain.ids import AccountId, UserId
from dassie.store.dialect import any_of
from dassie.store.tables import accounts, users
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import UtcTime


class Waiting(Struct, frozen=True):
    """Somebody who cannot use their login yet."""

    id: UserId
    account_id: AccountId
    username: str
    email: str | None
    confirmed_at: datetime | None
    reason: str
    ip: str
    invite_id: int | None
    created_at: datetime


class Arrival(Struct, frozen=True):
    """What is to be known once somebody is let in."""

    reason: str
    invite_id: int | None


_who = bindparam("user_is", type_=BigInteger)
# In the words of the partial index: SQLite takes it for nothing else.
_WAITS = text("(NOT approved OR confirmed_at IS NULL)")
_WAITING = Query(
    Waiting,
    select(
        users.c.id,
        users.c.account_id,
        accounts.c.username,
        users.c.email,
        users.c.confirmed_at,
        users.c.sign_up_reason,
        users.c.sign_up_ip,
        users.c.invite_id,
        users.c.created_at,
    )
    .select_from(users.join(accounts, accounts.c.id == users.c.account_id))
    .where(_WAITS, users.c.id > bindparam("after", type_=BigInteger))
    .order_by(users.c.id)
    .limit(bindparam("most", type_=Integer)),
)
_COUNT = Query(int, select(func.count()).select_from(users).where(not_(users.c.approved)))
_STALE = Query(
    row,
    select(users.c.id, users.c.account_id)
    .select_from(users.join(accounts, accounts.c.id == users.c.account_id))
    .where(
        _WAITS,
        users.c.confirmed_at.is_(null()),
        accounts.c.pending,
        users.c.created_at < bindparam("before", type_=UtcTime),
    )
    .order_by(users.c.id)
    .limit(bindparam("most", type_=Integer)),
)
_ARRIVAL = Query(Arrival, select(users.c.sign_up_reason, users.c.invite_id).where(users.c.id == _who))
_STAFF_ACCOUNTS: Query[AccountId] = Query(
    AccountId,
    select(users.c.account_id)
    .where(any_of(users.c.role, "roles"), ~users.c.disabled)
    .order_by(users.c.id)
    .limit(bindparam("most", type_=Integer)),
)
_APPROVE = Statement(update(users).where(users.c.id == _who).values(approved=True))
_CONFIRM = Statement(
    update(users)
    .where(users.c.id == _who)
    .values(
        email=bindparam("new_email", type_=Text),
        confirmed_at=bindparam("at", type_=UtcTime),
        unconfirmed_email=null(),
    )
)
_ASK = Statement(update(users).where(users.c.id == _who).values(unconfirmed_email=bindparam("new_email", type_=Text)))
_REMOVE = Statement(delete(accounts).where(accounts.c.id == bindparam("gone", type_=BigInteger), accounts.c.pending))


async def waiting(tx: Tx, *, after: int = 0, limit: int = 100) -> list[Waiting]:
    """Who waits, the longest first."""
    return await tx.all(_WAITING, after=after, most=limit)


async def count_unapproved(tx: Tx) -> int:
    """How many wait for somebody to decide."""
    return await tx.one(_COUNT) or 0


async def stale(tx: Tx, before: datetime, limit: int) -> list[tuple[int, int]]:
    """Login and account of those who signed up before then and never proved their address."""
    return [(user, account) for user, account in await tx.all(_STALE, before=before, most=limit)]


async def arrival(tx: Tx, user_id: int) -> Arrival | None:
    """How somebody came here."""
    return await tx.one(_ARRIVAL, user_is=user_id)


async def with_roles(tx: Tx, roles: Sequence[str], limit: int) -> list[AccountId]:
    """Accounts whose logins have one of these roles."""
    return await tx.all(_STAFF_ACCOUNTS, roles=list(roles), most=limit)


async def approve(tx: Tx, user_id: int) -> None:
    """Somebody may be here."""
    await tx.run(_APPROVE, user_is=user_id)


async def confirm(tx: Tx, user_id: int, email: str | None) -> None:
    """This address is proved, and is the login's from now on."""
    await tx.run(_CONFIRM, user_is=user_id, new_email=email, at=tx.now)


async def ask_for(tx: Tx, user_id: int, email: str | None) -> None:
    """A new address that is still to be proved; None: no new one."""
    await tx.run(_ASK, user_is=user_id, new_email=email)


async def remove(tx: Tx, account_id: int) -> bool:
    """Take somebody who waits away without a trace: login, tokens, name. False where they wait no more."""
    return await tx.run(_REMOVE, gone=account_id) > 0
