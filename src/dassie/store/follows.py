"""Follows and requests to follow: who reads whom."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, Table, and_, bindparam, case, delete, exists, func, null, select, update
from sqlalchemy import type_coerce as typed

from dassie.domain.ids import AccountId
from dassie.domain.paging import Page
from dassie.store.dialect import any_of, put_once
from dassie.store.paging import PagedQuery
from dassie.store.tables import accounts, follow_requests, follows, list_accounts, peers
from dassie.store.timelines import wanted
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import Json


class Follow(Struct, frozen=True):
    """`account_id` follows `target_id`, or asks to."""

    id: int
    account_id: AccountId
    target_id: AccountId
    uri: str | None
    show_reblogs: bool
    notify: bool
    languages: list[str] | None
    """Only posts in these are shown; None: all."""
    created_at: datetime


class LocalFollower(Struct, frozen=True):
    """Somebody here who follows, and what they want to see."""

    account_id: AccountId
    show_reblogs: bool
    notify: bool
    languages: list[str] | None
    listed: bool = False
    """Whether the account they follow is in a list of anybody."""


_a = bindparam("account_is", type_=BigInteger)
_b = bindparam("target_is", type_=BigInteger)
_OPTIONS = ("show_reblogs", "notify", "languages")


def _languages(table: Table) -> Any:
    return typed(table.c.languages, Json(list[str] | None))


def _select(table: Table) -> Any:
    columns = [_languages(table) if name == "languages" else table.c[name] for name in Follow.__struct_fields__]
    return select(*columns)


def _pair(table: Table) -> Any:
    return and_(table.c.account_id == _a, table.c.target_id == _b)


_FIND = {table: Query(Follow, _select(table).where(_pair(table))) for table in (follows, follow_requests)}
_BY_URI = {
    table: Query(Follow, _select(table).where(table.c.uri == bindparam("uri_is")))
    for table in (follows, follow_requests)
}
_HAS_LOCAL_FOLLOWER = Query(
    row,
    select(follows.c.id)
    .join(accounts, accounts.c.id == follows.c.account_id)
    .where(follows.c.target_id == _b, accounts.c.domain == "")
    .limit(1),
)
_listed = exists().where(list_accounts.c.account_id == _b)  # the same for all: asked once
_LOCAL_FOLLOWERS = Query(
    LocalFollower,
    select(follows.c.account_id, follows.c.show_reblogs, follows.c.notify, _languages(follows), _listed)
    .join(accounts, accounts.c.id == follows.c.account_id)
    .where(follows.c.target_id == _b, accounts.c.domain == "", accounts.c.suspended_at.is_(null())),
)


def _inboxes() -> Query[tuple[Any, ...]]:
    suspended = exists().where(peers.c.domain == accounts.c.domain, peers.c.suspended_at.is_not(null()))
    inbox = case((accounts.c.shared_inbox_url != "", accounts.c.shared_inbox_url), else_=accounts.c.inbox_url)
    return Query(
        row,
        select(inbox, accounts.c.domain)
        .join(follows, follows.c.account_id == accounts.c.id)
        .where(
            follows.c.target_id == _b,
            accounts.c.domain != "",
            accounts.c.inbox_url != "",
            accounts.c.suspended_at.is_(null()),
            ~suspended,
        )
        .distinct(),
    )


_INBOXES = _inboxes()


async def find(tx: Tx, account_id: int, target_id: int) -> Follow | None:
    """The follow of one account by another."""
    return await tx.one(_FIND[follows], account_is=account_id, target_is=target_id)


async def find_request(tx: Tx, account_id: int, target_id: int) -> Follow | None:
    """The unanswered request of one account to follow another."""
    return await tx.one(_FIND[follow_requests], account_is=account_id, target_is=target_id)


async def by_uri(tx: Tx, uri: str) -> Follow | None:
    """The follow with this ActivityPub id."""
    return await tx.one(_BY_URI[follows], uri_is=uri)


async def request_by_uri(tx: Tx, uri: str) -> Follow | None:
    """The unanswered request with this ActivityPub id."""
    return await tx.one(_BY_URI[follow_requests], uri_is=uri)


async def following(tx: Tx, account_id: int, target_id: int) -> bool:
    """Whether the first follows the second."""
    return await find(tx, account_id, target_id) is not None


async def has_local_follower(tx: Tx, account_id: int) -> bool:
    """Whether anybody here follows this account."""
    return await tx.one(_HAS_LOCAL_FOLLOWER, target_is=account_id) is not None


async def local_followers(tx: Tx, account_id: int) -> list[LocalFollower]:
    """Those here who follow this account, without the suspended."""
    return await tx.all(_LOCAL_FOLLOWERS, target_is=account_id)


async def follower_inboxes(tx: Tx, account_id: int) -> list[tuple[str, str]]:
    """(inbox, domain) of other servers' followers, each once; shared inboxes first, suspended servers left out."""
    return [(inbox, domain) for inbox, domain in await tx.all(_INBOXES, target_is=account_id)]


# Pages ---------------------------------------------------------------------------------------------


def _page(table: Table, shown: Any, of: Any, given: Any, *, with_viewer: bool = False) -> PagedQuery:
    base = select(table.c.id, shown).join(accounts, accounts.c.id == shown)
    base = base.where(of == given, accounts.c.suspended_at.is_(null()))
    return PagedQuery(row, base.where(wanted(shown)) if with_viewer else base, table.c.id)


# By whether a viewer's blocks and mutes are applied.
_FOLLOWERS = {
    yes: _page(follows, follows.c.account_id, follows.c.target_id, _b, with_viewer=yes) for yes in (False, True)
}
_FOLLOWED = {
    yes: _page(follows, follows.c.target_id, follows.c.account_id, _a, with_viewer=yes) for yes in (False, True)
}
_REQUESTS = _page(follow_requests, follow_requests.c.account_id, follow_requests.c.target_id, _b)
_REQUEST_COUNT = Query(int, select(func.count()).where(follow_requests.c.target_id == _b))


async def followers_of(
    tx: Tx, account_id: int, page: Page, viewer: AccountId | None = None
) -> list[tuple[int, AccountId]]:
    """(row id, account id) of those who follow, newest first; without those a viewer blocks, mutes or is blocked by."""
    return await _FOLLOWERS[viewer is not None].read(tx, page, target_is=account_id, **_viewer(tx, viewer))


async def followed_by(
    tx: Tx, account_id: int, page: Page, viewer: AccountId | None = None
) -> list[tuple[int, AccountId]]:
    """(row id, account id) of those who are followed, newest first; the same."""
    return await _FOLLOWED[viewer is not None].read(tx, page, account_is=account_id, **_viewer(tx, viewer))


def _viewer(tx: Tx, viewer: AccountId | None) -> dict[str, Any]:
    return {} if viewer is None else {"viewer_id": viewer, "at": tx.now}


async def requests_to(tx: Tx, account_id: int, page: Page) -> list[tuple[int, AccountId]]:
    """(row id, account id) of those who wait for an answer, newest first."""
    return await _REQUESTS.read(tx, page, target_is=account_id)


async def request_count(tx: Tx, account_id: int) -> int:
    """How many wait for an answer."""
    return await tx.one(_REQUEST_COUNT, target_is=account_id) or 0


# Changing ------------------------------------------------------------------------------------------

_COLUMNS = ("id", "account_id", "target_id", "uri", *_OPTIONS, "created_at")
_INSERT = {table: Statement(put_once(table, *_COLUMNS)) for table in (follows, follow_requests)}
_REMOVE = {table: Statement(delete(table).where(_pair(table))) for table in (follows, follow_requests)}


@cache
def _update(table: Table, *names: str) -> Statement:
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    return Statement(update(table).where(table.c.id == bindparam("row_id", type_=BigInteger)).values(**values))


async def add(tx: Tx, row: Follow) -> bool:
    """Keep a follow; False where it is there already."""
    return await tx.run(_INSERT[follows], **_values(row)) > 0


async def add_request(tx: Tx, row: Follow) -> bool:
    """Keep a request; False where it is there already."""
    return await tx.run(_INSERT[follow_requests], **_values(row)) > 0


async def remove(tx: Tx, account_id: int, target_id: int) -> bool:
    """End a follow; False where there was none."""
    return await tx.run(_REMOVE[follows], account_is=account_id, target_is=target_id) > 0


async def remove_request(tx: Tx, account_id: int, target_id: int) -> bool:
    """Drop a request; False where there was none."""
    return await tx.run(_REMOVE[follow_requests], account_is=account_id, target_is=target_id) > 0


async def change(tx: Tx, id: int, **values: Any) -> None:
    """Set columns of a follow: uri, show_reblogs, notify, languages."""
    await _change(tx, follows, id, values)


async def change_request(tx: Tx, id: int, **values: Any) -> None:
    """Set columns of a request."""
    await _change(tx, follow_requests, id, values)


async def _change(tx: Tx, table: Table, id: int, values: dict[str, Any]) -> None:
    if values:
        names = sorted(values)
        await tx.run(_update(table, *names), row_id=id, **{f"new_{name}": values[name] for name in names})


def _values(row: Follow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS}


# What two have in common -----------------------------------------------------------------------------


def _familiar() -> Query[tuple[Any, ...]]:
    mine = follows.alias("mine")
    return Query(
        row,
        select(follows.c.target_id, follows.c.account_id)
        .join(accounts, accounts.c.id == follows.c.account_id)
        .where(
            any_of(follows.c.target_id, "ids"),
            accounts.c.suspended_at.is_(null()),
            # Not a join: that could begin with all that the viewer follows.
            exists().where(mine.c.account_id == _a, mine.c.target_id == follows.c.account_id),
        )
        .order_by(follows.c.target_id, follows.c.id.desc())
        .limit(bindparam("most", type_=Integer)),
    )


_FAMILIAR = _familiar()


async def familiar(tx: Tx, viewer: int, ids: list[int], *, most: int = 2000) -> dict[int, list[AccountId]]:
    """For each of `ids`: its followers whom `viewer` follows too, the newest follow first."""
    out: dict[int, list[AccountId]] = {}
    if ids:
        for target, follower in await tx.all(_FAMILIAR, account_is=viewer, ids=ids, most=most):
            out.setdefault(target, []).append(follower)
    return out
