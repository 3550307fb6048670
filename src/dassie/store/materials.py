"""What only a looker needs of other servers' people and posts: what of it is here, what is still to be fetched."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import BigInteger, bindparam, exists, literal_column, null, select

from dassie.domain.ids import AccountId, StatusId
from dassie.store.dialect import any_of
from dassie.store.tables import (
    accounts,
    arrivals,
    followed_tags,
    follows,
    relay_statuses,
    status_tags,
    statuses,
    tags,
)
from dassie.store.tx import Query, Tx


class Seen(Struct, frozen=True):
    """A status that somebody looks at."""

    id: StatusId
    reblog_of_id: StatusId | None
    local: bool
    uri: str
    account_id: AccountId
    account_uri: str
    domain: str
    """Of its author."""
    materialised_at: datetime | None
    """Of its author."""
    mentions_unknown: bool
    has_poll: bool
    quotes: bool


class Person(Struct, frozen=True):
    """An account of another server, and what can be asked about it."""

    id: AccountId
    uri: str
    username: str
    domain: str
    handle_trusted: bool
    """WebFinger was not asked yet."""
    materialised_at: datetime | None
    fetched_at: datetime | None
    suspended_at: datetime | None
    followers_url: str
    following_url: str
    outbox_url: str
    featured_url: str
    featured_tags_url: str


class Source(Struct, frozen=True):
    """Where a status came from, for the ledger."""

    id: StatusId
    account_id: AccountId
    domain: str
    followed: bool
    """Whether somebody here follows its author."""


_SEEN = Query(
    Seen,
    select(
        statuses.c.id,
        statuses.c.reblog_of_id,
        statuses.c.local,
        statuses.c.uri,
        statuses.c.account_id,
        accounts.c.uri,
        accounts.c.domain,
        accounts.c.materialised_at,
        arrivals.c.mentioned.is_not(null()),
        statuses.c.has_poll,
        statuses.c.quote_uri.is_not(null()),
    )
    .select_from(
        statuses.join(accounts, accounts.c.id == statuses.c.account_id).outerjoin(
            arrivals, arrivals.c.status_id == statuses.c.id
        )
    )
    .where(any_of(statuses.c.id, "ids")),
)
_PEOPLE = Query(
    Person,
    select(*(accounts.c[name] for name in Person.__struct_fields__)).where(
        any_of(accounts.c.id, "ids"), accounts.c.domain != literal_column("''")
    ),
)
_TRUSTED = Query(
    int,
    select(literal_column("1")).where(
        accounts.c.id == bindparam("account_id", type_=BigInteger), accounts.c.handle_trusted
    ),
)
_local = accounts.alias("local_accounts")
_followed = exists(
    select(literal_column("1"))
    .select_from(follows.join(_local, _local.c.id == follows.c.account_id))
    .where(follows.c.target_id == accounts.c.id, _local.c.domain == literal_column("''"))
)
_SOURCES = Query(
    Source,
    select(statuses.c.id, statuses.c.account_id, accounts.c.domain, _followed)
    .join(accounts, accounts.c.id == statuses.c.account_id)
    .where(any_of(statuses.c.id, "ids")),
)
_RELAYS = Query(int, select(relay_statuses.c.relay_id).where(any_of(relay_statuses.c.status_id, "ids")))
_TAGS = Query(
    str,
    select(tags.c.name)
    .join(status_tags, status_tags.c.tag_id == tags.c.id)
    .where(any_of(status_tags.c.status_id, "ids"), exists().where(followed_tags.c.tag_id == tags.c.id)),
)


async def seen(tx: Tx, ids: Collection[int]) -> list[Seen]:
    """What there is to know of these statuses, whoever may see them."""
    return await tx.all(_SEEN, ids=list(ids)) if ids else []


async def people(tx: Tx, ids: Collection[int]) -> dict[int, Person]:
    """Accounts of other servers by id; ours are left out."""
    return {found.id: found for found in await tx.all(_PEOPLE, ids=list(ids))} if ids else {}


async def person(tx: Tx, id: int) -> Person | None:
    """One of them."""
    return (await people(tx, [id])).get(id)


async def is_trusted(tx: Tx, account_id: int) -> bool:
    """Whether the handle of an account was taken on trust."""
    return await tx.one(_TRUSTED, account_id=account_id) is not None


async def sources(tx: Tx, ids: Collection[int]) -> tuple[list[Source], list[int], list[str]]:
    """Where these statuses came from: authors, relays, and followed tags; the last two once per status."""
    if not ids:
        return [], [], []
    asked = list(ids)
    return await tx.all(_SOURCES, ids=asked), await tx.all(_RELAYS, ids=asked), await tx.all(_TAGS, ids=asked)
