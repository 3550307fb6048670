"""Collections of recommended accounts, and who is in them."""

from __future__ import annotations

from collections.abc import Collection as Many
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)

from dassie.domain.collections import ItemState
from dassie.domain.ids import AccountId
from dassie.store.dialect import any_of, put_once
from dassie.store.tables import accounts, blocks, collection_items, collection_notices, collections, follows
from dassie.store.tables import notifications as told
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import UtcTime


class Collection(Struct, frozen=True):
    """People whom somebody recommends."""

    id: int
    account_id: AccountId
    uri: str
    url: str
    name: str
    description: str
    """Ours as typed, without markup; of other servers HTML, sanitised."""
    language: str | None
    tag: str
    """Its topic as written, without the sign; empty for none."""
    local: bool
    sensitive: bool
    discoverable: bool
    total: int
    """Of other servers: how many they say are in it."""
    created_at: datetime
    updated_at: datetime
    fetched_at: datetime | None


class Item(Struct, frozen=True):
    """Somebody in a collection, or asked to be."""

    id: int
    collection_id: int
    account_id: AccountId | None
    """None where another server's proof was not read yet."""
    uri: str
    object_uri: str
    request_uri: str | None
    approval_uri: str | None
    state: ItemState
    position: int
    created_at: datetime
    verified_at: datetime | None


_c = collections
_i = collection_items
_columns = [_c.c[name] for name in Collection.__struct_fields__]
_item_columns = [_i.c[name] for name in Item.__struct_fields__]
_id = bindparam("id_is", type_=BigInteger)
_account = bindparam("account_is", type_=BigInteger)
_within = bindparam("collection_is", type_=BigInteger)
_uri = bindparam("uri_is", type_=Text)
_limit = bindparam("at_most", type_=Integer)
_offset = bindparam("skipped", type_=Integer)
_shown_states = _i.c.state.in_([literal_column("'pending'"), literal_column("'accepted'")])
_accepted = _i.c.state == literal_column("'accepted'")
_owned = exists().where(accounts.c.id == _c.c.account_id, accounts.c.suspended_at.is_(null()))

_BY_IDS = Query(Collection, select(*_columns).where(any_of(_c.c.id, "ids"), _owned))
_BY_URIS = Query(Collection, select(*_columns).where(any_of(_c.c.uri, "uris")))
_BY_ADDRESSES = Query(
    Collection, select(*_columns).where(or_(any_of(_c.c.uri, "uris"), any_of(_c.c.url, "uris")), _owned)
)
_COUNT = Query(int, select(func.count()).where(_c.c.account_id == _account))
_INSERT = Statement(put_once(_c, *Collection.__struct_fields__))
_REMOVE = Statement(delete(_c).where(_c.c.id == _id))
_WITH = Query(
    Collection,
    select(*_columns)
    .join(_i, _i.c.collection_id == _c.c.id)
    .where(_i.c.account_id == _account, _accepted, _owned)
    .order_by(_c.c.id.desc())
    .limit(_limit)
    .offset(_offset),
)


@cache
def _of(hidden: bool) -> Query[Collection]:
    chosen = select(*_columns).where(_c.c.account_id == _account)
    if not hidden:
        chosen = chosen.where(_c.c.discoverable)
    return Query(Collection, chosen.order_by(_c.c.id.desc()).limit(_limit).offset(_offset))


async def by_ids(tx: Tx, ids: Many[int]) -> dict[int, Collection]:
    """Collections by id, without those of suspended accounts."""
    return {one.id: one for one in await tx.all(_BY_IDS, ids=list(ids))} if ids else {}


async def by_id(tx: Tx, id: int) -> Collection | None:
    """The collection with this id."""
    return (await by_ids(tx, [id])).get(id)


async def by_uris(tx: Tx, uris: Many[str]) -> dict[str, Collection]:
    """Collections by ActivityPub id."""
    return {one.uri: one for one in await tx.all(_BY_URIS, uris=list(uris))} if uris else {}


async def by_uri(tx: Tx, uri: str) -> Collection | None:
    """The collection with this ActivityPub id."""
    return (await by_uris(tx, [uri])).get(uri)


async def by_addresses(tx: Tx, addresses: Many[str]) -> list[Collection]:
    """Those of not suspended accounts with these ids or pages."""
    return await tx.all(_BY_ADDRESSES, uris=list(addresses)) if addresses else []


async def of(tx: Tx, account_id: int, *, hidden: bool, limit: int, offset: int = 0) -> list[Collection]:
    """Somebody's collections, the newest first; `hidden`: also those that are not to be discovered."""
    return await tx.all(_of(hidden), account_is=account_id, at_most=limit, skipped=offset)


async def with_member(tx: Tx, account_id: int, *, limit: int, offset: int = 0) -> list[Collection]:
    """Collections that somebody agreed to be in, the newest first."""
    return await tx.all(_WITH, account_is=account_id, at_most=limit, skipped=offset)


async def count(tx: Tx, account_id: int) -> int:
    """How many somebody made."""
    return await tx.one(_COUNT, account_is=account_id) or 0


async def insert(tx: Tx, new: Collection) -> bool:
    """Keep a collection; False where its id is taken."""
    return await tx.run(_INSERT, **{name: getattr(new, name) for name in Collection.__struct_fields__}) > 0


@cache
def _update(table_name: str, *names: str) -> Statement:
    table = _c if table_name == "collections" else _i
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    return Statement(update(table).where(table.c.id == _id).values(**values))


async def change(tx: Tx, id: int, **values: Any) -> None:
    """Set columns of a collection; `updated_at` follows unless given."""
    values = {"updated_at": tx.now, **values}
    names = sorted(values)
    await tx.run(_update("collections", *names), id_is=id, **{f"new_{name}": values[name] for name in names})


async def remove(tx: Tx, id: int) -> None:
    """Delete a collection with its items."""
    await tx.run(_REMOVE, id_is=id)


_DUE = Query(
    int,
    select(accounts.c.id).where(
        accounts.c.id == _account,
        accounts.c.featured_collections_url != literal_column("''"),
        or_(
            accounts.c.collections_fetched_at.is_(null()),
            accounts.c.collections_fetched_at < bindparam("before", type_=UtcTime),
        ),
    ),
)
_URL = Query(str, select(accounts.c.featured_collections_url).where(accounts.c.id == _account))
_READ = Statement(
    update(accounts).where(accounts.c.id == _account).values(collections_fetched_at=bindparam("at", type_=UtcTime))
)


async def are_due(tx: Tx, account_id: int, before: datetime) -> bool:
    """Whether somebody elsewhere names collections that were not read since."""
    return await tx.one(_DUE, account_is=account_id, before=before) is not None


async def address(tx: Tx, account_id: int) -> str:
    """Where somebody's server lists their collections; empty where it does not."""
    return await tx.one(_URL, account_is=account_id) or ""


async def note_read(tx: Tx, account_id: int) -> None:
    """They were read just now."""
    await tx.run(_READ, account_is=account_id, at=tx.now)


# Items -----------------------------------------------------------------------------------------------

_ITEMS = Query(
    Item,
    select(*_item_columns).where(any_of(_i.c.collection_id, "ids"), _shown_states).order_by(_i.c.position, _i.c.id),
)
_ALL_ITEMS = Query(Item, select(*_item_columns).where(_i.c.collection_id == _within).order_by(_i.c.position, _i.c.id))
_ITEM = Query(Item, select(*_item_columns).where(_i.c.id == _id))
_MEMBER = Query(Item, select(*_item_columns).where(_i.c.collection_id == _within, _i.c.account_id == _account))
_BY_REQUEST = Query(Item, select(*_item_columns).where(_i.c.request_uri == _uri).limit(1))
_BY_APPROVALS = Query(Item, select(*_item_columns).where(any_of(_i.c.approval_uri, "uris")))
_BY_ITEM_URI = Query(Item, select(*_item_columns).where(_i.c.collection_id == _within, _i.c.uri == _uri))
_LAST = Query(int, select(func.coalesce(func.max(_i.c.position), 0)).where(_i.c.collection_id == _within))
_ITEM_COLUMNS = (*Item.__struct_fields__, "updated_at")
_PUT_ITEM = Statement(put_once(_i, *_ITEM_COLUMNS))
_REMOVE_ITEM = Statement(delete(_i).where(_i.c.id == _id))
_REMOVE_OLD = Statement(
    delete(_i).where(
        _i.c.state.in_([literal_column("'pending'"), literal_column("'rejected'")]),
        _i.c.updated_at < bindparam("before", type_=UtcTime),
    )
)
_REFUSED = Query(
    AccountId, select(blocks.c.target_id).where(blocks.c.account_id == _account, any_of(blocks.c.target_id, "ids"))
)
_REFUSING = Query(
    AccountId, select(blocks.c.account_id).where(blocks.c.target_id == _account, any_of(blocks.c.account_id, "ids"))
)
_FOLLOWED = Query(
    AccountId, select(follows.c.target_id).where(follows.c.account_id == _account, any_of(follows.c.target_id, "ids"))
)
_FOLLOWING = Query(
    AccountId, select(follows.c.account_id).where(follows.c.target_id == _account, any_of(follows.c.account_id, "ids"))
)


async def items(tx: Tx, ids: Many[int]) -> dict[int, list[Item]]:
    """Who is in these collections or was asked to be, by collection, in order."""
    out: dict[int, list[Item]] = {id: [] for id in ids}
    if ids:
        for one in await tx.all(_ITEMS, ids=list(ids)):
            out[one.collection_id].append(one)
    return out


async def all_items(tx: Tx, id: int) -> list[Item]:
    """The same of one collection, with those who refused or left."""
    return await tx.all(_ALL_ITEMS, collection_is=id)


async def item(tx: Tx, id: int) -> Item | None:
    """The item with this id."""
    return await tx.one(_ITEM, id_is=id)


async def member(tx: Tx, id: int, account_id: int) -> Item | None:
    """Somebody's item in a collection, whatever its state."""
    return await tx.one(_MEMBER, collection_is=id, account_is=account_id)


async def by_request(tx: Tx, uri: str) -> Item | None:
    """The item that a FeatureRequest asked for."""
    return await tx.one(_BY_REQUEST, uri_is=uri)


async def by_approvals(tx: Tx, uris: Many[str]) -> list[Item]:
    """The items that these authorizations allow."""
    return await tx.all(_BY_APPROVALS, uris=list(uris)) if uris else []


async def by_item_uri(tx: Tx, id: int, uri: str) -> Item | None:
    """The item of a collection with this ActivityPub id."""
    return await tx.one(_BY_ITEM_URI, collection_is=id, uri_is=uri)


async def next_position(tx: Tx, id: int) -> int:
    """Where another item goes."""
    return (await tx.one(_LAST, collection_is=id) or 0) + 1


async def insert_item(tx: Tx, new: Item) -> bool:
    """Keep an item; False where the account is in the collection already."""
    values = {name: getattr(new, name) for name in Item.__struct_fields__}
    return await tx.run(_PUT_ITEM, **values, updated_at=tx.now) > 0


async def change_item(tx: Tx, id: int, **values: Any) -> None:
    """Set columns of an item."""
    values["updated_at"] = tx.now
    names = sorted(values)
    await tx.run(_update("items", *names), id_is=id, **{f"new_{name}": values[name] for name in names})


async def remove_item(tx: Tx, id: int) -> None:
    """Take an item out."""
    await tx.run(_REMOVE_ITEM, id_is=id)


async def remove_unanswered(tx: Tx, before: datetime) -> int:
    """Forget who was asked before and refused, or never answered; how many."""
    return await tx.run(_REMOVE_OLD, before=before)


async def concern(tx: Tx, uris: Many[str]) -> bool:
    """Whether one of these is a collection known here, or the proof that somebody agreed to be in one."""
    return bool(await by_uris(tx, uris)) or bool(await by_approvals(tx, uris))


# Who asks --------------------------------------------------------------------------------------------


class Between(Struct, frozen=True):
    """How somebody stands to others."""

    blocked: set[AccountId]
    blocking: set[AccountId]
    """Those who block them."""
    followed: set[AccountId]
    followers: set[AccountId]


async def blocked_among(tx: Tx, account_id: int, ids: Many[int]) -> set[AccountId]:
    """Those of these accounts that somebody blocks."""
    return set(await tx.all(_REFUSED, account_is=account_id, ids=list(ids))) if ids else set()


async def between(tx: Tx, account_id: int, ids: Many[int]) -> Between:
    """How somebody stands to these accounts."""
    wanted = list(ids)
    found = [
        set(await tx.all(query, account_is=account_id, ids=wanted)) if wanted else set()
        for query in (_REFUSED, _REFUSING, _FOLLOWED, _FOLLOWING)
    ]
    return Between(*found)


# What was told ---------------------------------------------------------------------------------------

_NOTICE = Statement(put_once(collection_notices, "notification_id", "collection_id"))
_TOLD = Query(
    row,
    select(collection_notices.c.notification_id, collection_notices.c.collection_id).where(
        any_of(collection_notices.c.notification_id, "ids")
    ),
)
_FORGET = Statement(
    delete(told).where(
        told.c.account_id == _account,
        told.c.type == bindparam("type_is", type_=Text),
        told.c.id.in_(
            select(collection_notices.c.notification_id).where(collection_notices.c.collection_id == _within)
        ),
    )
)


async def notice(tx: Tx, notification_id: int, id: int) -> None:
    """Say which collection a notification tells of."""
    await tx.run(_NOTICE, notification_id=notification_id, collection_id=id)


async def told_of(tx: Tx, notification_ids: Many[int]) -> dict[int, int]:
    """Collections by the notifications that tell of them."""
    found = await tx.all(_TOLD, ids=list(notification_ids)) if notification_ids else []
    return {int(notification): int(id) for notification, id in found}


async def forget_told(tx: Tx, account_id: int, type: str, id: int) -> None:
    """Take back what somebody was told of a collection."""
    await tx.run(_FORGET, account_is=account_id, type_is=type, collection_is=id)
