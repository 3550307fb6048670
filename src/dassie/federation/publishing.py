"""What people here do, told to other servers: the activity is built once and put on its way to each inbox.

Every handler is one unit that also ends its job, so that nothing is sent under two ids.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from dassie.domain.audience import REBLOGGABLE
from dassie.domain.ids import new_id
from dassie.domain.jobs import (
    Publish,
    PublishAccountDeletion,
    PublishPin,
    PublishPoll,
    PublishProfile,
    PublishRemoval,
    Tell,
)
from dassie.federation import relaying
from dassie.federation.delivery import send
from dassie.federation.outbound import activities, building
from dassie.federation.outbound.actors import render_actor
from dassie.federation.outbound.notes import audience
from dassie.federation.outbound.terms import Doc
from dassie.federation.sealing import UNSEALED, Seal, seal_for, seal_for_status
from dassie.federation.signing import signed_http
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.store import accounts, follows, outgoing, polls, recipients, senders, statuses
from dassie.store.accounts import Endpoints
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow

_encode = msgspec.json.Encoder().encode


# Statuses --------------------------------------------------------------------------------------------


@handles(Publish)
async def publish(server: Server, job: Publish) -> None:
    """Send a new status, an edit or a reblog to all whom it concerns. Deleted meanwhile: nothing is sent."""
    seal = await seal_for_status(server, job.status_id)
    async with server.write() as tx:
        row = await statuses.by_id(tx, job.status_id)
        if row is not None and row.local:
            if row.reblog_of_id is not None:
                await _publish_reblog(tx, server, row, seal)
            else:
                await _publish_note(tx, server, row, seal, job.activity)
        await finish_with(tx)


async def _publish_note(tx: Tx, server: Server, row: StatusRow, seal: Seal, what: str) -> None:
    note = await building.note_of(tx, server.urls, row)
    if what == "Create":
        doc = activities.create(note)
    else:
        doc = activities.update_note(note, row.edited_at or tx.now if what == "Update" else tx.now)
    inboxes = await recipients.inboxes_of(tx, row, everyone=row.visibility in REBLOGGABLE)
    await _send(tx, row.account_id, seal.on(doc), inboxes, row.uri, object_uri=row.uri)
    if what == "Create":
        await relaying.pass_to_relays(tx, server, row)


async def _publish_reblog(tx: Tx, server: Server, row: StatusRow, seal: Seal) -> None:
    doc = await building.announce_of(tx, server.urls, row)
    if doc is not None:
        inboxes = await recipients.inboxes_of(tx, row)
        await _send(tx, row.account_id, seal.on(doc), inboxes, row.uri, object_uri=row.uri)


@handles(PublishRemoval)
async def publish_removal(server: Server, job: PublishRemoval) -> None:
    """Tell all who got it that a status or a reblog is gone; those who passed it on pass that on too."""
    seal = await seal_for(server, job.account_id, job.visibility, passed_on=job.reblog_of_uri is None)
    async with server.write() as tx:
        me = await accounts.by_id(tx, job.account_id)
        if me is not None:
            if job.reblog_of_uri is not None:
                to = building.reblog_audience(server.urls, me, job.visibility, None)
                doc = activities.undo_announce(job.uri, me.uri, job.reblog_of_uri, to)
            else:
                doc = activities.delete_note(job.uri, me.uri)
            await _send(tx, me.id, seal.on(doc), job.inboxes, job.uri, object_uri=job.uri)
        await finish_with(tx)


@handles(PublishPoll)
async def publish_poll(server: Server, job: PublishPoll) -> None:
    """Send the tallies of a poll of ours."""
    async with server.read() as tx:
        poll = await polls.by_id(tx, job.poll_id)
    seal = await seal_for_status(server, poll.status_id) if poll is not None else UNSEALED
    async with server.write() as tx:
        row = await statuses.by_id(tx, poll.status_id) if poll is not None else None
        if row is not None and row.local:
            doc = activities.update_note(await building.note_of(tx, server.urls, row), tx.now)
            inboxes = await recipients.inboxes_of(tx, row, everyone=row.visibility in REBLOGGABLE)
            await _send(tx, row.account_id, seal.on(doc), inboxes, row.uri)
        await finish_with(tx)


# Accounts --------------------------------------------------------------------------------------------


@handles(PublishProfile)
async def publish_profile(server: Server, job: PublishProfile) -> None:
    """Send a changed profile to the servers of those who follow."""
    public_key = await signed_http(server).public_key(job.account_id)
    seal = await seal_for(server, job.account_id, "public")
    async with server.write() as tx:
        me = await accounts.by_id(tx, job.account_id)
        if me is not None and me.local:
            actor = render_actor(me, await outgoing.known(tx, me.id), public_key, server.urls)
            doc = activities.update_actor(actor, tx.now)
            inboxes = [inbox for inbox, _ in await follows.follower_inboxes(tx, me.id)]
            await _send(tx, me.id, seal.on(doc), inboxes, me.uri)
        await finish_with(tx)


@handles(PublishPin)
async def publish_pin(server: Server, job: PublishPin) -> None:
    """Tell the servers of those who follow what came to, or went from, the pinned posts."""
    async with server.write() as tx:
        me = await accounts.by_id(tx, job.account_id)
        if me is not None and me.local:
            featured = server.urls.collection(me.username, "collections/featured")
            to = audience("public", server.urls.collection(me.username, "followers"), [])
            doc = activities.change_collection(job.what, me.uri, job.uri, featured, tx.now, to)
            inboxes = [inbox for inbox, _ in await follows.follower_inboxes(tx, me.id)]
            await _send(tx, me.id, doc, inboxes, job.uri)
        await finish_with(tx)


@handles(PublishAccountDeletion)
async def publish_account_deletion(server: Server, job: PublishAccountDeletion) -> None:
    """Tell other servers that an account of ours is gone."""
    seal = await seal_for(server, job.account_id, "public")
    async with server.write() as tx:
        me = await accounts.by_id(tx, job.account_id)
        if me is not None and me.local:
            doc = activities.delete_actor(me.uri)
            await _send(tx, me.id, seal.on(doc), job.inboxes, me.uri)
        await finish_with(tx)


# Between two accounts --------------------------------------------------------------------------------


@handles(Tell)
async def tell(server: Server, job: Tell) -> None:
    """Tell one account's server what one of ours did with it; in the order in which it was done."""
    async with server.write() as tx:
        me = await accounts.by_id(tx, job.account_id)
        them = (await accounts.endpoints(tx, [job.to_account_id])).get(job.to_account_id)
        if me is not None and them is not None and await _reachable(tx, them):
            for doc in _told(job, me, them, tx):
                await _send(tx, me.id, doc, [them.inbox_url], f"{me.uri} {them.uri}")
        await finish_with(tx)


def _told(job: Tell, me: AccountView, them: Endpoints, tx: Tx) -> list[Doc]:
    uri = job.uri or f"{me.uri}#{job.what.removeprefix('undo_')}s/{job.to_account_id}"
    match job.what:
        case "follow" | "undo_follow":
            doc = activities.follow(uri, me.uri, them.uri)
        case "like" | "undo_like":
            doc = activities.like(uri, me.uri, job.object_uri or "")
        case "block" | "undo_block":
            doc = activities.block(uri, me.uri, them.uri)
        case "accept_follow" | "reject_follow":
            kind = "Accept" if job.what == "accept_follow" else "Reject"
            own = f"{me.uri}#{kind.lower()}s/follows/{new_id(tx.now)}"
            return [activities.answer_follow(kind, own, me.uri, job.uri, them.uri)]
        case "vote":
            return [
                activities.vote(f"{me.uri}#votes/{new_id(tx.now)}", me.uri, option, job.object_uri or "", them.uri)
                for option in job.options
            ]
    return [activities.undo(doc) if job.what.startswith("undo_") else doc]


async def _reachable(tx: Tx, them: Endpoints) -> bool:
    remote = bool(them.domain and them.inbox_url) and them.suspended_at is None
    return remote and not await senders.is_suspended(tx, them.domain)


async def _send(
    tx: Tx, account_id: int, doc: Doc, inboxes: list[str], order: str, *, object_uri: str | None = None
) -> None:
    inboxes = [inbox for inbox in inboxes if urlsplit(inbox).hostname]
    await send(tx, account_id, _encode(doc), inboxes, order=order, object_uri=object_uri)
