"""Signed-in browsers. Their tokens are kept as hashes; `logins.by_session` finds who calls."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import bindparam, delete, select, update

from dassie.domain.ids import new_id
from dassie.store.dialect import put
from dassie.store.logins import token_hash
from dassie.store.tables import sessions
from dassie.store.tx import Query, Statement, Tx

KEPT_UNUSED = timedelta(days=90)
TOUCHED_EVERY = timedelta(hours=1)
"""How exact `last_used_at` is: reading a page must not write."""


class Session(Struct, frozen=True):
    """A browser in which somebody is signed in."""

    id: int
    user_id: int
    ip: str
    user_agent: str
    created_at: datetime
    last_used_at: datetime


_INSERT = Statement(put(sessions, "token_hash", *Session.__struct_fields__))
_OF_USER = Query(
    Session,
    select(*(sessions.c[name] for name in Session.__struct_fields__))
    .where(sessions.c.user_id == bindparam("of_user"))
    .order_by(sessions.c.last_used_at.desc(), sessions.c.id.desc())
    .limit(200),
)
_END = Statement(delete(sessions).where(sessions.c.token_hash == bindparam("hash")))
_END_ONE = Statement(
    delete(sessions).where(sessions.c.id == bindparam("session_id"), sessions.c.user_id == bindparam("of_user"))
)
_END_ALL = Statement(
    delete(sessions).where(sessions.c.user_id == bindparam("of_user"), sessions.c.id != bindparam("but"))
)
_TOUCH = Statement(
    update(sessions)
    .where(sessions.c.id == bindparam("session_id"))
    .values(last_used_at=bindparam("at", type_=sessions.c.last_used_at.type), ip=bindparam("from_ip"))
)
_FORGET = Statement(
    delete(sessions).where(sessions.c.last_used_at < bindparam("before", type_=sessions.c.last_used_at.type))
)


async def insert(tx: Tx, user_id: int, token: str, *, ip: str, user_agent: str) -> int:
    """Keep a new session; its id."""
    session = Session(new_id(tx.now), user_id, ip[:64], user_agent[:300], tx.now, tx.now)
    values = {name: getattr(session, name) for name in Session.__struct_fields__}
    await tx.run(_INSERT, token_hash=token_hash(token), **values)
    return session.id


async def of_user(tx: Tx, user_id: int) -> list[Session]:
    """A person's sessions, the one used last first."""
    return await tx.all(_OF_USER, of_user=user_id)


async def end(tx: Tx, token: str) -> None:
    """Sign this browser out."""
    await tx.run(_END, hash=token_hash(token))


async def end_one(tx: Tx, user_id: int, session_id: int) -> bool:
    """Sign one of the person's browsers out; False where there is no such session."""
    return await tx.run(_END_ONE, of_user=user_id, session_id=session_id) > 0


async def end_all(tx: Tx, user_id: int, *, but: int = 0) -> int:
    """Sign all of the person's browsers out, except the session `but`; how many."""
    return await tx.run(_END_ALL, of_user=user_id, but=but)


async def touch(tx: Tx, session_id: int, ip: str) -> None:
    """Note that a session is in use, and from where."""
    await tx.run(_TOUCH, session_id=session_id, from_ip=ip[:64], at=tx.now)


async def forget_unused(tx: Tx) -> int:
    """Drop sessions that nobody used for long; how many."""
    return await tx.run(_FORGET, before=tx.now - KEPT_UNUSED)
