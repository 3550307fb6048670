"""Our accounts and statuses for other servers, at the address that is their id and at that of their page."""

from __future__ import annotations

from dassie.domain.audience import REBLOGGABLE
from dassie.domain.errors import Gone, NotFound
from dassie.door.negotiation import wants_page
from dassie.federation.outbound import building
from dassie.federation.outbound.activities import tombstone
from dassie.federation.outbound.actors import render_actor
from dassie.federation.outbound.terms import NOTE_CONTEXT, Doc, with_context
from dassie.federation.owners import may_read, owner, status_of
from dassie.federation.readers import check_open, must_be_known, reader_of
from dassie.federation.routing import Document, Visit, get
from dassie.federation.serving import encode, gone, kept_by, moved_to_page, serve
from dassie.federation.signing import signed_http
from dassie.server import Server
from dassie.services import keys
from dassie.store import outgoing
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow

# Actors ----------------------------------------------------------------------------------------------


@get("/actor")
async def instance_actor(visit: Visit) -> Document:
    """The server's own actor. It never asks who reads: two servers that both did would wait for each other."""
    account = await keys.instance_actor(visit.server)
    return serve(visit, await actor_document(visit.server, account), account.id)


@get("/users/{username}")
async def actor(visit: Visit, username: str) -> Document:
    """An account of ours; browsers are sent to its page."""
    if wants_page(visit.request):
        return moved_to_page(visit.server.urls.profile(username))
    return await _actor(visit, username)


@get("/@{username}", accept="activity")
async def actor_at_page(visit: Visit, username: str) -> Document:
    """The same at the address of its page."""
    return await _actor(visit, username)


async def _actor(visit: Visit, username: str) -> Document:
    await check_open(visit)
    try:
        async with visit.server.read() as tx:
            account = await owner(tx, username, even_suspended=True)
    except Gone as was:
        return gone(tombstone(str(was.details["uri"])))
    return serve(visit, await actor_document(visit.server, account), account.id)


async def actor_document(server: Server, account: AccountView) -> bytes:
    """The actor document of an account of ours, encoded; kept until the account changes."""
    key = ("actor", account.id, account.rev)
    found = kept_by(server).get(key)
    if found is None:
        public_key = await signed_http(server).public_key(account.id)
        async with server.read() as tx:
            known = await outgoing.known(tx, account.id)
        found = encode(render_actor(account, known, public_key, server.urls))
        kept_by(server).put(key, found)
    return found


# Statuses --------------------------------------------------------------------------------------------


@get("/users/{username}/statuses/{id}")
async def status(visit: Visit, username: str, id: str) -> Document:
    """A status of ours; browsers are sent to its page."""
    if wants_page(visit.request):
        return moved_to_page(f"{visit.server.urls.profile(username)}/{id}")
    return await _status(visit, username, id)


@get("/@{username}/{id}", accept="activity")
async def status_at_page(visit: Visit, username: str, id: str) -> Document:
    """The same at the address of its page."""
    return await _status(visit, username, id)


@get("/users/{username}/statuses/{id}/activity")
async def status_activity(visit: Visit, username: str, id: str) -> Document:
    """The Create of a status, or the Announce of a reblog."""
    row = await readable(visit, username, id)
    async with visit.server.read() as tx:
        doc = await building.activity_of(tx, visit.server.urls, row)
    if doc is None:
        raise NotFound
    return serve(visit, doc, *_made_of(row), everybody=row.visibility in REBLOGGABLE)


async def _status(visit: Visit, username: str, id: str) -> Document:
    try:
        row = await readable(visit, username, id)
    except Gone as was:
        return gone(tombstone(str(was.details["uri"])))
    made = await status_document(visit.server, row)
    return serve(visit, made, *_made_of(row), everybody=row.visibility in REBLOGGABLE)


def _made_of(row: StatusRow) -> tuple[int, ...]:
    """The status, its author, and of a reblog the status it shows."""
    return (row.id, row.account_id, *([row.reblog_of_id] if row.reblog_of_id is not None else []))


async def status_document(server: Server, row: StatusRow) -> bytes:
    """The document of a status of ours (of a reblog: its Announce), encoded; kept until it changes."""
    key = ("status", row.id, row.rev)
    found = kept_by(server).get(key)
    if found is None:
        async with server.read() as tx:
            doc = await _document(tx, server, row)
        found = encode(doc)
        if not row.has_poll:  # a poll ends without anything being changed
            kept_by(server).put(key, found)
    return found


async def _document(tx: Tx, server: Server, row: StatusRow) -> Doc:
    if row.reblog_of_id is None:
        return with_context(await building.note_of(tx, server.urls, row), NOTE_CONTEXT)
    doc = await building.announce_of(tx, server.urls, row)
    if doc is None:
        raise NotFound
    return doc


async def readable(visit: Visit, username: str, id: str) -> StatusRow:
    """The status, where who asks may read it. What may not be read answers as if it were not there.

    Raises `NotFound`, `Gone`, and where others must sign `NotAuthenticated` or `NotAllowed`.
    """
    server = visit.server
    reader = await must_be_known(visit) if server.config.authorized_fetch else None
    async with server.read() as tx:
        row = await status_of(tx, server, await owner(tx, username), id)
        if await may_read(tx, row, reader):
            return row
    if reader is None and row.visibility not in REBLOGGABLE:
        reader = await reader_of(visit)
        if reader is not None:
            async with server.read() as tx:
                if await may_read(tx, row, reader):
                    return row
    raise NotFound
