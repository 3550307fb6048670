"""Undoing a relay: removes all that only it brought, in small steps, and reports what went.

What somebody here keeps (favourited, bookmarked, boosted, answered …) stays, as does what another relay brought or
what is here for a stronger reason.
"""

from __future__ import annotations

import asyncio

import structlog
from msgspec import Struct, convert

from dassie.domain.ids import AccountId, StatusId
from dassie.domain.jobs import UndoRelay
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services.caching_media import RULES, hash_of
from dassie.services.making_room import remove_posts
from dassie.store import cached_files, evicting, queue, relay_leavings, settings
from dassie.store.tx import Tx

log = structlog.get_logger("relays")

AT_ONCE = 20
PAUSE = 0.01
"""Seconds between two steps: others go first."""


class Undone(Struct):
    """What undoing a relay has removed so far."""

    posts: int = 0
    accounts: int = 0
    files: int = 0
    bytes: int = 0
    """Of posts and files."""
    kept: int = 0
    """Posts that stay because somebody here keeps them."""
    done: bool = False


async def begin(tx: Tx, relay_id: int) -> None:
    """Have all that only this relay brought removed, by a job; what an earlier undo reported is forgotten."""
    await settings.remove(tx, _key(relay_id))
    await queue.enqueue(tx, UndoRelay(relay_id), unique=f"undo {relay_id}")


async def progress(tx: Tx, relay_id: int) -> Undone | None:
    """How far undoing this relay is; None where nobody asked for it."""
    kept = await settings.read(tx, _key(relay_id))
    return convert(kept, Undone) if kept is not None else None


@handles(UndoRelay)
async def undo_relay(server: Server, job: UndoRelay) -> None:
    """Go on from where it was left; killed in between, nothing is counted twice."""
    async with server.read() as tx:
        undone = await progress(tx, job.relay_id)
    if undone is None or undone.done:
        undone = Undone()
    undone.kept = 0
    after = 0
    while True:
        async with server.read() as tx:
            ids = await relay_leavings.brought_alone(tx, job.relay_id, after, AT_ONCE)
            urls = await relay_leavings.media_urls(tx, ids)
        if not ids:
            break
        after = ids[-1]
        await _step(server, job.relay_id, ids, urls, undone)
        await asyncio.sleep(PAUSE)
    undone.done = True
    async with server.write() as tx:
        await relay_leavings.forget(tx, job.relay_id)
        await settings.save(tx, _key(job.relay_id), undone)
    log.info("a relay was undone", posts=undone.posts, accounts=undone.accounts, bytes=undone.bytes, kept=undone.kept)


async def _step(server: Server, relay_id: int, ids: list[StatusId], urls: set[str], undone: Undone) -> None:
    """Some posts with their lonely authors, then their files; counted in the unit that removes them."""
    async with server.write() as tx:
        taken = await remove_posts(tx, server, ids)
        pictures = await relay_leavings.pictures(tx, taken.authors)
        lonely: list[AccountId] = await evicting.take_away_lonely(tx, taken.authors)
        undone.posts += len(taken.ids)
        undone.kept += len(ids) - len(set(taken.ids) & set(ids))
        undone.accounts += len(lonely)
        undone.bytes += taken.bytes
        await settings.save(tx, _key(relay_id), undone)
        tx.after_commit(lambda: server.room.reused(taken.bytes))
    urls |= {url for id in lonely for url in pictures.get(id, [])}
    hashes = [hash_of(kind, url) for url in urls for kind in RULES]
    async with server.read() as tx:
        found = await relay_leavings.files(tx, hashes)
        staying = await evicting.kept_urls(tx, {one.url for one in found})
    gone = [one for one in found if one.url not in staying]
    if not gone:
        return
    for file in gone:
        await server.media_files.delete(file.file_key)
    async with server.write() as tx:
        freed = await cached_files.forget(tx, gone)
        undone.files += len(gone)
        undone.bytes += freed
        await settings.save(tx, _key(relay_id), undone)
        tx.after_commit(lambda: server.room.stored(-freed))


def _key(relay_id: int) -> str:
    return f"undo of relay {relay_id}"
