"""Timelines as index ranges: home, public, hashtag, and the statuses of an account. All give ids, newest first.

What a viewer does not want (blocks either way, mutes) is left out here; who may see what is `visible_to`
(limits_and_rules section 16).
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import BigInteger, Text, and_, bindparam, exists, func, literal_column, not_, null, or_, select

from dassie.domain.ids import AccountId, StatusId
from dassie.domain.paging import Page
from dassie.store.dialect import any_of, led_by
from dassie.store.domain_blocks import refused
from dassie.store.paging import PagedQuery
from dassie.store.statuses import visible_to
from dassie.store.tables import accounts, blocks, home_feed, mutes, pins, status_cards, status_tags, statuses, tags
from dassie.store.tx import Query, Tx, row
from dassie.store.types import UtcTime

MOST_TAGS = 4
"""Of each of `any`, `all` and `none`."""


class Public(Struct, frozen=True):
    """Which part of the public statuses: of here, of elsewhere, with media."""

    local: bool = False
    remote: bool = False
    only_media: bool = False


class Flags(Struct, frozen=True):
    """Which statuses of an account."""

    pinned: bool = False
    only_media: bool = False
    exclude_replies: bool = False
    """Self-replies count as no reply."""
    exclude_reblogs: bool = False
    exclude_direct: bool = False
    tagged: str | None = None
    """A normalised tag."""


EVERYTHING = Public()
ALL = Flags()

# Conditions ------------------------------------------------------------------------------------------

_me = bindparam("viewer_id", type_=BigInteger)


def wanted(author: Any) -> Any:
    """The condition that the viewer (parameters `viewer_id`, `at`) blocks or mutes not `author`, nor is blocked, nor
    blocks the author's server."""
    still = or_(mutes.c.expires_at.is_(null()), mutes.c.expires_at > bindparam("at", type_=UtcTime))
    return and_(
        ~exists().where(blocks.c.account_id == _me, blocks.c.target_id == author),
        ~exists().where(blocks.c.account_id == author, blocks.c.target_id == _me),
        ~exists().where(mutes.c.account_id == _me, mutes.c.target_id == author, still),
        ~refused(_me, author),
    )


def original_wanted() -> Any:
    """The same for the author of what a status reblogs.

    A look-up per row, not a join: PostgreSQL would hash the whole table for a page of twenty.
    """
    original = statuses.alias("original")
    author = (
        select(original.c.account_id)
        .where(original.c.id == statuses.c.reblog_of_id)
        .correlate(statuses)
        .scalar_subquery()
    )
    return or_(statuses.c.reblog_of_id.is_(null()), wanted(author))


def _open() -> Any:
    """As the partial indexes say it."""
    return and_(statuses.c.visibility == literal_column("'public'"), statuses.c.reblog_of_id.is_(null()))


def _in_good_standing() -> Any:
    limited = or_(accounts.c.silenced_at.is_not(null()), accounts.c.suspended_at.is_not(null()))
    return ~exists().where(accounts.c.id == statuses.c.account_id, limited)


def _no_reply() -> Any:
    return or_(
        and_(statuses.c.in_reply_to_id.is_(null()), statuses.c.in_reply_to_uri.is_(null())),
        statuses.c.in_reply_to_account_id == statuses.c.account_id,
    )


def _part(which: Public) -> list[Any]:
    found: list[Any] = []
    if which.local:
        found.append(statuses.c.local)
    if which.remote:
        found.append(not_(statuses.c.local))
    if which.only_media:
        found.append(statuses.c.has_media)
    return found


def _viewer(tx: Tx, viewer: AccountId | None) -> dict[str, Any]:
    return {} if viewer is None else {"viewer_id": viewer, "at": tx.now}


# Home ------------------------------------------------------------------------------------------------


def _home() -> PagedQuery:
    joined = home_feed.join(statuses, statuses.c.id == led_by(home_feed.c.status_id))
    chosen = select(home_feed.c.status_id).select_from(joined)
    return PagedQuery(
        StatusId,
        chosen.where(home_feed.c.account_id == _me, wanted(statuses.c.account_id), original_wanted()),
        home_feed.c.status_id,
    )


_HOME = _home()
_WATCHERS = Query(AccountId, select(home_feed.c.account_id).where(any_of(home_feed.c.status_id, "ids")).distinct())


async def home(tx: Tx, account_id: AccountId, page: Page) -> list[StatusId]:
    """A page of somebody's home feed, newest first."""
    return await _HOME.read(tx, page, viewer_id=account_id, at=tx.now)


async def watchers(tx: Tx, ids: Collection[int]) -> list[AccountId]:
    """Whose home feeds hold any of these statuses."""
    return await tx.all(_WATCHERS, ids=list(ids)) if ids else []


# Public ----------------------------------------------------------------------------------------------


@cache
def _public(which: Public, with_viewer: bool) -> PagedQuery:
    conditions = [_open(), *_part(which), _no_reply(), _in_good_standing()]
    if with_viewer:
        conditions.append(wanted(statuses.c.account_id))
    return PagedQuery(StatusId, select(statuses.c.id).where(*conditions), statuses.c.id)


async def public(tx: Tx, page: Page, viewer: AccountId | None, which: Public = EVERYTHING) -> list[StatusId]:
    """Public statuses, without reblogs, replies to others and limited authors."""
    return await _public(which, viewer is not None).read(tx, page, **_viewer(tx, viewer))


# Hashtags --------------------------------------------------------------------------------------------

_TAG_IDS = Query(row, select(tags.c.name, tags.c.id).where(any_of(tags.c.name, "names")))


@cache
def _tagged(which: Public, with_viewer: bool, needs: bool, refuses: bool) -> PagedQuery:
    conditions = [
        status_tags.c.tag_id == bindparam("tag_is", type_=BigInteger),
        _open(),
        *_part(which),
        _in_good_standing(),
    ]
    also = status_tags.alias("also")
    if needs:
        found = select(func.count()).where(also.c.status_id == statuses.c.id, any_of(also.c.tag_id, "all_ids"))
        conditions.append(found.scalar_subquery() == bindparam("all_count", type_=BigInteger))
    if refuses:
        conditions.append(~exists().where(also.c.status_id == statuses.c.id, any_of(also.c.tag_id, "none_ids")))
    if with_viewer:
        conditions.append(wanted(statuses.c.account_id))
    joined = status_tags.join(statuses, statuses.c.id == led_by(status_tags.c.status_id))
    chosen = select(status_tags.c.status_id).select_from(joined)
    return PagedQuery(StatusId, chosen.where(*conditions), status_tags.c.status_id)


async def tagged(
    tx: Tx,
    name: str,
    page: Page,
    viewer: AccountId | None,
    which: Public = EVERYTHING,
    *,
    any_names: Collection[str] = (),
    all_names: Collection[str] = (),
    no_names: Collection[str] = (),
) -> list[StatusId]:
    """Public statuses with the tag `name` or one of `any_names`, all of `all_names`, none of `no_names`.

    Names are normalised. One index range per tag, merged.
    """
    listed = {name, *any_names, *all_names, *no_names}
    ids: dict[str, int] = dict(await tx.all(_TAG_IDS, names=sorted(listed)))
    if any(required not in ids for required in all_names):
        return []
    params = _viewer(tx, viewer)
    if all_names:
        params |= {"all_ids": [ids[one] for one in set(all_names)], "all_count": len(set(all_names))}
    refused = [ids[one] for one in no_names if one in ids]
    if refused:
        params["none_ids"] = refused
    query = _tagged(which, viewer is not None, bool(all_names), bool(refused))
    found: set[StatusId] = set()
    for one in {name, *any_names}:
        if one in ids:
            found.update(await query.read(tx, page, tag_is=ids[one], **params))
    newest = sorted(found, reverse=True)
    return newest[-page.limit :] if page.upwards else newest[: page.limit]


# Links -----------------------------------------------------------------------------------------------


@cache
def _linked(which: Public, with_viewer: bool) -> PagedQuery:
    discoverable = exists().where(accounts.c.id == statuses.c.account_id, accounts.c.discoverable)
    conditions = [
        status_cards.c.link_id == bindparam("link_is", type_=BigInteger),
        _open(),
        *_part(which),
        _in_good_standing(),
        discoverable,
    ]
    if with_viewer:
        conditions.append(wanted(statuses.c.account_id))
    joined = status_cards.join(statuses, statuses.c.id == led_by(status_cards.c.status_id))
    chosen = select(status_cards.c.status_id).select_from(joined)
    return PagedQuery(StatusId, chosen.where(*conditions), status_cards.c.status_id)


async def linked(
    tx: Tx, links: Collection[int], page: Page, viewer: AccountId | None, which: Public = EVERYTHING
) -> list[StatusId]:
    """Public statuses that are shown with one of these links, by people who may be discovered."""
    found: set[StatusId] = set()
    for link in links:
        found.update(await _linked(which, viewer is not None).read(tx, page, link_is=link, **_viewer(tx, viewer)))
    newest = sorted(found, reverse=True)
    return newest[-page.limit :] if page.upwards else newest[: page.limit]


# One account -----------------------------------------------------------------------------------------


@cache
def _of_account(flags: Flags, with_viewer: bool) -> PagedQuery:
    source: Any = statuses
    chosen: Any = statuses.c.id
    cursor: Any = None
    owner = bindparam("author_id", type_=BigInteger)
    conditions: list[Any] = [visible_to(AccountId(0) if with_viewer else None)]
    tag = select(tags.c.id).where(tags.c.name == bindparam("tag_name", type_=Text)).scalar_subquery()
    if flags.pinned:
        source, chosen = pins.join(statuses, statuses.c.id == led_by(pins.c.status_id)), pins.c.status_id
        cursor = pins.c.id
        conditions.append(pins.c.account_id == owner)
        if flags.tagged is not None:
            conditions.append(exists().where(status_tags.c.status_id == pins.c.status_id, status_tags.c.tag_id == tag))
    elif flags.tagged is not None:
        source = status_tags.join(statuses, statuses.c.id == led_by(status_tags.c.status_id))
        chosen = status_tags.c.status_id
        conditions += [status_tags.c.tag_id == tag, statuses.c.account_id == owner]
    else:
        conditions.append(statuses.c.account_id == owner)
    if flags.only_media:
        conditions += [statuses.c.has_media, statuses.c.reblog_of_id.is_(null())]
    if flags.exclude_replies:
        conditions.append(_no_reply())
    if flags.exclude_reblogs:
        conditions.append(statuses.c.reblog_of_id.is_(null()))
    elif with_viewer:
        conditions.append(original_wanted())
    if flags.exclude_direct:
        conditions.append(statuses.c.visibility.not_in([literal_column("'direct'"), literal_column("'limited'")]))
    read = select(chosen).select_from(source).where(*conditions)
    return PagedQuery(StatusId, read, chosen if cursor is None else cursor)


async def of_account(
    tx: Tx, account_id: AccountId, page: Page, viewer: AccountId | None, flags: Flags = ALL
) -> list[StatusId]:
    """What an account wrote and reblogged, as far as `viewer` may see it and wants to; what is pinned stands in the
    order of pinning, the latest first."""
    params = {"author_id": account_id, "tag_name": flags.tagged, **_viewer(tx, viewer)}
    # One statement for all tags.
    variant = flags if flags.tagged is None else structs.replace(flags, tagged="")
    return await _of_account(variant, viewer is not None).read(tx, page, **params)
