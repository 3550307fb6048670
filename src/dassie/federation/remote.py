"""What other servers have, taken in here: look, fetch, write; one flight for all who want the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import structlog

from dassie.config import Config
from dassie.domain.arrivals import Reason
from dassie.domain.errors import NotAllowed, NotFound, RemoteFailed
from dassie.domain.html import to_text
from dassie.domain.ids import AccountId, StatusId, new_id
from dassie.domain.urls import Urls
from dassie.federation import handles, receiving, receiving_collections
from dassie.federation.origin import ACCEPT_PAGE, Found, Origin, alternate, document_of
from dassie.federation.signing import signed_http
from dassie.federation.vocab.activities import ACTIVITIES
from dassie.federation.vocab.actors import ACTORS, ActorDoc, read_actor, read_keys
from dassie.federation.vocab.collections import CollectionDoc, read_collection
from dassie.federation.vocab.curated import is_curated, read_curated
from dassie.federation.vocab.documents import Doc, Malformed
from dassie.federation.vocab.notes import NoteDoc, read_note
from dassie.federation.vocab.tags import is_activity_media_type
from dassie.federation.vocab.values import host_of, reference, same_host, type_of
from dassie.federation.vocab.webfinger import parse_handle
from dassie.ports import Clock, Http
from dassie.server import Server
from dassie.services import blocking_servers, checking_links, keys
from dassie.services.writing import write_status
from dassie.store import accounts, collections, materials, search, senders, statuses
from dassie.store.tx import Database, Tx

log = structlog.get_logger("remote")

T = TypeVar("T")
Kind = Literal["account", "status", "collection"]

MAX_COLLECTED = 100
"""Items that are read of a collection."""


class RemoteServers:
    """Implements `ports.Remote`. `attach` gives it the server it belongs to, once that is built."""

    def __init__(self, config: Config, secret: bytes, urls: Urls, db: Database, clock: Clock, http: Http) -> None:
        self.config = config
        self.secret = secret
        self.urls = urls
        self.db = db
        self.clock = clock
        self.http = http
        self.origin = Origin(signed_http(self), http, db, clock)
        self._server: Server | None = None
        self._signs = False
        self._flights: dict[tuple[str, str], asyncio.Task[Any]] = {}

    def attach(self, server: Server) -> None:
        """What is fetched is written by the services of this server."""
        self._server = server

    async def close(self) -> None:
        """End what is under way; before the HTTP client closes."""
        for task in list(self._flights.values()):
            task.cancel()
        await asyncio.gather(*self._flights.values(), return_exceptions=True)
        await self.origin.close()

    # Accounts --------------------------------------------------------------------------------------------

    async def account(self, uri: str, *, fresh: bool = False) -> AccountId:
        """The account with this actor id; fetched where unknown, or in any case when `fresh`."""
        async with self.db.read() as tx:
            known = await senders.sender(tx, receiving.own_actor_uri(self.urls, uri), _domain(uri))
        if known is not None:
            if known.suspended_at is not None or (known.domain and known.server_suspended):
                raise NotAllowed("This account or its server is suspended here", uri=uri)
            if not known.domain or not fresh:
                return known.id
        self._not_ours(uri)
        return await self._together(("account", uri), lambda: self._fetch_account(uri, again=fresh))

    async def stranger(self, uri: str) -> AccountId:
        """The same for somebody nobody here asked for: only the actor document is fetched, its handle is taken on
        trust for the host of its id, and never that of somebody else."""
        async with self.db.read() as tx:
            known = await senders.sender(tx, uri, _domain(uri))
        if known is not None:
            return await self.account(uri)
        self._not_ours(uri)
        return await self._together(("account", uri), lambda: self._fetch_account(uri, again=False, thorough=False))

    async def account_by_handle(self, username: str, domain: str, *, fresh: bool = False) -> AccountId:
        """The account of `@username@domain`, by WebFinger where unknown."""
        username, domain = username.removeprefix("@"), domain.lower()
        own = domain in (self.urls.domain, urlsplit(self.urls.base).netloc)
        async with self.db.read() as tx:
            known = await accounts.by_name(tx, username, "" if own else domain)
        if known is not None and (own or not fresh):
            return known.id
        if own or parse_handle(f"{username}@{domain}") is None:
            raise NotFound
        return await self._together(
            ("handle", f"{username.lower()}@{domain}"), lambda: self._fetch_handle(username, domain, fresh)
        )

    async def _fetch_handle(self, username: str, domain: str, fresh: bool) -> AccountId:
        found = await handles.resolve(self.origin, username, domain)
        return await self.account(found.uris[0], fresh=fresh)

    async def _fetch_account(self, uri: str, *, again: bool, thorough: bool = True) -> AccountId:
        return await self.take_actor(await self._document(uri, again=again), thorough=thorough)

    async def take_actor(self, found: Found, *, thorough: bool = True) -> AccountId:
        """Store the actor in a document that its own server gave for its own id.

        Where it is not `thorough` nothing more is asked: the handle stays unproved until somebody looks.
        """
        try:
            actor = read_actor(found.doc, now=self.clock.now())
        except Malformed as error:
            raise RemoteFailed(error.safe, kind="malformed", uri=found.uri) from error
        if not same_host(actor.inbox, actor.uri) and host_of(actor.inbox) in self._own_hosts():
            raise RemoteFailed("The actor claims an inbox of ours", kind="malformed", uri=found.uri)
        handle = await self._known_handle(actor, thorough=thorough)
        if handle is None:
            handle = await handles.handle_of(self.origin, actor) if thorough else handles.on_trust(actor)
        if handle.domain in self._own_hosts():
            raise RemoteFailed("The actor claims a handle of ours", kind="malformed", uri=found.uri)
        async with self.db.read() as tx:
            if await senders.is_suspended(tx, handle.domain.partition(":")[0]):
                raise NotAllowed("We do not talk with this server", domain=handle.domain)
        async with self.db.write() as tx:
            return await self._store_actor(tx, actor, handle, trusted=not thorough)

    async def _known_handle(self, actor: ActorDoc, *, thorough: bool) -> handles.Handle | None:
        """The handle under which the actor is stored, where its document still claims that one.

        One that was never proved is proved now, if `thorough`; if not, the stored one stays in any case.
        """
        async with self.db.read() as tx:
            known = await accounts.by_uri(tx, actor.uri)
            on_trust = known is not None and await materials.is_trusted(tx, known.id)
        if known is None or (thorough and on_trust):
            return None
        if not thorough:
            return handles.Handle(known.username, known.domain, proved=not on_trust)
        claimed = parse_handle(actor.webfinger) if actor.webfinger else None
        username, domain = claimed or (actor.username, known.domain)
        if (username.lower(), domain) != (known.username.lower(), known.domain):
            return None
        return handles.Handle(known.username, known.domain, proved=True)

    async def _store_actor(self, tx: Tx, actor: ActorDoc, handle: handles.Handle, *, trusted: bool) -> AccountId:
        values = receiving.account_values(actor, tx.now)
        if not trusted:
            values["handle_trusted"] = False
        known = await accounts.by_uri(tx, actor.uri)
        holder = await accounts.by_name(tx, handle.username, handle.domain)
        if known is not None:
            values["fields"] = checking_links.still_proved(known.fields, values["fields"])
            if holder is None:  # the actor has a new handle
                values |= {"username": handle.username, "username_key": handle.username.lower()}
                values["domain"] = handle.domain
            await accounts.change(tx, known.id, **values)
            id = known.id
        elif holder is not None:
            if not handle.proved:
                raise RemoteFailed("The handle belongs to another actor", kind="malformed", uri=actor.uri)
            await senders.take_over(tx, holder.id, actor.uri)  # its domain says the handle leads here now
            await accounts.change(tx, holder.id, **values)
            id = holder.id
        else:
            id = AccountId(new_id(tx.now))
            await accounts.insert(
                tx,
                id=id,
                username=handle.username,
                domain=handle.domain,
                uri=actor.uri,
                created_at=actor.published or tx.now,
                **({"handle_trusted": trusted} | values | await blocking_servers.mark_of(tx, handle.domain)),
            )
        about = to_text(values["note"]) if values["discoverable"] else ""
        await search.index_account(tx, id, f"{handle.username} {values['display_name']}", about)
        await senders.replace_keys(tx, id, receiving.key_texts(actor))
        return id

    async def key_owner(self, key_id: str) -> str:
        """The actor whom the document of a key names as its owner; the owner is still to list the key."""
        answer = await self.origin.answer(key_id)
        found = read_keys(document_of(answer))
        owner = next((key.owner for key in found if key.key_id == key_id), None)
        owner = owner or next((key.owner for key in found), None)
        if owner is None or not same_host(owner, key_id) or host_of(answer.url) != host_of(key_id):
            raise RemoteFailed("The key has no owner on its host", kind="malformed", key_id=key_id)
        return owner

    # Statuses --------------------------------------------------------------------------------------------

    async def status(self, uri: str, *, reason: Reason = Reason.SEARCH, thorough: bool = True) -> StatusId:
        """The status with this object id; fetched where unknown, and then here for this reason.

        Where it is not `thorough` its author is a stranger, until somebody looks.
        """
        uri = receiving.own_status_uri(self.urls, uri)
        async with self.db.read() as tx:
            known = (await senders.known_statuses(tx, [uri])).get(uri)
            if known is None and await statuses.is_buried(tx, uri):
                raise NotFound("It was deleted", uri=uri)
        if known is not None:
            return known.id
        self._not_ours(uri)
        return await self._together(("status", uri), lambda: self._fetch_status(uri, reason, thorough))

    async def note(self, uri: str, *, again: bool = False) -> NoteDoc:
        """The post with this id as its own server gives it now."""
        return self._post(await self._document(uri, again=again))

    async def _fetch_status(self, uri: str, reason: Reason, thorough: bool) -> StatusId:
        return await self.take_note(self._post(await self._document(uri)), reason=reason, thorough=thorough)

    async def collection(self, uri: str, *, of: str, limit: int = MAX_COLLECTED) -> CollectionDoc:
        """A collection, or a page of one, that belongs to the thing with the id `of`: it must be on the same host."""
        if not same_host(uri, of):
            raise RemoteFailed("The collection is on another host", kind="malformed", uri=uri)
        await self._ensure_signer()
        answer = await self.origin.answer(uri)
        if host_of(answer.url) != host_of(of):
            raise RemoteFailed("The collection is on another host", kind="malformed", uri=uri)
        try:
            return read_collection(document_of(answer), limit=limit)
        except Malformed as error:
            raise RemoteFailed(error.safe, kind="malformed", uri=uri) from error

    def _post(self, found: Found) -> NoteDoc:
        doc = found.doc
        if type_of(doc, ACTIVITIES) == "Create":  # some answer with the activity around the post
            inner = reference(doc.get("object"))
            if inner.doc is None or not same_host(inner.id, found.uri):
                raise RemoteFailed("The document is an activity without its post", kind="malformed", uri=found.uri)
            doc = inner.doc
        try:
            note = read_note(doc, now=self.clock.now())
        except Malformed as error:
            raise RemoteFailed(error.safe, kind="malformed", uri=found.uri) from error
        if not note.is_supported:
            raise RemoteFailed("The document is nothing that can be shown as a post", kind="malformed", uri=found.uri)
        if not same_host(note.author, note.uri):
            raise RemoteFailed("The post has no author on its host", kind="malformed", uri=found.uri)
        return note

    async def take_note(self, note: NoteDoc, *, reason: Reason = Reason.SEARCH, thorough: bool = True) -> StatusId:
        """Store a post that was looked up: nobody is notified, no feed changes. `thorough` is about its author."""
        assert note.author is not None
        author_id = await (self.account(note.author) if thorough else self.stranger(note.author))
        assert self._server is not None
        async with self.db.write() as tx:
            known = await statuses.by_uri(tx, note.uri)
            if known is not None:
                return known.id
            author = await accounts.by_id(tx, author_id)
            if author is None or author.suspended_at is not None:
                raise NotAllowed("This account is suspended here")
            new = await receiving.new_status(tx, self.urls, note, author, live=False, reason=reason)
            row = await write_status(tx, self._server, new)
        if row is None:
            raise NotFound("It was deleted", uri=note.uri)
        return row.id

    # Collections of recommended accounts -------------------------------------------------------------------

    async def curated(self, uri: str, *, again: bool = False) -> int:
        """The collection with this id; fetched where unknown, or `again`."""
        async with self.db.read() as tx:
            known = await collections.by_uri(tx, uri)
        if known is not None and (known.local or not again):
            return known.id
        self._not_ours(uri)
        return await self._together(("curated", uri), lambda: self._fetch_curated(uri, again))

    async def _fetch_curated(self, uri: str, again: bool) -> int:
        return await self.take_curated((await self._document(uri, again=again)).doc)

    async def take_curated(self, doc: Doc, *, owner: str | None = None) -> int:
        """Store a collection in a document that its own server gave; `owner` is who must have made it."""
        try:
            read = read_curated(doc, now=self.clock.now())
        except Malformed as error:
            raise RemoteFailed(error.safe, kind="malformed") from error
        if owner is not None and read.owner != owner:
            raise RemoteFailed("The collection belongs to somebody else", kind="malformed", uri=read.uri)
        owner_id = await self.account(read.owner)
        async with self.db.write() as tx:
            account = await accounts.by_id(tx, owner_id)
            if account is None or account.local or account.suspended_at is not None:
                raise NotAllowed("This account is suspended here")
            return await receiving_collections.store(tx, self.urls, read, account)

    # Pasted addresses ------------------------------------------------------------------------------------

    async def resolve(self, url: str) -> tuple[Kind, int] | None:
        """What a pasted address (page or id) stands for, or None where it is neither."""
        url = url.strip()
        if not host_of(url):
            return None
        known = await self._known(url)
        if known is not None or host_of(url) in self._own_hosts():
            return known
        return await self._together(("resolve", url), lambda: self._look_up(url))

    async def _known(self, url: str) -> tuple[Kind, int] | None:
        own_status = receiving.own_status_uri(self.urls, url)
        own_actor = receiving.own_actor_uri(self.urls, url)
        async with self.db.read() as tx:
            if (status := (await senders.known_statuses(tx, [own_status])).get(own_status)) is not None:
                return "status", status.id
            account = await senders.sender(tx, own_actor, _domain(own_actor))
            if account is not None and account.suspended_at is None:
                return "account", account.id
            if (curated := await collections.by_uri(tx, url)) is not None:
                return "collection", curated.id
        return None

    async def _look_up(self, url: str) -> tuple[Kind, int] | None:
        try:
            answer = await self.origin.answer(url, accept=ACCEPT_PAGE)
        except NotFound:
            return None
        if not is_activity_media_type(answer.content_type):
            page = alternate(answer)
            if page is None or host_of(page) in self._own_hosts():
                return await self._known(page) if page else None
            return await self._known(page) or await self._take_any(await self._document(page))
        found = await self._document(url)
        return await self._known(found.uri) or await self._take_any(found)

    async def _take_any(self, found: Found) -> tuple[Kind, int] | None:
        if type_of(found.doc, ACTORS) in ACTORS:
            return "account", await self.take_actor(found)
        if is_curated(found.doc):
            return "collection", await self.take_curated(found.doc)
        try:
            note = self._post(found)
        except RemoteFailed:
            return None
        return "status", await self.take_note(note)

    # Asking ----------------------------------------------------------------------------------------------

    async def document(self, uri: str, *, again: bool = False) -> Found:
        """The document with this id, as its own server gives it; never one of ours."""
        return await self._document(uri, again=again)

    async def _document(self, uri: str, *, again: bool = False) -> Found:
        await self._ensure_signer()
        found = await self.origin.document(uri, again=again)
        if host_of(found.uri) in self._own_hosts():
            raise RemoteFailed("Another server shows a document of ours", kind="malformed", uri=uri)
        return found

    async def _ensure_signer(self) -> None:
        if not self._signs:
            await keys.instance_actor(self)
            self._signs = True

    async def _together(self, key: tuple[str, str], work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The outcome of `work`, done once for all who ask for `key` meanwhile."""
        task = self._flights.get(key)
        if task is None:
            task = self._flights[key] = asyncio.ensure_future(work())
            task.add_done_callback(lambda done: self._landed(key, done))
        outcome: T = await asyncio.shield(task)
        return outcome

    def _landed(self, key: tuple[str, str], task: asyncio.Task[Any]) -> None:
        self._flights.pop(key, None)
        if not task.cancelled():
            task.exception()  # who asked may be gone; then nobody else reads it

    def _not_ours(self, uri: str) -> None:
        if host_of(uri) in self._own_hosts():
            raise NotFound

    def _own_hosts(self) -> frozenset[str]:
        return frozenset({self.urls.domain, host_of(self.urls.base)})


def _domain(uri: str) -> str:
    return host_of(uri).partition(":")[0]


def remote_of(server: Server) -> RemoteServers:
    """The remote servers as this layer knows them, for what is not in the port."""
    if not isinstance(server.remote, RemoteServers):
        raise TypeError("the server was built without RemoteServers")
    return server.remote
