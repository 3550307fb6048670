"""Undoing a relay removes what only it brought, and nothing that anybody here keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dassie.domain.media_kinds import SERVED_TYPES
from dassie.services import bookmarking, subscribing, undoing_relays
from dassie.services.caching_media import hash_of
from dassie.store import accounts, cached_files, relays, statuses, usage
from dassie.store.cached_files import CachedFile
from fediverse import Actor, Fediverse
from test_relays import entered, passed_on, signed, status


async def brought(fediverse: Fediverse, relay: Actor, name: str, **changes: Any) -> str:
    """A post of somebody new that the relay passes on; its uri."""
    bob = fediverse.actor(name)
    note = fediverse.note(bob, **changes)
    await passed_on(fediverse, relay, signed(fediverse, bob, fediverse.create(bob, note)))
    assert await status(fediverse, note["id"]) is not None
    return str(note["id"])


async def test_undo_removes_what_only_this_relay_brought(fediverse: Fediverse, tmp_path: Path) -> None:
    relay, row = await entered(fediverse)
    world = fediverse.world
    me = await world.account("ana")
    picture = "https://there.test/a.png"
    alone = await brought(
        fediverse, relay, "alone", attachment=[{"type": "Document", "mediaType": "image/png", "url": picture}]
    )
    marked = await brought(fediverse, relay, "marked")
    twice = await brought(fediverse, relay, "twice")
    async with world.server.write() as tx:
        other = await subscribing.subscribe(tx, world.server, "https://other.test/inbox")
        kept, both = await statuses.by_uri(tx, marked), await statuses.by_uri(tx, twice)
        assert kept is not None
        assert both is not None
        await relays.brought(tx, other.id, both.id)
        await bookmarking.bookmark(tx, world.server, me, kept)
    key = "cache/aa/picture.png"
    source = tmp_path / "picture.png"
    source.write_bytes(b"x" * 1000)
    await world.server.media_files.put(key, source)
    async with world.server.write() as tx:
        file = CachedFile(hash_of("small", picture), key, SERVED_TYPES["png"], 1000, tx.now)
        await cached_files.keep(tx, file, "small", picture)

    async with world.server.write() as tx:
        await subscribing.undo(tx, world.server, row)
    await world.settle()

    assert await status(fediverse, alone) is None
    assert await status(fediverse, marked) is not None
    assert await status(fediverse, twice) is not None
    assert await world.server.media_files.size(key) is None
    async with world.server.read() as tx:
        undone = await undoing_relays.progress(tx, row.id)
        assert await accounts.by_name(tx, "alone", "there.test") is None
        assert await accounts.by_name(tx, "marked", "there.test") is not None
        assert "small" not in {kind for kind, used in (await usage.by_kind(tx)).items() if used.files}
        left = await relays.by_id(tx, row.id)
    assert undone is not None
    assert (undone.done, undone.posts, undone.accounts, undone.files, undone.kept) == (True, 1, 1, 1, 1)
    assert undone.bytes > 1000
    assert left is not None
    assert left.state == "left"


async def test_what_was_undone_may_come_again(fediverse: Fediverse) -> None:
    """It is no deletion by its author: no tombstone."""
    relay, row = await entered(fediverse)
    uri = await brought(fediverse, relay, "bob")
    async with fediverse.world.server.write() as tx:
        await subscribing.undo(tx, fediverse.world.server, row)
    await fediverse.world.settle()
    async with fediverse.world.server.read() as tx:
        assert not await statuses.is_buried(tx, uri)
