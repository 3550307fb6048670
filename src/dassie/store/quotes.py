"""Quotes: which status quotes which, whether its author agrees, and how that looks to somebody."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    bindparam,
    delete,
    exists,
    false,
    literal_column,
    null,
    or_,
    select,
    update,
)

from dassie.domain.ids import AccountId, StatusId
from dassie.domain.paging import Page
from dassie.store.dialect import any_of, put_once
from dassie.store.domain_blocks import refused
from dassie.store.paging import PagedQuery
from dassie.store.statuses import visible_to
from dassie.store.tables import accounts, blocks, mutes, quotes, statuses
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import UtcTime


class Quote(Struct, frozen=True):
    """That one status quotes another."""

    status_id: StatusId
    account_id: AccountId
    """Who quotes."""
    quoted_id: StatusId | None
    """None while it is unknown here, or when it is gone."""
    quoted_account_id: AccountId | None
    quoted_uri: str
    state: str
    """As stored (domain/quotes.py)."""
    approval_uri: str | None
    request_uri: str | None
    claimed_uri: str | None = None
    """Of the consent that another server's status names; not proved yet."""


class Sight(Struct, frozen=True):
    """A quoted status as far as somebody's standing with its author goes."""

    state: str
    """As stored."""
    quoted_id: StatusId | None
    visible: bool | None
    domain_blocked: bool | None
    blocked: bool | None
    muted: bool | None

    @property
    def shown_state(self) -> str:
        """The state as this viewer is told it."""
        if self.state != "accepted":
            return self.state
        if self.quoted_id is None:
            return "pending"  # it had to make room here; asked for again when somebody looks
        if not self.visible:
            return "unauthorized"
        if self.domain_blocked:
            return "blocked_domain"
        if self.blocked:
            return "blocked_account"
        return "muted_account" if self.muted else "accepted"

    @property
    def is_shown(self) -> bool:
        """Whether the quoted status itself is given."""
        return self.state == "accepted" and bool(self.quoted_id is not None and self.visible)


class Seen(Struct, frozen=True):
    """A quote on a page, and the quote within what it quotes."""

    outer: Sight
    inner: Sight | None


_COLUMNS = [quotes.c[name] for name in Quote.__struct_fields__]
_ONE = Query(Quote, select(*_COLUMNS).where(quotes.c.status_id == bindparam("status_is")))
_BY_APPROVAL = Query(Quote, select(*_COLUMNS).where(quotes.c.approval_uri == bindparam("uri_is")))
_CONCERN = Query(int, select(quotes.c.status_id).where(any_of(quotes.c.approval_uri, "uris")).limit(1))
_REQUESTS = Query(int, select(quotes.c.status_id).where(any_of(quotes.c.request_uri, "uris")).limit(1))
_BY_REQUEST = Query(Quote, select(*_COLUMNS).where(quotes.c.request_uri == bindparam("uri_is")))
_OF_STATUSES = Query(Quote, select(*_COLUMNS).where(any_of(quotes.c.status_id, "ids")))
_QUOTING = Query(StatusId, select(quotes.c.status_id).where(quotes.c.quoted_id == bindparam("quoted_is")))
_ADD = Statement(put_once(quotes, *Quote.__struct_fields__, "created_at"))
_REMOVE = Statement(delete(quotes).where(quotes.c.status_id == bindparam("status_is")))
_DELETED = Statement(
    update(quotes)
    .where(quotes.c.quoted_id == bindparam("quoted_is"))
    .values(state=literal_column("'deleted'"), quoted_id=null())
)
_LOCAL_QUOTERS = Query(
    row,
    select(quotes.c.account_id, quotes.c.status_id)
    .join(accounts, accounts.c.id == quotes.c.account_id)
    .where(
        quotes.c.quoted_id == bindparam("quoted_is"),
        quotes.c.state == literal_column("'accepted'"),
        accounts.c.domain == literal_column("''"),
    ),
)


async def of(tx: Tx, status_id: int) -> Quote | None:
    """The quote in a status."""
    return await tx.one(_ONE, status_is=status_id)


async def of_statuses(tx: Tx, ids: Collection[int]) -> dict[int, Quote]:
    """The quotes in these statuses."""
    return {one.status_id: one for one in await tx.all(_OF_STATUSES, ids=list(ids))} if ids else {}


async def by_approval(tx: Tx, uri: str) -> Quote | None:
    """The quote that this authorization allows."""
    return await tx.one(_BY_APPROVAL, uri_is=uri)


async def by_request(tx: Tx, uri: str) -> Quote | None:
    """The quote that was asked for with this request."""
    return await tx.one(_BY_REQUEST, uri_is=uri)


async def concern(tx: Tx, uris: Collection[str]) -> bool:
    """Whether any of these is a consent that a quote here rests on."""
    return bool(uris) and await tx.one(_CONCERN, uris=list(uris)) is not None


async def are_requests(tx: Tx, uris: Collection[str]) -> bool:
    """Whether any of these is a request to be allowed a quote."""
    return bool(uris) and await tx.one(_REQUESTS, uris=list(uris)) is not None


async def quoting(tx: Tx, quoted_id: int) -> list[StatusId]:
    """Ids of all statuses that quote this one, in whatever state."""
    return await tx.all(_QUOTING, quoted_is=quoted_id)


async def local_quoters(tx: Tx, quoted_id: int) -> list[tuple[AccountId, StatusId]]:
    """Who of ours quotes a status with its author's consent, and in which status."""
    return await tx.all(_LOCAL_QUOTERS, quoted_is=quoted_id)


async def add(tx: Tx, quote: Quote) -> bool:
    """Remember a quote; False where the status has one already."""
    values = {name: getattr(quote, name) for name in Quote.__struct_fields__}
    return await tx.run(_ADD, **values, created_at=tx.now) > 0


@cache
def _change(*names: str) -> Statement:
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=quotes.c[name].type) for name in names}
    return Statement(update(quotes).where(quotes.c.status_id == bindparam("status_is")).values(values))


async def change(tx: Tx, status_id: int, **values: Any) -> None:
    """Set columns of a quote."""
    names = sorted(values)
    await tx.run(_change(*names), status_is=status_id, **{f"new_{name}": values[name] for name in names})


async def remove(tx: Tx, status_id: int) -> None:
    """The status quotes nothing any more."""
    await tx.run(_REMOVE, status_is=status_id)


async def quoted_deleted(tx: Tx, quoted_id: int) -> None:
    """What these statuses quote was deleted by its author."""
    await tx.run(_DELETED, quoted_is=quoted_id)


# As somebody sees them -------------------------------------------------------------------------------


def _sight(quote: Any, quoted: Any, viewer: AccountId | None) -> list[Any]:
    columns: list[Any] = [quote.c.state, quote.c.quoted_id, visible_to(viewer, quoted)]
    if viewer is None:
        return columns + [false().label(None)] * 3
    me = bindparam("viewer_id", type_=BigInteger)
    author = quoted.c.account_id
    still = or_(mutes.c.expires_at.is_(null()), mutes.c.expires_at > bindparam("at", type_=UtcTime))
    return [
        *columns,
        refused(me, author),
        exists().where(blocks.c.account_id == me, blocks.c.target_id == author),
        exists().where(mutes.c.account_id == me, mutes.c.target_id == author, still),
    ]


def _seen_query(viewer: AccountId | None) -> Query[Any]:
    inner, quoted, nested = quotes.alias("inner_quote"), statuses.alias("quoted"), statuses.alias("nested")
    joined = (
        quotes.outerjoin(quoted, quoted.c.id == quotes.c.quoted_id)
        .outerjoin(inner, inner.c.status_id == quotes.c.quoted_id)
        .outerjoin(nested, nested.c.id == inner.c.quoted_id)
    )
    columns = [quotes.c.status_id, *_sight(quotes, quoted, viewer), *_sight(inner, nested, viewer)]
    return Query(row, select(*columns).select_from(joined).where(any_of(quotes.c.status_id, "ids")))


_SEEN = {True: _seen_query(AccountId(0)), False: _seen_query(None)}


async def seen(tx: Tx, ids: Collection[int], *, viewer: AccountId | None) -> dict[int, Seen]:
    """The quotes in these statuses as `viewer` may see them, in one query."""
    if not ids:
        return {}
    params: dict[str, Any] = {"ids": list(ids)}
    if viewer is not None:
        params |= {"viewer_id": viewer, "at": tx.now}
    found = await tx.all(_SEEN[viewer is not None], **params)
    return {id: Seen(Sight(*rest[:6]), Sight(*rest[6:]) if rest[6] is not None else None) for id, *rest in found}


def shown_in(seen: dict[int, Seen]) -> list[StatusId]:
    """Ids of the quoted statuses that are given whole, each once."""
    quoted = (one.outer.quoted_id for one in seen.values() if one.outer.is_shown)
    return list(dict.fromkeys(id for id in quoted if id is not None))


_by_me = bindparam("viewer_id", type_=BigInteger)
_accepted = (
    select(quotes.c.status_id)
    .join(statuses, statuses.c.id == quotes.c.status_id)
    .where(quotes.c.quoted_id == bindparam("quoted_is"), quotes.c.state == literal_column("'accepted'"))
)
_LIST = PagedQuery(
    StatusId,
    _accepted.where(
        visible_to(AccountId(0)),
        ~exists().where(blocks.c.account_id == _by_me, blocks.c.target_id == statuses.c.account_id),
    ),
    quotes.c.status_id,
)
_LIST_ALL = PagedQuery(StatusId, _accepted, quotes.c.status_id)
_LIST_OPEN = PagedQuery(StatusId, _accepted.where(visible_to(None)), quotes.c.status_id)


async def quoting_page(tx: Tx, quoted_id: int, page: Page, *, viewer: AccountId | None, every: bool) -> list[StatusId]:
    """Ids of the accepted quotes of a status, newest first: those `viewer` may see, or with `every` all."""
    if every:
        return await _LIST_ALL.read(tx, page, quoted_is=quoted_id)
    if viewer is None:
        return await _LIST_OPEN.read(tx, page, quoted_is=quoted_id)
    return await _LIST.read(tx, page, quoted_is=quoted_id, viewer_id=viewer)
