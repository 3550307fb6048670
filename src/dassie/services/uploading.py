"""Uploads: a file comes in, is worked on in the background, and waits to be attached to a status."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from datetime import timedelta
from pathlib import Path

from dassie.domain.errors import Invalid, NotFound
from dassie.domain.ids import AccountId, MediaId, new_id
from dassie.domain.jobs import DiscardUploads, ProcessMedia
from dassie.jobs.registry import handles, recurs
from dassie.server import Server
from dassie.services import choosing_previews, drafts
from dassie.services.choosing_previews import Preview
from dassie.services.drafts import MediaChange
from dassie.services.editing_parts import change_file
from dassie.store import media, queue, uploads
from dassie.store.tx import Tx
from dassie.store.views import AccountView, MediaView

KEPT = timedelta(days=1)
"""How long a file may be without a status."""
CLEANED_AT_ONCE = 100
LOOK_AGAIN = 0.05
FAMILIES = frozenset({"image", "video", "audio"})


def folder(server: Server) -> Path:
    """Where uploads lie until they are worked on."""
    return server.config.data / "tmp"


async def upload(
    server: Server,
    me: AccountView,
    file: Path,
    content_type: str,
    *,
    description: str | None = None,
    focus: tuple[float, float] | None = None,
    preview: Preview | None = None,
) -> MediaId:
    """Take a file over and have it worked on; `preview` in place of what would be made of it. No unit may be open."""
    description = drafts.check_description(description)
    id = MediaId(new_id(server.clock.now()))
    key = f"media-{id}"
    file.rename(folder(server) / key)
    family = content_type.partition("/")[0].lower()
    async with server.write() as tx:
        await media.insert(
            tx,
            id=id,
            account_id=me.id,
            state="waiting",
            kind=family if family in FAMILIES else "unknown",
            description=description,
            focus_x=focus[0] if focus else None,
            focus_y=focus[1] if focus else None,
            created_at=tx.now,
        )
        if preview is not None:
            await choosing_previews.use(tx, await loose(tx, me.id, id), preview)
        await queue.enqueue(tx, ProcessMedia(media_id=id, upload_key=key))
    return id


async def wait_until_done(server: Server, me: AccountView, id: MediaId, seconds: float) -> MediaView:
    """The upload once it is ready or refused, or as it is after so many seconds."""
    deadline = server.clock.monotonic() + seconds
    while True:
        async with server.read() as tx:
            one = await loose(tx, me.id, id)
        if one.state != "waiting" or server.clock.monotonic() >= deadline:
            return one
        await asyncio.sleep(LOOK_AGAIN)


async def loose(tx: Tx, owner: AccountId, id: int) -> MediaView:
    """My upload that no status has yet; raises `NotFound`."""
    found = await media.by_ids(tx, [MediaId(id)], owner=owner)
    if not found or found[0].status_id is not None or found[0].state == "removed":
        raise NotFound
    return found[0]


async def describe(tx: Tx, server: Server, me: AccountView, change: MediaChange) -> MediaView:
    """Set description, focus and preview of an upload of mine."""
    one = await loose(tx, me.id, change.id)
    await change_file(tx, one, change)
    return await loose(tx, me.id, change.id)


async def discard(server: Server, me: AccountView, id: int) -> None:
    """Delete an upload of mine with its files, unless a status has it. No unit may be open."""
    async with server.write() as tx:
        found = await media.by_ids(tx, [MediaId(id)], owner=me.id)
        if not found or found[0].state == "removed":
            raise NotFound
        keys = await uploads.take(tx, id)
        if keys is None:
            raise Invalid("Media attachment is currently used by a status")
    await _delete_files(server, keys)
    async with server.write() as tx:
        await uploads.delete_rows(tx, [id])


@recurs(timedelta(hours=1))
async def clean_loose_uploads(server: Server) -> None:
    """Delete what nobody attached within a day, and what a crash left half done."""
    while True:
        async with server.write() as tx:
            taken = await uploads.take_loose(tx, before=tx.now - KEPT, most=CLEANED_AT_ONCE)
        for _, keys in taken:
            await _delete_files(server, keys)
        async with server.write() as tx:
            await uploads.delete_rows(tx, [id for id, _ in taken])
        if len(taken) < CLEANED_AT_ONCE:
            break
    await asyncio.to_thread(_delete_old, folder(server), time.time() - KEPT.total_seconds())


@handles(DiscardUploads)
async def discard_uploads(server: Server, job: DiscardUploads) -> None:
    """The same, now."""
    await clean_loose_uploads(server)


async def _delete_files(server: Server, keys: list[str]) -> None:
    for key in keys:
        await server.media_files.delete(key)


def _delete_old(where: Path, before: float) -> None:
    with os.scandir(where) as entries:
        for entry in entries:
            if entry.stat(follow_symlinks=False).st_mtime >= before:
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                Path(entry.path).unlink(missing_ok=True)
