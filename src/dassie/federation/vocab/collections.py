"""Collections and their pages: outboxes, followers, pinned posts, replies."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from dassie.federation.vocab.documents import Doc, Malformed, plain
from dassie.federation.vocab.values import Ref, count, http_id, many, reference, type_of

MAX_ITEMS = 1000
PAGES = frozenset({"CollectionPage", "OrderedCollectionPage"})
COLLECTIONS = frozenset({"Collection", "OrderedCollection"}) | PAGES


class CollectionDoc(Struct, frozen=True):
    """A collection, or one page of it. Items may be ids or whole documents."""

    uri: str | None
    type: str
    total: int | None
    items: tuple[Ref, ...]
    first: str | None
    """URL of the first page; also set where that page is embedded and has an id."""
    first_page: CollectionDoc | None
    """The first page where it is embedded."""
    next: str | None
    part_of: str | None

    @property
    def is_page(self) -> bool:
        return self.type in PAGES

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Ids of the items that have one, once each."""
        return tuple(dict.fromkeys(item.id for item in self.items if item.id))


def read_collection(doc: Doc, *, limit: int = MAX_ITEMS) -> CollectionDoc:
    """A collection or page with at most `limit` items. Raises `Malformed` where it is neither."""
    return _read(plain(doc), limit, embedded=True)


def read_page(doc: Doc, *, limit: int = MAX_ITEMS) -> CollectionDoc:
    """A page, or a collection that carries its items itself. Raises `Malformed` for anything else."""
    found = read_collection(doc, limit=limit)
    if not found.is_page and not found.items and found.first:
        raise Malformed("The collection is not a page and has no items")
    return found


def total_of(value: Any) -> int | None:
    """`totalItems` of an embedded collection, such as `likes`; None for a bare id."""
    return count(value.get("totalItems")) if type(value) is dict else None


def _read(doc: Doc, limit: int, *, embedded: bool) -> CollectionDoc:
    type_name = type_of(doc, COLLECTIONS)
    if type_name not in COLLECTIONS:
        raise Malformed("The document is not a collection")
    items = doc.get("orderedItems")
    if items is None:
        items = doc.get("items")
    first = doc.get("first")
    first_page = None
    if embedded and type(first) is dict and type_of(first, COLLECTIONS) in COLLECTIONS:
        first_page = _read(first, limit, embedded=False)
    return CollectionDoc(
        uri=http_id(doc.get("id")),
        type=type_name,
        total=count(doc.get("totalItems")),
        items=tuple(item for entry in many(items, limit) if _is_item(item := reference(entry))),
        first=http_id(first),
        first_page=first_page,
        next=http_id(doc.get("next")),
        part_of=http_id(doc.get("partOf")),
    )


def _is_item(item: Ref) -> bool:
    return item.id is not None or item.doc is not None
