"""What somebody who watches a public stream gets to hear: open posts of people nothing stands between."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, and_, bindparam, exists, func, literal_column, null, or_, select

from dassie.store.domain_blocks import refused
from dassie.store.tables import accounts, blocks, mentions, mutes, statuses
from dassie.store.tx import Query, Tx


class Hearable(Struct, frozen=True):
    """What matters about a status that is heard of."""

    open: bool
    """Public, no boost, of nobody limited."""
    answers_others: bool
    has_media: bool
    avoided: bool
    """A block either way or a mute stands between the listener and its author, or somebody it mentions; or the
    listener blocks the author's server."""
    local: bool = True


def _query() -> Query[Hearable]:
    me = bindparam("viewer_id", type_=BigInteger)
    author = statuses.c.account_id
    still = or_(mutes.c.expires_at.is_(null()), mutes.c.expires_at > bindparam("at", type_=mutes.c.expires_at.type))

    def concerned(account: Any) -> Any:
        named = exists().where(mentions.c.status_id == statuses.c.id, mentions.c.account_id == account)
        return or_(account == author, named.correlate(statuses, blocks, mutes))

    avoided = or_(
        exists().where(blocks.c.account_id == me, concerned(blocks.c.target_id)).correlate(statuses),
        exists().where(blocks.c.account_id == author, blocks.c.target_id == me).correlate(statuses),
        exists().where(mutes.c.account_id == me, still, concerned(mutes.c.target_id)).correlate(statuses),
        refused(me, author),
    )
    replies = or_(statuses.c.in_reply_to_id.is_not(null()), statuses.c.in_reply_to_uri.is_not(null()))
    to_self = func.coalesce(statuses.c.in_reply_to_account_id, literal_column("0")) == author
    return Query(
        Hearable,
        select(
            and_(
                statuses.c.visibility == literal_column("'public'"),
                statuses.c.reblog_of_id.is_(null()),
                accounts.c.silenced_at.is_(null()),
                accounts.c.suspended_at.is_(null()),
            ),
            and_(replies, ~to_self),
            statuses.c.has_media,
            avoided,
            statuses.c.local,
        )
        .join(accounts, accounts.c.id == author)
        .where(statuses.c.id == bindparam("status_id", type_=BigInteger)),
    )


_HEARABLE = _query()


async def hearable(tx: Tx, status_id: int, *, viewer: int) -> Hearable | None:
    """The facts for one listener; None where the status is gone."""
    return await tx.one(_HEARABLE, status_id=status_id, viewer_id=viewer, at=tx.now)
