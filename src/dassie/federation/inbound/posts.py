"""Taking in a post that was told to us, new or changed: shared by Create, Update and Announce."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec import structs

from dassie.domain.arrivals import Reason
from dassie.domain.ids import AccountId
from dassie.domain.jobs import FetchAncestors
from dassie.federation import receiving
from dassie.federation.inbound.registry import Dropped, Received, last_change, remote_account
from dassie.federation.remote import remote_of
from dassie.federation.vocab.notes import NoteDoc, read_note
from dassie.federation.vocab.values import Ref, host_of, same_host
from dassie.server import Server
from dassie.services import editing, voting
from dassie.services.writing import NewStatus, write_status
from dassie.store import mentions, polls, queue, relays, statuses
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow

FORGOTTEN_AFTER = timedelta(days=1)
"""An Update of an unknown post older than this is not taken for a new one."""


async def note_of(server: Server, received: Received, ref: Ref) -> NoteDoc:
    """The post an activity is about, as far as it can be believed; raises `Dropped` otherwise.

    An embedded post is believed when its author sent it. In any other case its own server is asked: what
    somebody on the same host sends for a group (Mobilizon), what was passed on, and what is only named.
    """
    activity = received.activity
    if ref.doc is not None and received.by_actor:
        note = read_note(ref.doc, activity_audience=activity.audience, now=server.clock.now())
        if not note.authors:
            note = structs.replace(note, authors=(activity.actor,))
        _check(note, activity.actor)
        if activity.actor in note.authors:
            return note
    if ref.id is None or not same_host(ref.id, activity.actor):
        raise Dropped("foreign_object")
    note = await remote_of(server).note(ref.id, again=True)
    _check(note, activity.actor)
    return note


def _check(note: NoteDoc, actor: str) -> None:
    if not same_host(note.uri, actor) or not receiving.fits(note.uri):
        raise Dropped("foreign_object")
    if not note.is_supported:
        raise Dropped("unsupported_object")


async def author_of(server: Server, received: Received, note: NoteDoc) -> str:
    """The actor id of the author, whose account is known afterwards: the one who acts, where that is one of them."""
    actor = received.activity.actor
    uri = actor if actor in note.authors else note.author or ""
    if uri != actor:
        await server.remote.account(uri)
    return uri


async def take_new(
    tx: Tx,
    server: Server,
    note: NoteDoc,
    author: AccountView,
    recipient: AccountId | None = None,
    relay_id: int | None = None,
) -> None:
    """Store a post and bring it to those here who should see it; a vote is counted instead.

    Of what a relay brought, the post that it answers is not asked for before somebody looks.
    """
    if not note.audience.people and not note.audience.is_public and recipient is None:
        raise Dropped("addresses_nobody")
    if note.vote is not None and await _counted_as_vote(tx, server, note, author):
        return
    reason = Reason.CONTEXT if relay_id is None else Reason.RELAY
    new = await receiving.new_status(tx, server.urls, note, author, recipient=recipient, live=True, reason=reason)
    row = await write_status(tx, server, new)
    if relay_id is not None:
        await _brought(tx, relay_id, note.uri, row)
    if row is None:
        raise Dropped("known_or_deleted")
    if relay_id is None and row.in_reply_to_uri is not None and row.in_reply_to_id is None:
        await ask_for_parent(tx, server, row)


async def take_edit(tx: Tx, server: Server, row: StatusRow, note: NoteDoc, author: AccountView) -> None:
    """A stored post as its author has it now; its audience never grows."""
    if row.account_id != author.id or row.reblog_of_id is not None:
        raise Dropped("not_author")
    new = await receiving.new_status(tx, server.urls, note, author, live=True)
    new = await _no_wider(tx, row, new)
    await editing.edit_received(tx, server, row, new, edited_at=note.updated)


async def take_any(server: Server, received: Received, note: NoteDoc) -> None:
    """Store a new post, or change the one that is known."""
    author_uri = await author_of(server, received, note)
    async with last_change(server) as tx:
        author = await remote_account(tx, author_uri)
        row = await statuses.by_uri(tx, note.uri)
        if row is not None:
            await take_edit(tx, server, row, note, author)
        elif note.published is None or note.published > tx.now - FORGOTTEN_AFTER:
            await take_new(tx, server, note, author, received.recipient, received.relay_id)
        else:
            raise Dropped("unknown_object")


async def _brought(tx: Tx, relay_id: int, uri: str, new: StatusRow | None) -> None:
    row = new or await statuses.by_uri(tx, uri)
    if row is not None and not row.local:
        await relays.brought(tx, relay_id, row.id)


async def ask_for_parent(tx: Tx, server: Server, row: StatusRow, depth: int = 0) -> None:
    """Have the post that this one answers fetched."""
    host = host_of(row.in_reply_to_uri or "")
    if host and host not in (server.urls.domain, host_of(server.urls.base)):
        await queue.enqueue(
            tx, FetchAncestors(status_id=row.id, depth=depth), host=host, unique=f"{row.in_reply_to_uri} {row.id}"
        )


async def _counted_as_vote(tx: Tx, server: Server, note: NoteDoc, author: AccountView) -> bool:
    """Whether it answers a poll of ours with one of its options; such a post is never shown, counted or not."""
    parent = await receiving.parent_of(tx, server.urls, note)
    if parent is None or not parent.local or not parent.has_poll:
        return False
    poll = (await polls.of_statuses(tx, [parent.id], viewer=None)).get(parent.id)
    titles = [option.title for option in poll.options] if poll is not None else []
    title = next((one for one in titles if _folded(one) == _folded(note.vote or "")), None)
    if poll is None or title is None:
        return False
    if not await statuses.visible(tx, [parent.id], viewer=author.id):
        raise Dropped("not_visible")
    await voting.receive_vote(tx, server, author, poll, title, note.uri)
    return True


async def _no_wider(tx: Tx, row: StatusRow, new: NewStatus) -> NewStatus:
    """The same, without people who could not read the post before and are not even named in it."""
    before: dict[Any, bool] = await mentions.of(tx, row.id)
    kept = [(account, silent) for account, silent in new.mentions if not silent or account in before]
    return structs.replace(new, mentions=kept, visibility=row.visibility)


def _folded(title: str) -> str:
    return " ".join(title.split())
