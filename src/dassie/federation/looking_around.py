"""What is fetched around a post that somebody opened: what came before it, and the first answers.

Their lists are believed as lists of ids on their own host; every post is asked for at its id, and its author stays
a stranger until somebody looks.
"""

from __future__ import annotations

import asyncio

from dassie.domain.arrivals import Reason
from dassie.domain.audience import REBLOGGABLE
from dassie.domain.errors import DassieError
from dassie.domain.ids import StatusId
from dassie.domain.jobs import MaterialiseThread
from dassie.domain.threads import AGAIN
from dassie.federation.looking import attempt, check, in_time, lasting
from dassie.federation.refreshing import tie
from dassie.federation.remote import RemoteServers, remote_of
from dassie.federation.vocab.collections import CollectionDoc
from dassie.federation.vocab.values import host_of, same_host
from dassie.jobs.current import charge
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import watching
from dassie.store import senders, statuses, thread_fetches
from dassie.store.views import StatusRow

MOST_POSTS = 40
"""Fetched because of one look at a thread."""
MOST_ABOVE = 20
MOST_CLIMBED = 200
"""Known posts above the opened one that are walked through."""
PAGES = 2
AT_ONCE = 4


# Threads ---------------------------------------------------------------------------------------------


@handles(MaterialiseThread)
async def materialise_thread(server: Server, job: MaterialiseThread) -> None:
    """Fetch what an opened status answers, upwards, and the first answers to it."""
    await attempt(server, f"thread {job.status_id}", job.asked_at, _thread(server, job.status_id))


async def _thread(server: Server, id: int) -> None:
    async with server.read() as tx:
        row = await statuses.by_id(tx, id)
        whole = await thread_fetches.of(tx, id)
    if row is None or row.local or row.visibility not in REBLOGGABLE:
        return
    charge("host", host_of(row.uri))
    came: list[StatusId] = []
    parts = [_climb(server, row, came)]
    if whole is None or server.clock.now() - whole.started_at >= AGAIN:  # else all answers are, or were, looked for
        parts.append(_read_answers(server, row, came))
    wrong = await in_time(*parts)
    if came:
        watching.tell_opened(server, "thread", id, len(came))
    check(wrong)


async def _climb(server: Server, row: StatusRow, came: list[StatusId]) -> None:
    top = await _top(server, row)
    for _ in range(MOST_ABOVE):
        if top.in_reply_to_uri is None or top.in_reply_to_id is not None:
            return
        parent_id = await remote_of(server).status(top.in_reply_to_uri, reason=Reason.CONTEXT, thorough=False)
        async with server.write() as tx:
            parent = await tie(tx, top.id, parent_id)
        if parent is None:
            return
        came.append(parent.id)
        top = await _top(server, parent)


async def _top(server: Server, row: StatusRow) -> StatusRow:
    """The first status of a thread, as far as it is known here."""
    async with server.read() as tx:
        for _ in range(MOST_CLIMBED):
            above = await statuses.by_id(tx, row.in_reply_to_id) if row.in_reply_to_id is not None else None
            if above is None:
                break
            row = above
    return row


async def _read_answers(server: Server, row: StatusRow, came: list[StatusId]) -> None:
    note = await remote_of(server).note(row.uri)
    ids = dict.fromkeys(note.replies)
    if note.replies_uri is not None:
        found = await _listed(remote_of(server), note.replies_uri, row.uri)
        ids |= dict.fromkeys(id for id in found if same_host(id, row.uri) and id != row.uri)
    async with server.read() as tx:
        known = await senders.known_statuses(tx, list(ids))
    unknown = [id for id in ids if id not in known][: MOST_POSTS - MOST_ABOVE]
    thread = {row.uri, row.url or row.uri, *ids}
    places = asyncio.Semaphore(AT_ONCE)
    taking = (_take_answer(server, id, thread, places, came) for id in unknown)
    wrong = [error for error in await asyncio.gather(*taking, return_exceptions=True) if error is not None]
    if wrong:
        raise wrong[0]


async def _listed(remote: RemoteServers, uri: str, of: str) -> list[str]:
    """Ids in the first pages of a collection."""
    ids: list[str] = []
    found = await remote.collection(uri, of=of)
    page: CollectionDoc | None = found if found.items else found.first_page
    following = found.next if found.items else found.first
    for _ in range(PAGES):
        if page is None:
            if following is None:
                break
            page = await remote.collection(following, of=of)
        ids += page.item_ids
        following, page = page.next, None
    return ids


async def _take_answer(
    server: Server, uri: str, thread: set[str], places: asyncio.Semaphore, came: list[StatusId]
) -> None:
    """Store a post that a list named, if it answers one of the thread."""
    remote = remote_of(server)
    async with places:
        try:
            note = await remote.note(uri)
            if note.in_reply_to in thread:
                came.append(await remote.take_note(note, reason=Reason.CONTEXT, thorough=False))
        except DassieError as error:
            if not lasting(error):
                raise
