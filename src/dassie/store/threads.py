"""Threads: what a status answers, what answers it, and who does not want to hear of it any more."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Integer, bindparam, delete, literal_column, null, select

from dassie.domain.ids import AccountId, StatusId
from dassie.store.dialect import any_of, put_once
from dassie.store.statuses import visible_to
from dassie.store.tables import accounts, follows, statuses, thread_mutes
from dassie.store.timelines import wanted
from dassie.store.tx import Query, Statement, Tx, row

_MUTE = Statement(put_once(thread_mutes, "account_id", "thread_id", "created_at"))
_UNMUTE = Statement(
    delete(thread_mutes).where(
        thread_mutes.c.account_id == bindparam("by_account"), thread_mutes.c.thread_id == bindparam("thread")
    )
)
_depth = bindparam("depth", type_=Integer)
_limit = bindparam("most", type_=Integer)


def _ancestors() -> Query[StatusId]:
    first = select(statuses.c.in_reply_to_id.label("id"), literal_column("1", Integer).label("depth")).where(
        statuses.c.id == bindparam("start", type_=BigInteger), statuses.c.in_reply_to_id.is_not(null())
    )
    found = first.cte("found", recursive=True)
    further = select(statuses.c.in_reply_to_id, found.c.depth + 1).where(
        statuses.c.id == found.c.id, statuses.c.in_reply_to_id.is_not(null()), found.c.depth < _limit
    )
    return Query(StatusId, select(found.union_all(further).c.id).limit(_limit))


def _descendants() -> Query[tuple[int, ...]]:
    first = select(statuses.c.id, statuses.c.in_reply_to_id, literal_column("1", Integer).label("depth")).where(
        statuses.c.in_reply_to_id == bindparam("start", type_=BigInteger)
    )
    found = first.cte("found", recursive=True)
    further = select(statuses.c.id, statuses.c.in_reply_to_id, found.c.depth + 1).where(
        statuses.c.in_reply_to_id == found.c.id, found.c.depth < _depth
    )
    whole = found.union_all(further)
    return Query(row, select(whole.c.id, whole.c.in_reply_to_id).limit(_limit))


_ANCESTORS = _ancestors()
_DESCENDANTS = _descendants()


def _shown(with_viewer: bool) -> Query[tuple[int, ...]]:
    """Those of `ids` that may be seen and are wanted: (id, whether the author answers themself)."""
    viewer = AccountId(0) if with_viewer else None
    me = bindparam("viewer_id", type_=BigInteger)
    own = statuses.c.account_id == me
    author = accounts.alias("author")  # visible_to looks at accounts by itself
    good = author.c.silenced_at.is_(null())
    if with_viewer:
        followed: Any = select(literal_column("1")).where(
            follows.c.account_id == me, follows.c.target_id == statuses.c.account_id
        )
        condition = own | ((good | followed.exists()) & wanted(statuses.c.account_id))
    else:
        condition = good
    return Query(
        row,
        select(statuses.c.id, statuses.c.in_reply_to_account_id == statuses.c.account_id)
        .join(author, author.c.id == statuses.c.account_id)
        .where(any_of(statuses.c.id, "ids"), visible_to(viewer), condition),
    )


_SHOWN = {with_viewer: _shown(with_viewer) for with_viewer in (True, False)}


async def ancestors(tx: Tx, id: int, viewer: AccountId | None, *, most: int) -> list[StatusId]:
    """What a status answers, the thread's first status first."""
    ids = list(dict.fromkeys(reversed(await tx.all(_ANCESTORS, start=id, most=most))))
    shown = await _filter(tx, ids, viewer)
    return [one for one in ids if one in shown]


async def descendants(tx: Tx, id: int, viewer: AccountId | None, *, most: int, depth: int) -> list[StatusId]:
    """What answers a status, branch by branch, oldest first; what an author adds to their own comes before."""
    children: dict[int, list[StatusId]] = {}
    known: set[int] = {id}
    for child, parent in await tx.all(_DESCENDANTS, start=id, most=most, depth=depth):
        if child not in known:
            known.add(child)
            children.setdefault(parent, []).append(StatusId(child))
    ids: list[StatusId] = []
    waiting = sorted(children.get(id, []), reverse=True)
    while waiting:
        one = waiting.pop()
        ids.append(one)
        waiting.extend(sorted(children.get(one, []), reverse=True))
    shown = await _filter(tx, ids, viewer)
    return [one for one in ids if shown.get(one)] + [one for one in ids if one in shown and not shown[one]]


async def _filter(tx: Tx, ids: list[StatusId], viewer: AccountId | None) -> dict[int, bool]:
    if not ids:
        return {}
    params = {"ids": ids} | ({"viewer_id": viewer, "at": tx.now} if viewer is not None else {})
    return {id: bool(continues) for id, continues in await tx.all(_SHOWN[viewer is not None], **params)}


async def mute(tx: Tx, account_id: int, thread_id: int) -> None:
    """Hear no more of a thread."""
    await tx.run(_MUTE, account_id=account_id, thread_id=thread_id, created_at=tx.now)


async def unmute(tx: Tx, account_id: int, thread_id: int) -> None:
    """Hear of it again."""
    await tx.run(_UNMUTE, by_account=account_id, thread=thread_id)
