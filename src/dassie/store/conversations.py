"""Conversations: threads of direct messages, as each person here who takes part sees them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import BigInteger, Boolean, bindparam, delete, func, or_, select, type_coerce, update

from dassie.domain.ids import AccountId, StatusId, new_id
from dassie.domain.paging import Page
from dassie.store.dialect import put
from dassie.store.paging import PagedQuery
from dassie.store.tables import conversations, mentions, statuses
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import Json

_t = conversations


class Conversation(Struct, frozen=True):
    """A thread of direct messages as one person sees it."""

    id: int
    account_id: AccountId
    thread_id: int
    participants: list[int]
    """Account ids of the others."""
    last_status_id: StatusId
    unread: bool


_COLUMNS = [
    type_coerce(_t.c[name], Json(list[int])) if name == "participants" else _t.c[name]
    for name in Conversation.__struct_fields__
]
_id = bindparam("conversation_id", type_=BigInteger)
_me = bindparam("of_account", type_=BigInteger)


def _told() -> Query[int]:
    new = put(_t, "id", "account_id", "thread_id", "participants", "last_status_id", "unread")
    newer = new.excluded.last_status_id > _t.c.last_status_id
    statement = new.on_conflict_do_update(
        index_elements=[_t.c.account_id, _t.c.thread_id],
        set_={name: new.excluded[name] for name in ("participants", "last_status_id", "unread")},
        where=newer,
    )
    return Query(int, statement.returning(_t.c.id))


_TOLD = _told()
_NEWEST = PagedQuery(Conversation, select(*_COLUMNS).where(_t.c.account_id == _me), _t.c.last_status_id)
_BY_ID = Query(Conversation, select(*_COLUMNS).where(_t.c.id == _id, _t.c.account_id == _me))
_MARK = Statement(
    update(_t).where(_t.c.id == _id, _t.c.account_id == _me).values(unread=bindparam("is_unread", type_=Boolean))
)
_FORGET = Statement(delete(_t).where(_t.c.id == _id))
_ENDING_WITH = Query(
    Conversation, select(*_COLUMNS).where(_t.c.last_status_id == bindparam("status_is", type_=BigInteger))
)
_BEFORE = Query(
    row,
    select(func.max(statuses.c.id)).where(
        statuses.c.thread_id == bindparam("in_thread", type_=BigInteger),
        statuses.c.visibility == "direct",
        statuses.c.id < bindparam("before_id", type_=BigInteger),
        or_(
            statuses.c.account_id == _me,
            select(mentions.c.status_id)
            .where(mentions.c.status_id == statuses.c.id, mentions.c.account_id == _me)
            .exists(),
        ),
    ),
)
_BACK = Statement(update(_t).where(_t.c.id == _id).values(last_status_id=bindparam("previous", type_=BigInteger)))


async def told(
    tx: Tx, account_id: int, thread_id: int, status_id: int, participants: Sequence[int], *, unread: bool
) -> int | None:
    """A direct message came into a thread: the conversation's id; None where a newer one is there already."""
    return await tx.one(
        _TOLD,
        id=new_id(tx.now),
        account_id=account_id,
        thread_id=thread_id,
        participants=list(participants),
        last_status_id=status_id,
        unread=unread,
    )


async def newest(tx: Tx, account_id: int, page: Page) -> list[Conversation]:
    """Somebody's conversations, the one with the newest message first; the cursor is that message's id."""
    return await _NEWEST.read(tx, page, of_account=account_id)


async def by_id(tx: Tx, account_id: int, id: int) -> Conversation | None:
    """One of somebody's conversations."""
    return await tx.one(_BY_ID, of_account=account_id, conversation_id=id)


async def mark(tx: Tx, account_id: int, id: int, *, unread: bool) -> None:
    """Say whether it was read."""
    await tx.run(_MARK, of_account=account_id, conversation_id=id, is_unread=unread)


async def forget(tx: Tx, id: int) -> None:
    """Take a conversation off its owner's list; a new message puts it back."""
    await tx.run(_FORGET, conversation_id=id)


async def let_go(tx: Tx, status_id: int) -> None:
    """Before a message is deleted: conversations that end with it end with the one before, or are gone."""
    for one in await tx.all(_ENDING_WITH, status_is=status_id):
        found = await tx.one(_BEFORE, in_thread=one.thread_id, before_id=status_id, of_account=one.account_id)
        if found is None or found[0] is None:
            await forget(tx, one.id)
        else:
            await tx.run(_BACK, conversation_id=one.id, previous=found[0])
