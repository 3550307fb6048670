"""Jobs that ask other servers again, or further: ancestors of a reply, an actor, a poll's tallies."""

from __future__ import annotations

import structlog

from dassie.domain.arrivals import Reason
from dassie.domain.errors import NotAllowed, NotFound, RemoteFailed
from dassie.domain.jobs import FetchAncestors, RefreshAccount, RefreshPoll
from dassie.federation import receiving
from dassie.federation.inbound.handling import LASTING, last_try
from dassie.federation.inbound.posts import ask_for_parent, take_edit
from dassie.federation.inbound.registry import Dropped
from dassie.federation.remote import remote_of
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import deleting_accounts
from dassie.store import accounts, polls, statuses
from dassie.store.adoption import adopt_replies
from dassie.store.tx import Tx
from dassie.store.views import StatusRow

log = structlog.get_logger("refreshing")

MAX_DEPTH = 20
"""So many posts upwards; longer threads are read at their own server."""
GONE = 410


@handles(FetchAncestors)
async def fetch_ancestors(server: Server, job: FetchAncestors) -> None:
    """Fetch what a stored reply answers, and queue the same for what that answers."""
    async with server.read() as tx:
        row = await statuses.by_id(tx, job.status_id)
    if row is None or row.in_reply_to_id is not None or row.in_reply_to_uri is None or job.depth >= MAX_DEPTH:
        return
    try:
        parent_id = await server.remote.status(row.in_reply_to_uri, reason=Reason.CONTEXT)
    except (NotFound, NotAllowed):
        return
    except RemoteFailed as failed:
        if failed.kind in LASTING or last_try():
            return
        raise
    async with server.write() as tx:
        parent = await tie(tx, job.status_id, parent_id)
        if parent is not None and parent.in_reply_to_uri is not None and parent.in_reply_to_id is None:
            await ask_for_parent(tx, server, parent, job.depth + 1)
        await finish_with(tx)


async def tie(tx: Tx, child_id: int, parent_id: int) -> StatusRow | None:
    """Make a stored reply the child of what it answers, which was just fetched; that one."""
    row = await statuses.by_id(tx, child_id)
    parent = await statuses.by_id(tx, parent_id)
    if row is not None and parent is not None and row.in_reply_to_id is None:
        # It was named by another address than its id, such as its page.
        await statuses.change(tx, row.id, in_reply_to_uri=parent.uri)
        await adopt_replies(tx, parent)
    return parent


@handles(RefreshAccount)
async def refresh_account(server: Server, job: RefreshAccount) -> None:
    """Read an actor document again; one that is gone for good takes what it left here with it."""
    try:
        await read_again(server, job.uri)
    except (NotAllowed, NotFound):
        return
    except RemoteFailed as failed:
        if failed.kind not in LASTING and not last_try():
            raise
        log.info("an actor could not be read again", uri=job.uri, why=failed.safe)


async def read_again(server: Server, uri: str) -> None:
    """Read an actor document again; who is gone for good takes along what they left here. Raises what went wrong."""
    try:
        await server.remote.account(uri, fresh=True)
    except NotFound as gone:
        if gone.details.get("code") == GONE:
            await _forget(server, uri)
        raise


@handles(RefreshPoll)
async def refresh_poll(server: Server, job: RefreshPoll) -> None:
    """Read a poll again at its own server: tallies, and whatever else changed with it."""
    async with server.read() as tx:
        poll = await polls.by_id(tx, job.poll_id)
        row = await statuses.by_id(tx, poll.status_id) if poll is not None else None
    if row is None or row.local:
        return
    try:
        await read_poll_again(server, row)
    except (NotFound, NotAllowed):
        return
    except RemoteFailed as failed:
        if failed.kind in LASTING or last_try():
            return
        raise


async def read_poll_again(server: Server, row: StatusRow) -> None:
    """Read a status with a poll again; the running job ends with it. Raises where its server does not give it."""
    note = await remote_of(server).note(row.uri)
    async with server.write() as tx:
        known = await statuses.by_uri(tx, note.uri)
        author = await accounts.by_id(tx, known.account_id) if known is not None else None
        if known is not None and author is not None and author.uri in note.authors and not known.local:
            try:
                await take_edit(tx, server, known, note, author)
            except Dropped as dropped:
                log.info("a poll was not taken", uri=note.uri, why=dropped.why)
        await finish_with(tx)


async def _forget(server: Server, uri: str) -> None:
    async with server.write() as tx:
        account = await accounts.by_uri(tx, receiving.own_actor_uri(server.urls, uri))
        if account is not None and not account.local:
            await deleting_accounts.delete_account(tx, server, account)
        await finish_with(tx)
