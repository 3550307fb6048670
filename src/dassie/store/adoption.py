"""Replies that came before what they answer: when the parent arrives they become its children."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text, bindparam, exists, null, select, update

from dassie.store import statuses as status_store
from dassie.store.tables import conversations, statuses
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.views import StatusRow

_WAITING = Query(
    row,
    select(statuses.c.id, statuses.c.thread_id, statuses.c.visibility).where(
        statuses.c.in_reply_to_uri == bindparam("parent_uri", type_=Text),
        statuses.c.in_reply_to_uri.is_not(null()),
        statuses.c.in_reply_to_id.is_(null()),
    ),
)
_ADOPT = Statement(
    update(statuses)
    .where(statuses.c.id == bindparam("child_id", type_=BigInteger))
    .values(
        in_reply_to_id=bindparam("parent_id", type_=BigInteger),
        in_reply_to_account_id=bindparam("parent_account", type_=BigInteger),
        rev=statuses.c.rev + 1,
    )
)
_JOIN_THREAD = Statement(
    update(statuses)
    .where(statuses.c.thread_id == bindparam("old_thread", type_=BigInteger))
    .values(thread_id=bindparam("new_thread", type_=BigInteger))
)
_other = conversations.alias("other")
_JOIN_TALK = Statement(
    update(conversations)
    .where(
        conversations.c.thread_id == bindparam("old_thread", type_=BigInteger),
        ~exists().where(
            _other.c.account_id == conversations.c.account_id,
            _other.c.thread_id == bindparam("new_thread", type_=BigInteger),
        ),
    )
    .values(thread_id=bindparam("new_thread", type_=BigInteger))
)


async def adopt_replies(tx: Tx, parent: StatusRow) -> int:
    """Tie waiting replies, and their threads, to `parent`; how many."""
    waiting = await tx.all(_WAITING, parent_uri=parent.uri)
    for child_id, thread_id, visibility in waiting:
        await tx.run(_ADOPT, child_id=child_id, parent_id=parent.id, parent_account=parent.account_id)
        await tx.run(_JOIN_THREAD, old_thread=thread_id, new_thread=parent.thread_id)
        await tx.run(_JOIN_TALK, old_thread=thread_id, new_thread=parent.thread_id)
        if visibility in ("public", "unlisted"):
            await status_store.count(tx, parent.id, "replies_count", 1)
    return len(waiting)
