"""Hashtags that people here show on their profiles, with what they wrote about them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, bindparam, delete, func, literal_column, null, select

from dassie.domain.ids import new_id
from dassie.store.dialect import any_of, put_once
from dassie.store.tables import featured_tags, status_tags, statuses, tags
from dassie.store.tag_uses import TagView
from dassie.store.tx import Query, Statement, Tx, row

LOOKED_BACK = 1_000
"""Suggestions come from so many of somebody's newest posts."""


class FeaturedTag(Struct, frozen=True):
    """A tag on somebody's profile."""

    id: int
    tag_id: int
    name: str
    """As they typed it."""
    tag: str
    """Normalised."""
    statuses_count: int = 0
    """Open posts of theirs that carry it."""
    last_status_at: datetime | None = None


_me = bindparam("account_is", type_=BigInteger)
_open = statuses.c.visibility.in_([literal_column("'public'"), literal_column("'unlisted'")])
_PUT = Statement(put_once(featured_tags, "id", "account_id", "tag_id", "name", "created_at"))
_REMOVE = Statement(
    delete(featured_tags).where(
        featured_tags.c.account_id == _me, featured_tags.c.id == bindparam("row_id", type_=BigInteger)
    )
)
_OF = Query(
    FeaturedTag,
    select(featured_tags.c.id, featured_tags.c.tag_id, featured_tags.c.name, tags.c.name)
    .join(tags, tags.c.id == featured_tags.c.tag_id)
    .where(featured_tags.c.account_id == _me)
    .order_by(featured_tags.c.id),
)
_AMONG = Query(
    int, select(featured_tags.c.tag_id).where(featured_tags.c.account_id == _me, any_of(featured_tags.c.tag_id, "ids"))
)
_COUNTS = Query(
    row,
    select(status_tags.c.tag_id, func.count(), func.max(statuses.c.created_at))
    .join(statuses, statuses.c.id == status_tags.c.status_id)
    .where(
        any_of(status_tags.c.tag_id, "ids"), statuses.c.account_id == _me, _open, statuses.c.reblog_of_id.is_(null())
    )
    .group_by(status_tags.c.tag_id),
)
_newest = (
    select(statuses.c.id)
    .where(statuses.c.account_id == _me)
    .order_by(statuses.c.id.desc())
    .limit(bindparam("back", type_=Integer))
)
_RECENT = Query(
    TagView,
    select(tags.c.id, tags.c.name, tags.c.display_name)
    .join(status_tags, status_tags.c.tag_id == tags.c.id)
    .where(
        status_tags.c.status_id.in_(_newest),
        tags.c.id.not_in(select(featured_tags.c.tag_id).where(featured_tags.c.account_id == _me)),
    )
    .group_by(tags.c.id, tags.c.name, tags.c.display_name)
    .order_by(func.count().desc(), tags.c.id.desc())
    .limit(bindparam("most", type_=Integer)),
)


async def add(tx: Tx, account_id: int, tag_id: int, name: str) -> bool:
    """Put a tag on a profile; False where it is there already."""
    values = {"id": new_id(tx.now), "account_id": account_id, "tag_id": tag_id, "name": name, "created_at": tx.now}
    return await tx.run(_PUT, **values) > 0


async def remove(tx: Tx, account_id: int, id: int) -> bool:
    """Take the one with this row id off; False where there is none."""
    return await tx.run(_REMOVE, account_is=account_id, row_id=id) > 0


async def of(tx: Tx, account_id: int) -> list[FeaturedTag]:
    """The tags on a profile, those with the most posts first."""
    found = await tx.all(_OF, account_is=account_id)
    if not found:
        return []
    counted = {id: (count, at) for id, count, at in await tx.all(_COUNTS, account_is=account_id, ids=_ids(found))}
    whole = [_counted(one, *counted.get(one.tag_id, (0, None))) for one in found]
    return sorted(whole, key=lambda one: -one.statuses_count)


async def among(tx: Tx, account_id: int, ids: Collection[int]) -> set[int]:
    """Those of these tags (by id) that are on a profile."""
    return set(await tx.all(_AMONG, account_is=account_id, ids=list(ids))) if ids else set()


async def recent(tx: Tx, account_id: int, most: int) -> list[TagView]:
    """Tags that somebody used lately and that are not on their profile, the most used first."""
    return await tx.all(_RECENT, account_is=account_id, most=most, back=LOOKED_BACK)


def _ids(found: Collection[FeaturedTag]) -> list[int]:
    return [one.tag_id for one in found]


def _counted(one: FeaturedTag, count: int, at: datetime | None) -> FeaturedTag:
    return FeaturedTag(one.id, one.tag_id, one.name, one.tag, count, at)
