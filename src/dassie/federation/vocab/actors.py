"""Actors: people, bots, groups and servers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from dassie.federation.vocab.attachments import PictureDoc, read_picture
from dassie.federation.vocab.documents import Doc, Malformed, plain
from dassie.federation.vocab.policies import InteractionPolicy, read_policy
from dassie.federation.vocab.tags import EmojiDoc, HashtagDoc, read_tags
from dassie.federation.vocab.values import (
    flag,
    host_of,
    http_id,
    line,
    many,
    objects,
    optional_flag,
    page_url,
    refs,
    same_host,
    single_http_id,
    text,
    type_of,
    types_of,
    when,
)

ACTORS = frozenset({"Person", "Service", "Group", "Application", "Organization"})
MAX_NAME = 2048
MAX_SUMMARY = 20_000
MAX_FIELDS = 50
MAX_FIELD = 2047
MAX_ALIASES = 256
MAX_KEYS = 10
MAX_PEM = 10_000


class KeyDoc(Struct, frozen=True):
    """A public key: either RSA as PEM or a Multikey (`z…`), the other is empty."""

    key_id: str
    owner: str
    pem: str = ""
    multibase: str = ""


class FieldDoc(Struct, frozen=True):
    """A profile field: plain name, raw HTML value."""

    name: str
    value_html: str


class ActorDoc(Struct, frozen=True, kw_only=True):
    """An actor as its document tells it. `summary` and field values are raw HTML."""

    uri: str
    type: str
    domain_of_id: str
    username: str
    """`preferredUsername`; empty where missing. Only WebFinger proves the handle."""
    webfinger: str | None
    """The full handle `user@host` it claims (FEP-2c59)."""
    name: str
    summary: str
    url: str | None
    """Its page; only where it is on the host of the id, else use `page_url` as a plain link."""
    page_url: str | None
    inbox: str
    outbox: str | None
    shared_inbox: str | None
    followers: str | None
    following: str | None
    featured: str | None
    featured_tags: str | None
    featured_collections: str | None
    icon: PictureDoc | None
    image: PictureDoc | None
    fields: tuple[FieldDoc, ...]
    emojis: tuple[EmojiDoc, ...]
    hashtags: tuple[HashtagDoc, ...]
    locked: bool
    discoverable: bool | None
    """None where nothing was said, which means no."""
    indexable: bool
    memorial: bool
    suspended: bool
    tombstone: bool
    """The account moved away or was deleted, and says so itself (FEP-e965)."""
    also_known_as: tuple[str, ...]
    """Ids of any scheme; only good for comparing."""
    moved_to: str | None
    attribution_domains: tuple[str, ...]
    published: datetime | None
    updated: datetime | None
    keys: tuple[KeyDoc, ...]
    """At most ten, all of the host of the id and owned by this actor."""
    policy: InteractionPolicy | None
    show_featured: bool | None
    show_media: bool | None
    show_replies_in_media: bool | None

    @property
    def is_bot(self) -> bool:
        return self.type in ("Service", "Application")

    @property
    def is_group(self) -> bool:
        return self.type == "Group"


def read_actor(doc: Doc, *, now: datetime | None = None) -> ActorDoc:
    """The actor in `doc`; raises `Malformed` for another type, or without http(s) id or inbox.

    Long texts are cut and foreign or half-given keys left out; the rest stays usable.
    """
    doc = plain(doc)
    type_name = type_of(doc, ACTORS)
    uri = http_id(doc.get("id"))
    inbox = http_id(doc.get("inbox"))
    if type_name not in ACTORS:
        raise Malformed("The document is not an actor")
    if uri is None:
        raise Malformed("The actor has no id")
    if inbox is None:
        raise Malformed("The actor has no inbox")
    return _actor(doc, type_name, uri, inbox, now)


def read_keys(doc: Doc) -> tuple[KeyDoc, ...]:
    """The keys in an actor document, in GoToSocial's stub of one, or the key a bare key document is.

    A stub or bare key names its owner, who must still be fetched and list the key.
    """
    doc = plain(doc)
    uri = http_id(doc.get("id"))
    if uri is None:
        return ()
    if doc.get("publicKeyPem") or doc.get("publicKeyMultibase"):
        owner = http_id(doc.get("owner") or doc.get("controller"))
        key = _key(doc, owner) if owner else None
        return (key,) if key else ()
    return _keys(doc, uri)


def _actor(doc: Doc, type_name: str, uri: str, inbox: str, now: datetime | None) -> ActorDoc:
    tags = read_tags(doc.get("tag"))
    page = page_url(doc.get("url"))
    published = when(doc.get("published"), now=now)
    return ActorDoc(
        uri=uri,
        type=type_name,
        domain_of_id=host_of(uri),
        username=line(doc.get("preferredUsername"), MAX_NAME),
        webfinger=_handle(doc.get("webfinger")),
        name=line(doc.get("name"), MAX_NAME),
        summary=text(doc.get("summary"), MAX_SUMMARY),
        url=page if same_host(page, uri) else None,
        page_url=page,
        inbox=inbox,
        outbox=http_id(doc.get("outbox")),
        shared_inbox=_shared_inbox(doc),
        followers=http_id(doc.get("followers")),
        following=http_id(doc.get("following")),
        featured=http_id(doc.get("featured")),
        featured_tags=http_id(doc.get("featuredTags")),
        featured_collections=http_id(doc.get("featuredCollections")),
        icon=read_picture(doc.get("icon")),
        image=read_picture(doc.get("image")),
        fields=_fields(doc.get("attachment")),
        emojis=tags.emojis,
        hashtags=tags.hashtags,
        locked=flag(doc.get("manuallyApprovesFollowers")),
        discoverable=optional_flag(doc.get("discoverable")),
        indexable=flag(doc.get("indexable")),
        memorial=flag(doc.get("memorial")),
        suspended=flag(doc.get("suspended")),
        tombstone="Tombstone" in types_of(doc),
        also_known_as=refs(doc.get("alsoKnownAs"), MAX_ALIASES),
        moved_to=_moved_to(doc, uri),
        attribution_domains=_domains(doc.get("attributionDomains")),
        published=published,
        updated=when(doc.get("updated"), now=now),
        keys=_keys(doc, uri),
        policy=read_policy(doc.get("interactionPolicy")),
        show_featured=optional_flag(doc.get("showFeatured")),
        show_media=optional_flag(doc.get("showMedia")),
        show_replies_in_media=optional_flag(doc.get("showRepliesInMedia")),
    )


def _shared_inbox(doc: Doc) -> str | None:
    endpoints = doc.get("endpoints")
    nested = http_id(endpoints.get("sharedInbox")) if type(endpoints) is dict else None
    return nested or http_id(doc.get("sharedInbox"))


def _moved_to(doc: Doc, uri: str) -> str | None:
    """One id. Moved and copied at once is a contradiction (FEP-e965): then neither counts."""
    target = single_http_id(doc.get("movedTo"))
    return None if target == uri or doc.get("copiedTo") is not None else target


def _handle(value: Any) -> str | None:
    found = line(value, 500).removeprefix("acct:").removeprefix("@")
    user, _, host = found.partition("@")
    return found if user and host and host_of(f"https://{host}/") else None


def _fields(value: Any) -> tuple[FieldDoc, ...]:
    """PropertyValue entries; Takahe sends a single object."""
    found = []
    for entry in objects(value, 4 * MAX_FIELDS):
        if "PropertyValue" in types_of(entry):
            name, shown = line(entry.get("name"), MAX_FIELD), text(entry.get("value"), MAX_FIELD)
            if name or shown:
                found.append(FieldDoc(name, shown))
    return tuple(found[:MAX_FIELDS])


def _domains(value: Any) -> tuple[str, ...]:
    """Host names that may credit this author in link previews."""
    names = (line(entry, 300).lower() for entry in many(value, MAX_ALIASES))
    return tuple(dict.fromkeys(found for name in names if name and (found := host_of(f"https://{name}/"))))


def _keys(doc: Doc, uri: str) -> tuple[KeyDoc, ...]:
    """Keys whose id is on our host and whose owner, where named, is this actor."""
    found: dict[str, KeyDoc] = {}
    for name in ("publicKey", "assertionMethod", "authentication"):
        for entry in objects(doc.get(name), MAX_KEYS):
            key = _key(entry, uri)
            if key and len(found) < MAX_KEYS:
                found.setdefault(key.key_id, key)
    return tuple(found.values())


def _key(entry: Doc, owner: str) -> KeyDoc | None:
    key_id = http_id(entry.get("id"))
    named = entry.get("owner") or entry.get("controller")
    pem = text(entry.get("publicKeyPem"), MAX_PEM).strip()
    multibase = text(entry.get("publicKeyMultibase"), MAX_PEM).strip()
    if key_id is None or not same_host(key_id, owner) or not (pem or multibase):
        return None
    if named is not None and http_id(named) != owner:
        return None
    return KeyDoc(key_id, owner, pem, "" if pem else multibase)
