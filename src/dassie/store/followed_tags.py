"""Tags that people here follow: their public posts come into the home feed."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import BigInteger, bindparam, delete, exists, null, or_, select

from dassie.domain.ids import AccountId, new_id
from dassie.domain.paging import Page
from dassie.store.dialect import any_of, put_once
from dassie.store.domain_blocks import refused
from dassie.store.paging import PagedQuery
from dassie.store.tables import accounts, blocks, followed_tags, follows, home_feed, mutes, status_tags, statuses, tags
from dassie.store.tag_uses import TagView
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import UtcTime

MOST_NAMES = 100_000

_me = bindparam("account_is", type_=BigInteger)
_tag = bindparam("tag_is", type_=BigInteger)
_PUT = Statement(put_once(followed_tags, "id", "account_id", "tag_id", "created_at"))
_REMOVE = Statement(delete(followed_tags).where(followed_tags.c.account_id == _me, followed_tags.c.tag_id == _tag))
_AMONG = Query(
    int, select(followed_tags.c.tag_id).where(followed_tags.c.account_id == _me, any_of(followed_tags.c.tag_id, "ids"))
)
_OF = PagedQuery(
    lambda id, *tag: (id, TagView(*tag)),
    select(followed_tags.c.id, tags.c.id, tags.c.name, tags.c.display_name)
    .join(tags, tags.c.id == followed_tags.c.tag_id)
    .where(followed_tags.c.account_id == _me),
    followed_tags.c.id,
)
_NAMES = Query(
    str, select(tags.c.name).join(followed_tags, followed_tags.c.tag_id == tags.c.id).distinct().limit(MOST_NAMES)
)


def _readers() -> Query[AccountId]:
    """Who follows one of these tags and wants nothing to be hidden: as for follows, by author and those mentioned."""
    me = followed_tags.c.account_id
    lasting = or_(mutes.c.expires_at.is_(null()), mutes.c.expires_at > bindparam("at", type_=UtcTime))
    return Query(
        AccountId,
        select(me)
        .join(tags, tags.c.id == followed_tags.c.tag_id)
        .join(accounts, accounts.c.id == me)
        .where(
            any_of(tags.c.name, "names"),
            me != bindparam("author_is", type_=BigInteger),
            accounts.c.suspended_at.is_(null()),
            ~exists().where(mutes.c.account_id == me, any_of(mutes.c.target_id, "people"), lasting),
            ~exists().where(blocks.c.account_id == me, any_of(blocks.c.target_id, "people")),
            ~exists().where(blocks.c.account_id == bindparam("author_is", type_=BigInteger), blocks.c.target_id == me),
            ~refused(me, bindparam("author_is", type_=BigInteger)),
        )
        .distinct(),
    )


def _take_out() -> Statement:
    mine = followed_tags.alias("mine")
    other = status_tags.alias("other")
    tagged = (
        select(status_tags.c.status_id)
        .join(statuses, statuses.c.id == status_tags.c.status_id)
        .where(
            status_tags.c.tag_id == _tag,
            status_tags.c.status_id == home_feed.c.status_id,
            statuses.c.account_id != _me,
            ~exists().where(follows.c.account_id == _me, follows.c.target_id == statuses.c.account_id),
            ~exists().where(
                other.c.status_id == status_tags.c.status_id,
                mine.c.tag_id == other.c.tag_id,
                mine.c.account_id == _me,
            ),
        )
        .correlate(home_feed)
    )
    return Statement(delete(home_feed).where(home_feed.c.account_id == _me, exists(tagged)))


_READERS = _readers()
_TAKE_OUT = _take_out()


_FOLLOWED_AMONG = Query(
    str,
    select(tags.c.name).where(any_of(tags.c.name, "names"), exists().where(followed_tags.c.tag_id == tags.c.id)),
)


async def add(tx: Tx, account_id: int, tag_id: int) -> bool:
    """Follow a tag; False where it was followed already."""
    values = {"id": new_id(tx.now), "account_id": account_id, "tag_id": tag_id, "created_at": tx.now}
    return await tx.run(_PUT, **values) > 0


async def remove(tx: Tx, account_id: int, tag_id: int) -> bool:
    """Follow it no longer; False where it was not followed."""
    return await tx.run(_REMOVE, account_is=account_id, tag_is=tag_id) > 0


async def among(tx: Tx, account_id: int, ids: Collection[int]) -> set[int]:
    """Those of these tags (by id) that somebody follows."""
    return set(await tx.all(_AMONG, account_is=account_id, ids=list(ids))) if ids else set()


async def of(tx: Tx, account_id: int, page: Page) -> list[tuple[int, TagView]]:
    """(row id, tag) of what somebody follows, the latest first."""
    return await _OF.read(tx, page, account_is=account_id)


async def names(tx: Tx) -> frozenset[str]:
    """The normalised names of all tags that somebody here follows."""
    return frozenset(await tx.all(_NAMES))


async def followed_among(tx: Tx, names: Collection[str]) -> list[str]:
    """Which of these tags (normalised) somebody here follows."""
    return await tx.all(_FOLLOWED_AMONG, names=list(names)) if names else []


async def readers(tx: Tx, named: Collection[str], *, author_id: int, people: Collection[int]) -> list[AccountId]:
    """Who here reads a status because of its tags.

    `people` are all concerned (author, mentioned): who mutes or blocks one of them, or is blocked by the author,
    does not. The author does not follow themselves this way.
    """
    if not named:
        return []
    return await tx.all(_READERS, names=list(named), author_is=author_id, people=list(people), at=tx.now)


async def take_out(tx: Tx, account_id: int, tag_id: int) -> None:
    """Take what a tag alone brought out of a home feed: its author is not followed, nor another tag it has."""
    await tx.run(_TAKE_OUT, account_is=account_id, tag_is=tag_id)
