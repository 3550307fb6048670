"""Collections of recommended accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NotRequired, TypedDict

from dassie.api.entities.accounts import Account
from dassie.api.entities.shapes import Html, Id, Stamp, Url, Words
from dassie.api.entities.values import stamp
from dassie.domain.html import escape
from dassie.domain.text import normalise_tag
from dassie.domain.urls import Urls
from dassie.services import collected
from dassie.store import collections
from dassie.store.collections import Item
from dassie.store.tx import Tx


class ShallowTag(TypedDict):
    """A hashtag without figures."""

    name: str
    url: Url


class CollectionItem(TypedDict):
    """Somebody in a collection; only its owner sees who has not agreed yet."""

    id: Id
    account_id: NotRequired[Id | None]
    state: Annotated[str, Words("pending", "accepted")]
    created_at: Stamp


class Collection(TypedDict):
    """People whom somebody recommends."""

    id: Id
    account_id: Id
    uri: Url
    url: Url | None
    name: str
    description: Html
    language: str | None
    local: bool
    sensitive: bool
    discoverable: bool
    tag: ShallowTag | None
    created_at: Stamp
    updated_at: Stamp
    item_count: int
    items: list[CollectionItem]


class Collections(TypedDict):
    """Several collections."""

    collections: list[Collection]


class WrappedCollection(TypedDict):
    """A collection alone."""

    collection: Collection


class WrappedCollectionItem(TypedDict):
    """An item alone."""

    collection_item: CollectionItem


class CollectionWithAccounts(TypedDict):
    """A collection with its owner and who is in it."""

    accounts: list[Account]
    collection: Collection


async def show_collections(
    tx: Tx, found: Sequence[collections.Collection], urls: Urls, viewer: int | None
) -> list[Collection]:
    """Collections with their items as far as the viewer may see them."""
    members = await collected.members(tx, found, viewer)
    return [_show(one, members[one.id], urls) for one in found]


def show_item(one: Item) -> CollectionItem:
    """An item."""
    return {
        "id": str(one.id),
        "account_id": str(one.account_id) if one.account_id is not None else None,
        "state": one.state,
        "created_at": stamp(one.created_at),
    }


def _show(one: collections.Collection, items: Sequence[Item], urls: Urls) -> Collection:
    normalised = normalise_tag(one.tag)
    return {
        "id": str(one.id),
        "account_id": str(one.account_id),
        "uri": one.uri,
        "url": one.url or one.uri,
        "name": one.name,
        "description": escape(one.description) if one.local else one.description,
        "language": one.language,
        "local": one.local,
        "sensitive": one.sensitive,
        "discoverable": one.discoverable,
        "tag": {"name": one.tag, "url": urls.tag(normalised)} if normalised else None,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "item_count": len(items),
        "items": [show_item(item) for item in items],
    }
