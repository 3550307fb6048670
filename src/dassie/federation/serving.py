"""How documents go out: encoded once, and cacheable where everybody may read them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import msgspec

from dassie.federation.outbound.terms import Doc, with_context
from dassie.federation.routing import Document, Visit
from dassie.server import PerServer

KEPT_BYTES = 8_000_000
OPEN = "public, max-age=60"
CLOSED = "private, max-age=0"

_encode = msgspec.json.Encoder().encode


class EncodedDocuments:
    """Encoded documents by key, the least used forgotten first; a boosted post brings thousands of readers."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()

    def get(self, key: tuple[Any, ...]) -> bytes | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: tuple[Any, ...], made: bytes) -> None:
        """Keep a document. One that is there already under this key is replaced: it was read no later."""
        self._size += len(made) - len(self._kept.pop(key, b""))
        self._kept[key] = made
        while self._size > self._most:
            _, old = self._kept.popitem(last=False)
            self._size -= len(old)


kept_by = PerServer(lambda _: EncodedDocuments())
"""What this running server has encoded."""


def encode(doc: Doc) -> bytes:
    """A document ready to be sent."""
    return _encode(doc)


def serve(visit: Visit, made: bytes | Doc, *shows: int, everybody: bool = True) -> Document:
    """The answer with a document. `shows`: ids of the status or account asked for, and of all that it is made of.

    `everybody` may read it: then caches may keep it, and so do we.
    """
    shared = everybody and not visit.server.config.authorized_fetch
    headers = [("vary", "Accept, Signature"), ("cache-control", OPEN if shared else CLOSED)]
    body = made if isinstance(made, bytes) else encode(made)
    return Document(body, headers=headers, shows=shows if shared else None)


def gone(doc: Doc) -> Document:
    """The answer for what was deleted: its tombstone. It never comes back."""
    return Document(doc, 410, headers=[("vary", "Accept, Signature")], shows=())


def moved_to_page(url: str) -> Document:
    """The answer for people who opened a server's address."""
    return Document(b"", 302, "text/plain; charset=utf-8", [("location", url), ("vary", "Accept")])


def collection(uri: str, total: int, *, paged: bool = True, ordered: bool = True) -> Doc:
    """A collection that is read page by page, or not at all."""
    doc: Doc = {"id": uri, "type": "OrderedCollection" if ordered else "Collection", "totalItems": total}
    if paged:
        doc["first"] = f"{uri}?page=true"
    return with_context(doc)


def page(uri: str, page_id: str, items: list[Any], following: str | None, context: Any, *, ordered: bool = True) -> Doc:
    """One page of a collection."""
    kind, name = ("OrderedCollectionPage", "orderedItems") if ordered else ("CollectionPage", "items")
    doc: Doc = {"id": page_id, "type": kind, "partOf": uri, name: items}
    if following:
        doc["next"] = following
    return with_context(doc, context)
