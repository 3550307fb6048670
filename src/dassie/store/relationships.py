"""What somebody is to others, in one query for a whole list; and the private notes about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, and_, bindparam, delete, exists, func, null, or_, select, type_coerce

from dassie.domain.ids import AccountId
from dassie.store.dialect import any_of, put_or_set
from dassie.store.tables import (
    account_domain_blocks,
    account_notes,
    accounts,
    blocks,
    endorsements,
    follow_requests,
    follows,
    mutes,
)
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import Json, UtcTime


class Relationship(Struct, frozen=True):
    """What the viewer is to `id`."""

    id: AccountId
    suspended: bool
    """By us."""
    following: bool
    requested: bool
    show_reblogs: bool | None
    """None: neither followed nor requested."""
    notify: bool | None
    languages: list[str] | None
    followed_by: bool
    requested_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool | None
    mute_expires_at: datetime | None
    domain_blocking: bool
    endorsed: bool
    note: str | None


_me = bindparam("viewer_is", type_=BigInteger)


def _query() -> Query[Relationship]:
    mine, asked, muted = follows.alias("mine"), follow_requests.alias("asked"), mutes.alias("muted")
    them = accounts.c.id
    lasting = or_(muted.c.expires_at.is_(null()), muted.c.expires_at > bindparam("at", type_=UtcTime))

    def of_mine(table: Any) -> Any:
        return and_(table.c.account_id == _me, table.c.target_id == them)

    def of_theirs(table: Any) -> Any:
        return exists().where(table.c.account_id == them, table.c.target_id == _me)

    return Query(
        Relationship,
        select(
            them,
            accounts.c.suspended_at.is_not(null()),
            mine.c.id.is_not(null()),
            asked.c.id.is_not(null()),
            func.coalesce(mine.c.show_reblogs, asked.c.show_reblogs),
            func.coalesce(mine.c.notify, asked.c.notify),
            type_coerce(func.coalesce(mine.c.languages, asked.c.languages), Json(list[str])),
            of_theirs(follows),
            of_theirs(follow_requests),
            exists().where(of_mine(blocks)),
            of_theirs(blocks),
            muted.c.id.is_not(null()),
            muted.c.hide_notifications,
            muted.c.expires_at,
            exists().where(
                account_domain_blocks.c.account_id == _me, account_domain_blocks.c.domain == accounts.c.domain
            ),
            exists().where(of_mine(endorsements)),
            account_notes.c.comment,
        )
        .select_from(
            accounts.outerjoin(mine, of_mine(mine))
            .outerjoin(asked, of_mine(asked))
            .outerjoin(muted, and_(of_mine(muted), lasting))
            .outerjoin(account_notes, of_mine(account_notes))
        )
        .where(any_of(them, "ids")),
    )


_QUERY = _query()
_PUT_NOTE = Statement(
    put_or_set(account_notes, ("account_id", "target_id", "comment"), key=("account_id", "target_id"))
)
_REMOVE_NOTE = Statement(
    delete(account_notes).where(
        account_notes.c.account_id == _me, account_notes.c.target_id == bindparam("target_is", type_=BigInteger)
    )
)


async def of(tx: Tx, viewer: int, ids: Sequence[int]) -> list[Relationship]:
    """What `viewer` is to each of `ids`, in this order; unknown accounts are left out."""
    found = {r.id: r for r in await tx.all(_QUERY, viewer_is=viewer, ids=list(ids), at=tx.now)} if ids else {}
    return [found[AccountId(id)] for id in ids if id in found]


async def write_note(tx: Tx, account_id: int, target_id: int, comment: str) -> None:
    """Keep private words about somebody; empty ones are taken away."""
    if comment:
        await tx.run(_PUT_NOTE, account_id=account_id, target_id=target_id, comment=comment)
    else:
        await tx.run(_REMOVE_NOTE, viewer_is=account_id, target_is=target_id)
