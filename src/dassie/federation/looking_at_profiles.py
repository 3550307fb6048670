"""What is fetched around a profile that somebody opened: its pinned posts, and the hashtags that stand on it.

Their lists are believed as far as they are on their own host; posts are taken from there only.
"""

from __future__ import annotations

import asyncio

from dassie.domain.arrivals import Reason
from dassie.domain.errors import DassieError
from dassie.domain.ids import StatusId, new_id
from dassie.domain.jobs import MaterialiseProfile
from dassie.domain.paging import Page
from dassie.federation.looking import attempt, check, in_time, lasting
from dassie.federation.receiving import hashtags
from dassie.federation.remote import RemoteServers, remote_of
from dassie.federation.vocab.collections import CollectionDoc
from dassie.federation.vocab.documents import Malformed
from dassie.federation.vocab.notes import read_note
from dassie.federation.vocab.tags import read_tags
from dassie.federation.vocab.values import Ref, host_of, same_host
from dassie.jobs.current import charge, finish_with
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import checking_links, featuring_tags, watching
from dassie.store import accounts, materials, statuses
from dassie.store.changes import changed
from dassie.store.marks import pins
from dassie.store.materials import Person
from dassie.store.tx import Tx
from dassie.store.views import StatusRow

MOST_POSTS = 40
MOST_PINNED = 5


@handles(MaterialiseProfile)
async def materialise_profile(server: Server, job: MaterialiseProfile) -> None:
    """Read what somebody pinned, and which hashtags they show."""
    await attempt(server, f"profile {job.account_id}", job.asked_at, _profile(server, job.account_id))


async def _profile(server: Server, id: int) -> None:
    async with server.read() as tx:
        person = await materials.person(tx, id)
    if person is None or person.suspended_at is not None:
        return
    charge("host", host_of(person.uri))
    listed: list[StatusId] = []
    names: set[str] = set()
    tags: list[tuple[str, str]] = []
    no_pins, no_tags = await asyncio.gather(
        in_time(_read_pinned(server, person, listed, names)), in_time(_read_tags(server, person, tags))
    )
    async with server.write() as tx:
        came = await _pin(tx, person, listed, names) if _told(no_pins) else 0
        new_tags = await featuring_tags.received(tx, person.id, tags) if _told(no_tags) else False
        account = await accounts.by_id(tx, person.id)
        if account is not None:
            await checking_links.plan(tx, server, account)
        if came or new_tags:
            tx.after_commit(lambda: watching.tell_opened(server, "profile", id, came))
        await finish_with(tx)
    check([*no_pins, *no_tags])


def _told(wrong: list[BaseException]) -> bool:
    """Whether a list was read, or will never be: then it is empty."""
    return all(lasting(error) for error in wrong)


async def _whole(remote: RemoteServers, uri: str, of: str) -> CollectionDoc:
    """A collection, or its first page where the items are there."""
    found = await remote.collection(uri, of=of)
    if not found.items and (found.first_page or found.first):
        return found.first_page or await remote.collection(found.first or "", of=of)
    return found


# Hashtags --------------------------------------------------------------------------------------------


async def _read_tags(server: Server, person: Person, tags: list[tuple[str, str]]) -> None:
    if person.featured_tags_url:
        found = await _whole(remote_of(server), person.featured_tags_url, person.uri)
        tags += hashtags(read_tags([item.doc for item in found.items if item.doc is not None]).hashtags)


# Pinned posts ----------------------------------------------------------------------------------------


async def _read_pinned(server: Server, person: Person, listed: list[StatusId], names: set[str]) -> None:
    if not person.featured_url:
        return
    found = await _whole(remote_of(server), person.featured_url, person.uri)
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
