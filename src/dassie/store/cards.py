"""Link cards: which link a status is shown with, what is known of it, and when it may be asked again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import BigInteger, Integer, Text, bindparam, delete, exists, literal_column, null, select, update
from sqlalchemy.dialects.postgresql import insert

from dassie.domain.cards import Details
from dassie.domain.ids import AccountId, StatusId, new_id
from dassie.store import accounts as account_store
from dassie.store.changes import changed
from dassie.store.dialect import any_of, put_once
from dassie.store.tables import card_links, preview_cards, status_cards, statuses
from dassie.store.tx import Query, Statement, Tx
from dassie.store.types import UtcTime
from dassie.store.views import AccountView, CardView

TOUCHED = 500
"""So many statuses with a card change with it; older ones show it as it was for a while longer."""

_c, _l, _s = preview_cards, card_links, status_cards


class Unread(Struct, frozen=True):
    """A status whose links were not looked at yet."""

    id: StatusId
    content: str


class Link(Struct, frozen=True):
    """An address as it stands in statuses."""

    id: int
    url: str
    card_id: int | None
    failures: int
    next_at: datetime
    """Not to be fetched (again) before this."""


# Showing ---------------------------------------------------------------------------------------------

_SHOWN = [_s.c.status_id, _l.c.url] + [_c.c[name] for name in CardView.__struct_fields__[2:-1]]
_OF_STATUSES = Query(
    CardView,
    select(*_SHOWN)
    .select_from(_s.join(_l, _l.c.id == _s.c.link_id).join(_c, _c.c.id == _l.c.card_id))
    .where(any_of(_s.c.status_id, "ids")),
)


async def of_statuses(tx: Tx, ids: Collection[int]) -> dict[int, CardView]:
    """Cards by status id."""
    found = await tx.all(_OF_STATUSES, ids=list(ids)) if ids else []
    named = {card.author_account_id for card in found if card.author_account_id is not None}
    authors = await account_store.by_ids(tx, named) if named else {}
    return {card.status_id: _by(card, authors.get(card.author_account_id or 0)) for card in found}


def _by(card: CardView, author: AccountView | None) -> CardView:
    return card if author is None or author.suspended_at is not None else structs.replace(card, author=author)


# Looking ---------------------------------------------------------------------------------------------

_UNREAD = Query(
    Unread,
    select(statuses.c.id, statuses.c.content).where(
        any_of(statuses.c.id, "ids"),
        statuses.c.reblog_of_id.is_(null()),
        ~statuses.c.has_media,
        statuses.c.quote_uri.is_(null()),
        statuses.c.content.contains(literal_column("'<a '")),
        ~exists().where(_s.c.status_id == statuses.c.id),
    ),
)
_LINK = [_l.c[name] for name in Link.__struct_fields__]
_DUE = Query(
    Link,
    select(*_LINK)
    .join(_s, _s.c.link_id == _l.c.id)
    .where(any_of(_s.c.status_id, "ids"), _l.c.next_at <= bindparam("at", type_=UtcTime))
    .distinct(),
)
_PUT_LINK = Statement(put_once(_l, "id", "url", "next_at", "used_at"))
_USED = Statement(update(_l).where(any_of(_l.c.url, "urls")).values(used_at=bindparam("at", type_=UtcTime)))
_LINKS = Query(Link, select(*_LINK).where(any_of(_l.c.url, "urls")))
_BY_ID = Query(Link, select(*_LINK).where(_l.c.id == bindparam("link", type_=BigInteger)))
_still = (  # and stays so until the row is in
    select(statuses.c.id, bindparam("link_id", type_=BigInteger))
    .where(statuses.c.id == bindparam("status", type_=BigInteger))
    .with_for_update(read=True, key_share=True)
)
_ATTACH = Statement(insert(_s).from_select(["status_id", "link_id"], _still).on_conflict_do_nothing())
_DETACH = Statement(delete(_s).where(_s.c.status_id == bindparam("status", type_=BigInteger)))
_NEXT = Statement(
    update(_l)
    .where(_l.c.id == bindparam("link", type_=BigInteger))
    .values(next_at=bindparam("at", type_=UtcTime), failures=bindparam("failed", type_=Integer))
)


async def unread(tx: Tx, ids: Collection[int]) -> list[Unread]:
    """Those of these statuses that may have a card, and whose links nobody has looked at."""
    return await tx.all(_UNREAD, ids=list(ids)) if ids else []


async def due(tx: Tx, ids: Collection[int]) -> list[Link]:
    """Links of these statuses that may be fetched now."""
    return await tx.all(_DUE, ids=list(ids), at=tx.now) if ids else []


async def links(tx: Tx, urls: Collection[str]) -> dict[str, Link]:
    """Links by address; new ones may be fetched at once."""
    wanted = sorted(set(urls))
    if not wanted:
        return {}
    await tx.run_many(
        _PUT_LINK, [{"id": new_id(tx.now), "url": url, "next_at": tx.now, "used_at": tx.now} for url in wanted]
    )
    await tx.run(_USED, urls=wanted, at=tx.now)
    return {link.url: link for link in await tx.all(_LINKS, urls=wanted)}


async def link(tx: Tx, id: int) -> Link | None:
    """The link with this id."""
    return await tx.one(_BY_ID, link=id)


async def attach(tx: Tx, status_id: int, link_id: int | None) -> bool:
    """Show a status with this link, or with none; False where that was decided before."""
    return await tx.run(_ATTACH, status=status_id, link_id=link_id) > 0


async def detach(tx: Tx, status_id: int) -> None:
    """Its text changed: its links are looked at again."""
    await tx.run(_DETACH, status=status_id)


async def set_next(tx: Tx, link_id: int, at: datetime, failures: int) -> None:
    """Do not fetch a link before `at`; it failed so often in a row."""
    await tx.run(_NEXT, link=link_id, at=at, failed=failures)


# Keeping ---------------------------------------------------------------------------------------------

_FIELDS = tuple(name for name in Details.__struct_fields__ if name not in ("url", "creator"))
_VALUES = (*_FIELDS, "author_account_id", "updated_at")
_SAME = Query(
    CardView,
    select(literal_column("0", BigInteger), _c.c.url, *(_c.c[name] for name in CardView.__struct_fields__[2:-1])).where(
        _c.c.url == bindparam("url_is", type_=Text)
    ),
)
_CARD_ID = Query(int, select(_c.c.id).where(_c.c.url == bindparam("url_is", type_=Text)))
_INSERT = Statement(put_once(_c, "id", "url", *_VALUES))
_REPLACE = Statement(
    update(_c)
    .where(_c.c.id == bindparam("card", type_=BigInteger))
    .values({name: bindparam(f"new_{name}", type_=_c.c[name].type) for name in (*_VALUES, "blurhash")})
)
_POINT = Statement(
    update(_l)
    .where(_l.c.id == bindparam("link", type_=BigInteger))
    .values(
        card_id=bindparam("card", type_=BigInteger),
        failures=literal_column("0"),
        next_at=bindparam("at", type_=UtcTime),
    )
)
_WITH_LINK = Query(
    StatusId,
    select(_s.c.status_id)
    .where(_s.c.link_id == bindparam("link", type_=BigInteger))
    .order_by(_s.c.status_id.desc())
    .limit(TOUCHED),
)
_WITH_CARD = Query(
    StatusId,
    select(_s.c.status_id)
    .join(_l, _l.c.id == _s.c.link_id)
    .where(_l.c.card_id == bindparam("card", type_=BigInteger))
    .order_by(_s.c.status_id.desc())
    .limit(TOUCHED),
)
_TOUCH = Statement(update(statuses).where(any_of(statuses.c.id, "ids")).values(rev=statuses.c.rev + 1))
_PICTURED = Query(
    int,
    update(_c)
    .where(_c.c.image_url == bindparam("picture", type_=Text), _c.c.blurhash.is_(null()))
    .values(
        blurhash=bindparam("hash", type_=Text),
        width=bindparam("wide", type_=Integer),
        height=bindparam("high", type_=Integer),
    )
    .returning(_c.c.id),
)
_PLAYERS = Query(
    int,
    update(_c)
    .where(
        _c.c.image_url == bindparam("picture", type_=Text),
        _c.c.blurhash.is_(null()),
        _c.c.type != literal_column("'link'"),
    )
    .values(blurhash=bindparam("hash", type_=Text))
    .returning(_c.c.id),
)
_UNPICTURED = Query(
    int,
    update(_c)
    .where(_c.c.image_url == bindparam("picture", type_=Text))
    .values(image_url=null(), image_description=literal_column("''"))
    .returning(_c.c.id),
)


async def keep(
    tx: Tx, link_id: int, details: Details, author_id: AccountId | None, next_at: datetime
) -> list[StatusId]:
    """This is what a link leads to; the statuses that are shown otherwise because of it."""
    known = await tx.one(_SAME, url_is=details.url)
    values: dict[str, Any] = {name: getattr(details, name) for name in _FIELDS}
    values |= {"author_account_id": author_id, "updated_at": tx.now}
    if known is None:
        await tx.run(_INSERT, id=new_id(tx.now), url=details.url, **values)
    card_id = await tx.one(_CARD_ID, url_is=details.url)
    before = await link(tx, link_id)
    if card_id is None or before is None:
        return []
    blurhash = None
    if known is not None:
        same_picture = known.image_url == details.image_url
        blurhash = known.blurhash if same_picture else None
        if same_picture and details.type == "link":
            values |= {"width": known.width, "height": known.height}
        await tx.run(_REPLACE, card=card_id, **{f"new_{n}": v for n, v in (values | {"blurhash": blurhash}).items()})
    await tx.run(_POINT, link=link_id, card=card_id, at=next_at)
    differs = known is not None and any(getattr(known, name) != values[name] for name in _VALUES[:-1])
    shown = set(await tx.all(_WITH_CARD, card=card_id)) if differs else set()
    if before.card_id != card_id:
        shown |= set(await tx.all(_WITH_LINK, link=link_id))
    return await _touch(tx, shown)


async def pictured(tx: Tx, image_url: str, blurhash: str | None, width: int, height: int) -> list[StatusId]:
    """The picture of cards was fetched: its size is theirs. The statuses that are shown otherwise because of it."""
    if blurhash is None:
        return []
    cards = await tx.all(_PLAYERS, picture=image_url, hash=blurhash)
    cards += await tx.all(_PICTURED, picture=image_url, hash=blurhash, wide=width, high=height)
    return await _touch(tx, {id for card in cards for id in await tx.all(_WITH_CARD, card=card)})


async def without_picture(tx: Tx, image_url: str) -> list[StatusId]:
    """There is no such picture. The statuses that are shown otherwise because of it."""
    cards = await tx.all(_UNPICTURED, picture=image_url)
    return await _touch(tx, {id for card in cards for id in await tx.all(_WITH_CARD, card=card)})


async def touch(tx: Tx, ids: Collection[int]) -> None:
    """These statuses are shown with another card."""
    await _touch(tx, {StatusId(id) for id in ids})


async def _touch(tx: Tx, ids: set[StatusId]) -> list[StatusId]:
    if ids:
        await tx.run(_TOUCH, ids=sorted(ids))
        changed(tx, *ids)
    return sorted(ids)


# Forgetting ------------------------------------------------------------------------------------------

_UNUSED = Statement(
    delete(_l).where(
        _l.c.id.in_(
            select(_l.c.id)
            .where(
                _l.c.used_at < bindparam("before", type_=UtcTime),
                ~exists().where(_s.c.link_id == _l.c.id, _s.c.link_id.is_not(null())),
            )
            .order_by(_l.c.used_at)
            .limit(bindparam("most", type_=Integer))
        )
    )
)
_UNLINKED = Statement(
    delete(_c).where(
        _c.c.id.in_(
            select(_c.c.id)
            .where(
                _c.c.updated_at < bindparam("before", type_=UtcTime),
                ~exists().where(_l.c.card_id == _c.c.id),
            )
            .limit(bindparam("most", type_=Integer))
        )
    )
)


async def forget_unused(tx: Tx, before: datetime, most: int) -> int:
    """Drop links that no status has had since `before`, then cards without links; how many."""
    gone = await tx.run(_UNUSED, before=before, most=most)
    return gone + await tx.run(_UNLINKED, before=before, most=most)


# Finding ---------------------------------------------------------------------------------------------

LINKS_TO_ONE = 20
_same = _l.alias("same_card")
_LINK_IDS = Query(
    int,
    select(_l.c.id)
    .where(
        (_l.c.url == bindparam("url_is", type_=Text))
        | _l.c.card_id.in_(select(_c.c.id).where(_c.c.url == bindparam("url_is", type_=Text)))
        | _l.c.card_id.in_(
            select(_same.c.card_id).where(
                _same.c.url == bindparam("url_is", type_=Text), _same.c.card_id.is_not(null())
            )
        )
    )
    .order_by(_l.c.used_at.desc())
    .limit(LINKS_TO_ONE),
)


async def link_ids(tx: Tx, url: str) -> list[int]:
    """Links that lead to the page that is known under this address, the latest used first."""
    return await tx.all(_LINK_IDS, url_is=url)


def embeds() -> Any:
    """The condition that a status is shown with a player."""
    return exists().where(
        _s.c.status_id == statuses.c.id,
        _l.c.id == _s.c.link_id,
        _c.c.id == _l.c.card_id,
        _c.c.type == literal_column("'video'"),
    )
