"""What is fetched around what somebody opened: of a thread what came before and the first answers, of a profile its
pinned posts.

Their lists are believed as lists of ids on their own host; every post is asked for at its id, and its author stays
a stranger until somebody looks.
"""

from __future__ import annotations

import asyncio

from dassie.domain.arrivals import Reason
from dassie.domain.audience import REBLOGGABLE
from dassie.domain.errors import DassieError
from dassie.domain.ids import StatusId, new_id
from dassie.domain.jobs import MaterialiseProfile, MaterialiseThread
from dassie.domain.paging import Page
from dassie.domain.threads import AGAIN
from dassie.federation.looking import attempt, check, in_time, lasting
from dassie.federation.refreshing import tie
from dassie.federation.remote import RemoteServers, remote_of
from dassie.federation.vocab.collections import CollectionDoc
from dassie.federation.vocab.documents import Malformed
from dassie.federation.vocab.notes import read_note
from dassie.federation.vocab.values import Ref, host_of, same_host
from dassie.jobs.current import charge, finish_with
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import watching
from dassie.store import materials, senders, statuses, thread_fetches
from dassie.store.changes import changed
from dassie.store.marks import pins
from dassie.store.materials import Person
from dassie.store.tx import Tx
from dassie.store.views import StatusRow

MOST_POSTS = 40
"""Fetched because of one look at a thread."""
MOST_ABOVE = 20
MOST_CLIMBED = 200
"""Known posts above the opened one that are walked through."""
PAGES = 2
AT_ONCE = 4
MOST_PINNED = 5


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


# Profiles --------------------------------------------------------------------------------------------


@handles(MaterialiseProfile)
async def materialise_profile(server: Server, job: MaterialiseProfile) -> None:
    """Read what somebody pinned."""
    await attempt(server, f"profile {job.account_id}", job.asked_at, _pinned(server, job.account_id))


async def _pinned(server: Server, id: int) -> None:
    async with server.read() as tx:
        person = await materials.person(tx, id)
    if person is None or person.suspended_at is not None or not person.featured_url:
        return
    charge("host", host_of(person.uri))
    listed: list[StatusId] = []
    names: set[str] = set()
    wrong = await in_time(_read_pinned(server, person, listed, names))
    check(wrong)
    async with server.write() as tx:
        came = await _pin(tx, person, listed, names)
        if came:
            tx.after_commit(lambda: watching.tell_opened(server, "profile", id, came))
        await finish_with(tx)


async def _read_pinned(server: Server, person: Person, listed: list[StatusId], names: set[str]) -> None:
    remote = remote_of(server)
    found = await remote.collection(person.featured_url, of=person.uri)
    if not found.items and (found.first_page or found.first):
        found = found.first_page or await remote.collection(found.first or "", of=person.uri)
    names.update(found.item_ids)
    for ref in [ref for ref in found.items if ref.id and same_host(ref.id, person.uri)][:MOST_PINNED]:
        try:
            listed.append(await _take_pinned(server, person, ref))
        except DassieError as error:
            if not lasting(error):
                raise


async def _take_pinned(server: Server, person: Person, ref: Ref) -> StatusId:
    """A pinned post; its author's own server may give it whole within the list."""
    remote = remote_of(server)
    if ref.doc is not None:
        try:
            note = read_note(ref.doc, now=server.clock.now())
        except Malformed:
            note = None
        if note is not None and note.author == person.uri and note.is_supported and note.uri == ref.id:
            return await remote.take_note(note, reason=Reason.BACKFILL, thorough=False)
    return await remote.status(ref.id or "", reason=Reason.BACKFILL, thorough=False)


async def _pin(tx: Tx, person: Person, listed: list[StatusId], names: set[str]) -> int:
    """Make these the pinned posts of an account, in this order; how many are new. Those not listed any more go."""
    before = [status_id for _, status_id in await pins.newest(tx, person.id, Page(limit=MOST_POSTS))]
    rows = await statuses.by_ids(tx, [*listed, *before])
    gone = [id for id in before if id in rows and rows[id].uri not in names]
    for id in gone:
        await pins.remove(tx, person.id, id)
    new = [id for id in reversed(listed) if id not in before and _pinnable(rows.get(id), person)]
    for id in new:
        await pins.add(tx, new_id(tx.now), person.id, id)
    if gone or new:
        changed(tx, person.id)
    return len(new)


def _pinnable(row: StatusRow | None, person: Person) -> bool:
    return (
        row is not None
        and row.account_id == person.id
        and row.reblog_of_id is None
        and row.visibility not in ("direct", "limited")
    )
