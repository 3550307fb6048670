"""Collections of recommended accounts, who is in them, and the proofs that they agreed (FEP-7aa9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from dassie.domain.collections import MAX_DESCRIPTION_ELSEWHERE, MAX_NAME_ELSEWHERE, MOST_ITEMS_ELSEWHERE
from dassie.domain.languages import valid_language
from dassie.federation.vocab.documents import Doc, Malformed, plain
from dassie.federation.vocab.values import count, flag, http_id, line, many, page_url, same_host, text, types_of, when

TYPE = "FeaturedCollection"
MAX_TAG = 200


class CuratedItemDoc(Struct, frozen=True):
    """Somebody in a collection. Of an item that is only named, all but `uri` is empty."""

    uri: str
    object_uri: str = ""
    authorization_uri: str = ""
    published: datetime | None = None


class CuratedDoc(Struct, frozen=True, kw_only=True):
    """A collection as its document tells it; the summary is raw HTML."""

    uri: str
    owner: str
    url: str | None
    name: str
    summary: str
    language: str | None
    topic: str
    sensitive: bool
    discoverable: bool
    total: int
    published: datetime | None
    updated: datetime | None
    items: tuple[CuratedItemDoc, ...]
    """At most 150."""


class AuthorizationDoc(Struct, frozen=True):
    """The proof that an actor agreed to be in a collection."""

    collection: str
    actor: str


def is_curated(doc: Any) -> bool:
    """Whether a document is such a collection."""
    return type(doc) is dict and TYPE in types_of(doc)


def read_curated(doc: Doc, *, now: datetime | None = None) -> CuratedDoc:
    """The collection in `doc`; raises `Malformed` for another type, and without id or an owner on the same host."""
    doc = plain(doc)
    uri, owner = http_id(doc.get("id")), http_id(doc.get("attributedTo"))
    if not is_curated(doc):
        raise Malformed("The document is not a collection of accounts")
    if uri is None or owner is None or not same_host(uri, owner):
        raise Malformed("The collection has no id or no owner on its host")
    summary, language = _summary(doc)
    topic = doc.get("topic")
    discoverable = doc.get("discoverable")
    return CuratedDoc(
        uri=uri,
        owner=owner,
        url=page_url(doc.get("url")),
        name=line(doc.get("name"), MAX_NAME_ELSEWHERE),
        summary=summary,
        language=language,
        topic=line(topic.get("name"), MAX_TAG).lstrip("#＃") if type(topic) is dict else "",
        sensitive=flag(doc.get("sensitive")),
        discoverable=True if discoverable is None else flag(discoverable),
        total=count(doc.get("totalItems")) or 0,
        published=when(doc.get("published"), now=now),
        updated=when(doc.get("updated"), now=now),
        items=tuple(_items(doc, uri, now)),
    )


def read_item(value: Any, collection_uri: str, *, now: datetime | None = None) -> CuratedItemDoc | None:
    """An item, or one that is only named; None for what has no id on the collection's host."""
    uri = http_id(value)
    if uri is None or not same_host(uri, collection_uri):
        return None
    if type(value) is not dict:
        return CuratedItemDoc(uri)
    actor = http_id(value.get("featuredObject"))
    if "FeaturedItem" not in types_of(value) or actor is None:
        return None
    proof = http_id(value.get("featureAuthorization"))
    return CuratedItemDoc(uri, actor, proof or "", when(value.get("published"), now=now))


def read_authorization(doc: Doc) -> AuthorizationDoc:
    """The proof in `doc`; raises `Malformed` for anything else."""
    doc = plain(doc)
    collection, actor = http_id(doc.get("interactingObject")), http_id(doc.get("interactionTarget"))
    if "FeatureAuthorization" not in types_of(doc) or collection is None or actor is None:
        raise Malformed("The document is no authorization to feature")
    return AuthorizationDoc(collection, actor)


def _summary(doc: Doc) -> tuple[str, str | None]:
    by_language = doc.get("summaryMap")
    if type(by_language) is dict and by_language:
        language, summary = next(iter(by_language.items()))
        return text(summary, MAX_DESCRIPTION_ELSEWHERE), valid_language(language)
    return text(doc.get("summary"), MAX_DESCRIPTION_ELSEWHERE), None


def _items(doc: Doc, uri: str, now: datetime | None) -> list[CuratedItemDoc]:
    found = doc.get("orderedItems")
    if found is None and type(first := doc.get("first")) is dict:
        found = first.get("orderedItems")
    read = (read_item(entry, uri, now=now) for entry in many(found, MOST_ITEMS_ELSEWHERE))
    return list({item.uri: item for item in read if item is not None}.values())
