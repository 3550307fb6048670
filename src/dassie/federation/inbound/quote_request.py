"""QuoteRequest: somebody elsewhere wants to quote one of ours, and waits for yes or no (FEP-044f)."""

from __future__ import annotations

from contextlib import suppress

from dassie.domain.errors import NotAllowed, NotFound
from dassie.federation.inbound import posts
from dassie.federation.inbound.registry import Dropped, Received, actor_of, inbound, last_change
from dassie.federation.receiving import fits, own_status_uri, quoted_uri
from dassie.federation.vocab.documents import Malformed
from dassie.federation.vocab.notes import NoteDoc
from dassie.federation.vocab.values import same_host
from dassie.server import Server
from dassie.services import quoting
from dassie.store import statuses
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow


@inbound("QuoteRequest")
async def on_quote_request(server: Server, received: Received) -> None:
    """Answer by the policy of the quoted status. The quote itself comes along, or is asked for; asked again, it is
    answered again."""
    activity = received.activity
    if activity.id is None or not fits(activity.id) or not same_host(activity.id, activity.actor):
        raise Dropped("no_id")  # it could not be answered
    if not received.by_actor:
        raise Dropped("passed_on")
    uri = own_status_uri(server.urls, activity.object_id or "")
    async with server.read() as tx:
        known = await statuses.by_uri(tx, uri)
    if known is None or not known.local:
        raise Dropped("unknown_object")
    note = await _quote(server, received)
    async with last_change(server) as tx:
        quoter = await actor_of(tx, received)
        quoted = await statuses.by_uri(tx, uri)
        if quoted is None:
            raise Dropped("unknown_object")
        row = await _stored(tx, server, note, quoter, uri) if note is not None else None
        named = note.uri if note is not None else activity.instrument.id or ""
        await quoting.receive_request(tx, server, quoter, quoted, row, named, activity.id)


async def _quote(server: Server, received: Received) -> NoteDoc | None:
    """The post that is to quote; None where it cannot be read, or is not the asker's own."""
    try:
        note = await posts.note_of(server, received, received.activity.instrument)
    except (Dropped, Malformed, NotFound, NotAllowed):
        return None
    return note if received.activity.actor in note.authors else None


async def _stored(tx: Tx, server: Server, note: NoteDoc, quoter: AccountView, uri: str) -> StatusRow | None:
    """The quoting status here, where it really quotes that one."""
    if quoted_uri(server.urls, note) != uri:
        return None
    row = await statuses.by_uri(tx, note.uri)
    if row is None:
        with suppress(Dropped):  # its Create may have come at the same time
            await posts.take_new(tx, server, note, quoter)
        row = await statuses.by_uri(tx, note.uri)
    return row
