"""Accounts: public faces, ours and other servers'."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import Integer, bindparam, case, literal_column, null, select, type_coerce, update

from dassie.domain.ids import AccountId
from dassie.store.changes import changed
from dassie.store.dialect import any_of, greatest, put_once
from dassie.store.tables import accounts
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import Json
from dassie.store.views import AccountView, EmojiView, FieldView

VIEW_COLUMNS = AccountView.__struct_fields__
SHAPES: dict[str, Any] = {"fields": list[FieldView], "emojis": list[EmojiView]}


def columns(table: Any = accounts) -> list[Any]:
    """The columns of an `AccountView`, in its order; `table` may be an alias."""
    return [
        type_coerce(table.c[name], Json(SHAPES[name])) if name in SHAPES else table.c[name] for name in VIEW_COLUMNS
    ]


def _by(condition: Any) -> Query[AccountView]:
    return Query(AccountView, select(*columns()).where(condition))


_BY_ID = _by(accounts.c.id == bindparam("account_id"))
_BY_IDS = _by(any_of(accounts.c.id, "ids"))
_BY_URIS = _by(any_of(accounts.c.uri, "uris"))
_BY_URI = _by(accounts.c.uri == bindparam("uri_is"))
_NAMED = (accounts.c.username_key == bindparam("username_is")) & (accounts.c.domain == bindparam("domain_is"))
_BY_NAME = _by(_NAMED & ~accounts.c.pending)
_HOLDER = _by(_NAMED)
_PENDING = Query(row, select(accounts.c.pending).where(accounts.c.id == bindparam("account_id")))


class Endpoints(Struct, frozen=True):
    """Where an account's server takes activities, and which collections it names."""

    id: AccountId
    uri: str
    domain: str
    inbox_url: str
    shared_inbox_url: str
    followers_url: str
    following_url: str
    outbox_url: str
    featured_url: str
    suspended_at: datetime | None
    fetched_at: datetime | None

    @property
    def inbox(self) -> str:
        """The shared inbox where there is one."""
        return self.shared_inbox_url or self.inbox_url


_REVISIONS = Query(
    row,
    select(accounts.c.id, case((accounts.c.moved_to_uri.is_(null()), accounts.c.rev))).where(
        any_of(accounts.c.id, "ids")
    ),
)
_ENDPOINTS = Query(
    Endpoints,
    select(*(accounts.c[name] for name in Endpoints.__struct_fields__)).where(any_of(accounts.c.id, "ids")),
)
_PRIVATE_KEY = Query(row, select(accounts.c.private_key).where(accounts.c.id == bindparam("account_id")))


async def by_id(tx: Tx, id: int) -> AccountView | None:
    """The account with this id."""
    return await tx.one(_BY_ID, account_id=id)


async def by_ids(tx: Tx, ids: Collection[int]) -> dict[int, AccountView]:
    """Accounts by id; unknown ids are missing from the result."""
    if not ids:
        return {}
    return {account.id: account for account in await tx.all(_BY_IDS, ids=list(ids))}


async def revisions(tx: Tx, ids: Collection[int]) -> dict[AccountId, int | None]:
    """Which revision these accounts are at; unknown ids are missing, and accounts that moved have None."""
    return dict(await tx.all(_REVISIONS, ids=list(ids))) if ids else {}


async def by_uri(tx: Tx, uri: str) -> AccountView | None:
    """The account with this actor id."""
    return await tx.one(_BY_URI, uri_is=uri)


async def by_uris(tx: Tx, uris: Collection[str]) -> dict[str, AccountView]:
    """Accounts by actor id; unknown ones are missing from the result."""
    return {account.uri: account for account in await tx.all(_BY_URIS, uris=list(uris))} if uris else {}


async def by_name(tx: Tx, username: str, domain: str = "") -> AccountView | None:
    """The account of a handle, in any case of letters; `domain` is empty for our own. Not those that wait."""
    return await tx.one(_BY_NAME, username_is=username.lower(), domain_is=domain.lower())


async def holder(tx: Tx, username: str) -> AccountView | None:
    """Who has this name here, also somebody who signed up and waits."""
    return await tx.one(_HOLDER, username_is=username.lower(), domain_is="")


async def is_pending(tx: Tx, id: int) -> bool:
    """Whether somebody signed up and waits to be confirmed or approved: others must not see them yet."""
    found = await tx.one(_PENDING, account_id=id)
    return bool(found and found[0])


async def endpoints(tx: Tx, ids: Collection[int]) -> dict[int, Endpoints]:
    """Inboxes and collections by account id."""
    return {found.id: found for found in await tx.all(_ENDPOINTS, ids=list(ids))} if ids else {}


async def private_key(tx: Tx, id: int) -> bytes | None:
    """The encrypted private key of one of our accounts."""
    found = await tx.one(_PRIVATE_KEY, account_id=id)
    return found[0] if found else None


# Changing ------------------------------------------------------------------------------------------


@cache
def _insert(*names: str) -> Statement:
    return Statement(put_once(accounts, *names))


@cache
def _update(*names: str) -> Statement:
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=accounts.c[name].type) for name in names}
    return Statement(
        update(accounts).where(accounts.c.id == bindparam("account_id")).values(**values, rev=accounts.c.rev + 1)
    )


async def insert(tx: Tx, **values: Any) -> bool:
    """Add an account; False where the handle or the uri is taken. `username_key` is filled in."""
    values["username_key"] = values["username"].lower()
    return await tx.run(_insert(*sorted(values)), **values) > 0


async def change(tx: Tx, id: int, **values: Any) -> None:
    """Set columns of an account."""
    if values:
        names = sorted(values)
        await tx.run(_update(*names), account_id=id, **{f"new_{name}": values[name] for name in names})
        changed(tx, id)


_COUNTABLE = ("statuses_count", "followers_count", "following_count")


def _count_statement(name: str) -> Statement:
    return Statement(
        update(accounts)
        .where(accounts.c.id == bindparam("account_id"))
        .values(
            {
                name: greatest(accounts.c[name] + bindparam("by", type_=Integer), literal_column("0")),
                "rev": accounts.c.rev + 1,
            }
        )
    )


_COUNT = {name: _count_statement(name) for name in _COUNTABLE}
_POSTED = Statement(
    update(accounts)
    .where(accounts.c.id == bindparam("account_id"))
    .values(
        statuses_count=accounts.c.statuses_count + 1,
        last_status_at=bindparam("at", type_=accounts.c.last_status_at.type),
        rev=accounts.c.rev + 1,
    )
)


async def count(tx: Tx, id: int, name: str, by: int) -> None:
    """Add to one of `statuses_count`, `followers_count`, `following_count`; never below zero."""
    await tx.run(_COUNT[name], account_id=id, by=by)
    changed(tx, id)


async def count_each(tx: Tx, ids: Collection[int], name: str, by: int) -> None:
    """The same for several accounts, in the order of their ids: who counts others must not wait for these crosswise."""
    await tx.run_many(_COUNT[name], [{"account_id": id, "by": by} for id in sorted(ids)])
    for id in ids:
        changed(tx, id)


async def posted(tx: Tx, id: int, at: datetime) -> None:
    """Count one more status of this account."""
    await tx.run(_POSTED, account_id=id, at=at)
    changed(tx, id)
