"""Announce: a boost, or a group passing on what its members do (FEP-1b12)."""

from __future__ import annotations

from msgspec import structs

from dassie.domain.audience import REBLOGGABLE
from dassie.federation.inbound import delete, posts
from dassie.federation.inbound.registry import Dropped, Received, actor_of, inbound, last_change
from dassie.federation.receiving import own_status_uri
from dassie.federation.remote import remote_of
from dassie.federation.vocab.activities import ActivityDoc
from dassie.federation.vocab.notes import read_note
from dassie.federation.vocab.values import Ref, same_host
from dassie.server import Server
from dassie.services import reblogging
from dassie.store import accounts, statuses
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow

MAX_OBJECTS = 10


@inbound("Announce")
async def on_announce(server: Server, received: Received) -> None:
    """Store the boost and show it to followers here. Look, then fetch, then write.

    Of an embedded post only the id is used, unless the announcer wrote it.
    """
    activity = received.activity
    if activity.inner is not None:
        await _passed_on(server, received, activity.inner)
        return
    uris = [uri for ref in activity.objects[:MAX_OBJECTS] if (uri := await _known_after(server, received, ref))]
    async with last_change(server) as tx:
        account = await actor_of(tx, received)
        for index, uri in enumerate(uris):
            await _boost(tx, server, activity, account, uri, index)


async def _boost(tx: Tx, server: Server, activity: ActivityDoc, account: AccountView, uri: str, index: int) -> None:
    if activity.id is None or not same_host(activity.id, account.uri):
        raise Dropped("no_id")
    original = await _original(tx, uri)
    if original is None:
        raise Dropped("unknown_object")
    if original.visibility not in REBLOGGABLE and original.account_id != account.id:
        raise Dropped("not_boostable")
    known = await accounts.endpoints(tx, [account.id])
    visibility = activity.audience.visibility(known[account.id].followers_url or None, ())
    if visibility not in REBLOGGABLE:
        visibility = "private"  # a boost speaks to nobody but the followers
    await reblogging.receive_reblog(
        tx,
        server,
        account,
        original,
        uri=activity.id if index == 0 else f"{activity.id}#{index}",
        at=activity.published,
        visibility=visibility,
    )


async def _original(tx: Tx, uri: str) -> StatusRow | None:
    """What is boosted; a boost of a boost is one of its post."""
    row = await statuses.by_uri(tx, uri)
    if row is not None and row.reblog_of_id is not None:
        row = await statuses.by_id(tx, row.reblog_of_id)
    return row


async def _known_after(server: Server, received: Received, ref: Ref) -> str | None:
    """The uri under which the boosted post is known here, once it was fetched where that was needed."""
    if ref.id is None:
        return None
    uri = own_status_uri(server.urls, ref.id)
    async with server.read() as tx:
        if await statuses.by_uri(tx, uri) is not None:
            return uri
    remote = remote_of(server)
    if ref.doc is not None and received.by_actor and same_host(ref.id, received.activity.actor):
        note = read_note(ref.doc, now=server.clock.now())
        if note.author == received.activity.actor and note.is_supported:
            await remote.take_note(note)
            return note.uri
    id = await server.remote.status(uri)
    async with server.read() as tx:
        row = await statuses.by_id(tx, id)
    return row.uri if row is not None else None


async def _passed_on(server: Server, received: Received, inner: ActivityDoc) -> None:
    """A group tells what somebody did in it: not a boost, and believed only as far as that server confirms it."""
    passed = structs.replace(received, activity=inner, by_actor=False)
    if inner.type == "Create" and inner.object_id is not None:
        await server.remote.status(inner.object_id)
    elif inner.type == "Update" and inner.object_id is not None:
        await _changed(server, inner.object_id)
    elif inner.type == "Delete":
        await delete.on_delete(server, passed)
    else:
        raise Dropped("group_noise")


async def _changed(server: Server, uri: str) -> None:
    async with server.read() as tx:
        if await statuses.by_uri(tx, uri) is None:
            raise Dropped("unknown_object")
    note = await remote_of(server).note(uri, again=True)
    async with last_change(server) as tx:
        row = await statuses.by_uri(tx, note.uri)
        author = await accounts.by_id(tx, row.account_id) if row is not None else None
        if row is None or author is None or author.uri not in note.authors:
            raise Dropped("not_author")
        await posts.take_edit(tx, server, row, note, author)
