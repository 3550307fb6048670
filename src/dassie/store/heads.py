"""The little that is read of every status on a page: may it be seen, which revision is it, what did I do with it.

One query for a whole page; the rest comes from what is kept encoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Integer, bindparam, case, exists, false, func, literal_column, null, or_, select

from dassie.domain.ids import AccountId
from dassie.domain.quotes import FOLLOWERS, FOLLOWING, together
from dassie.store.dialect import any_of
from dassie.store.statuses import visible_to
from dassie.store.tables import accounts, bookmarks, favourites, follows, pins, statuses, thread_mutes, users
from dassie.store.tx import Query, Tx
from dassie.store.types import Json
from dassie.store.views import EmojiView


class Head(Struct, frozen=True):
    """A status on a page. The viewer's part speaks of the status itself, or of the one it reblogs."""

    id: int
    rev: int
    account_rev: int
    author_id: int
    """Of the proper status."""
    visibility: str
    """Of the proper status."""
    has_poll: bool
    """Of the proper status."""
    emojis: list[EmojiView]
    """Of the proper status; a poll shows them too."""
    quotes: bool
    """Whether the proper status quotes another one."""
    quote_policy: int
    """Of the proper status."""
    reblog_of_id: int | None
    original_rev: int | None
    original_account_rev: int | None
    favourited: bool = False
    reblogged: bool = False
    bookmarked: bool = False
    muted: bool = False
    pinned: bool = False
    follows_author: bool = False
    """Whether the viewer follows the author of the proper status; looked up only where that decides who may quote."""
    followed_by_author: bool = False
    filters_rev: int = 0
    """Revision of the viewer's filters; the same for the whole page."""

    @property
    def proper_id(self) -> int:
        return self.reblog_of_id if self.reblog_of_id is not None else self.id


def _query(with_viewer: bool) -> Query[Head]:
    author = accounts.alias("author")
    original = statuses.alias("original")
    original_author = accounts.alias("original_author")
    viewer = AccountId(0) if with_viewer else None
    chosen: list[Any] = [
        statuses.c.id,
        statuses.c.rev,
        author.c.rev,
        func.coalesce(original.c.account_id, statuses.c.account_id),
        func.coalesce(original.c.visibility, statuses.c.visibility),
        func.coalesce(original.c.has_poll, statuses.c.has_poll, type_=statuses.c.has_poll.type),
        func.coalesce(original.c.emojis, statuses.c.emojis, type_=Json(list[EmojiView])),
        func.coalesce(original.c.quote_uri, statuses.c.quote_uri).is_not(null()),
        func.coalesce(original.c.quote_policy, statuses.c.quote_policy),
        statuses.c.reblog_of_id,
        original.c.rev,
        original_author.c.rev,
    ]
    if with_viewer:
        me = bindparam("viewer_id", type_=statuses.c.account_id.type)
        proper = func.coalesce(statuses.c.reblog_of_id, statuses.c.id)
        thread = func.coalesce(original.c.thread_id, statuses.c.thread_id)
        mine = statuses.alias("mine")

        def did(table: Any) -> Any:
            return exists().where(table.c.account_id == me, table.c.status_id == proper)

        chosen += [
            did(favourites),
            exists().where(mine.c.reblog_of_id == proper, mine.c.account_id == me),
            did(bookmarks),
            exists().where(thread_mutes.c.account_id == me, thread_mutes.c.thread_id == thread),
            did(pins),
            *_ties(me, func.coalesce(original.c.account_id, statuses.c.account_id), original),
            # Of no row here: read once for the whole page.
            func.coalesce(
                select(users.c.filters_rev).where(users.c.account_id == me).scalar_subquery(), literal_column("0")
            ),
        ]
    joined = (
        statuses.join(author, author.c.id == statuses.c.account_id)
        .outerjoin(original, original.c.id == statuses.c.reblog_of_id)
        .outerjoin(original_author, original_author.c.id == original.c.account_id)
    )
    return Query(
        Head,
        select(*chosen)
        .select_from(joined)
        .where(
            any_of(statuses.c.id, "ids"),
            visible_to(viewer),
            or_(statuses.c.reblog_of_id.is_(null()), visible_to(viewer, original)),
        ),
    )


def _ties(me: Any, author: Any, original: Any) -> list[Any]:
    """Whether the viewer follows the author, and the reverse. Asked only of the few statuses whose policy needs it."""
    policy = func.coalesce(original.c.quote_policy, statuses.c.quote_policy, type_=Integer)

    def where(bit: int, condition: Any) -> Any:
        needed = policy.op("&")(literal_column(str(together(bit, bit)))) != literal_column("0")
        return case((needed, condition), else_=false())

    theirs = follows.alias("theirs")
    return [
        where(FOLLOWERS, exists().where(follows.c.account_id == me, follows.c.target_id == author)),
        where(FOLLOWING, exists().where(theirs.c.account_id == author, theirs.c.target_id == me)),
    ]


_HEADS = {True: _query(True), False: _query(False)}


async def heads(tx: Tx, ids: Sequence[int], *, viewer: AccountId | None) -> dict[int, Head]:
    """Heads of those of `ids` that `viewer` may see, by id."""
    if not ids:
        return {}
    params: dict[str, Any] = {"ids": list(ids)}
    if viewer is not None:
        params["viewer_id"] = viewer
    return {head.id: head for head in await tx.all(_HEADS[viewer is not None], **params)}
