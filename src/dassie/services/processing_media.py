"""Working on an upload: it is made safe, gets its preview, and moves to where files are served from."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Any

from dassie.domain.errors import Busy, Invalid, Retry
from dassie.domain.ids import MediaId
from dassie.domain.jobs import ProcessMedia
from dassie.jobs.registry import handles
from dassie.ports import ProcessedMedia
from dassie.server import Server
from dassie.services import uploading
from dassie.store import media, uploads

_MADE_OF_FILE = {"small_key", "small_type", "small_size", "blurhash"}


@handles(ProcessMedia)
async def process_media(server: Server, job: ProcessMedia) -> None:
    """Make an uploaded file ready, or note in a sentence for its owner why that cannot be."""
    source = uploading.folder(server) / job.upload_key
    async with server.read() as tx:
        found = await media.by_ids(tx, [MediaId(job.media_id)])
    if found and found[0].state == "waiting":
        if source.exists():
            await _process(server, job.media_id, source)
        else:
            await _note(server, job.media_id, state="failed", error="The uploaded file is gone. Please upload it again")
    source.unlink(missing_ok=True)


async def _process(server: Server, id: int, source: Path) -> None:
    work = Path(tempfile.mkdtemp(dir=uploading.folder(server), prefix="work-"))
    try:
        made = await server.media_tools.attachment(source, work)
        values = await _store(server, made)
    except Invalid as error:
        await _note(server, id, state="failed", error=error.safe)
        return
    except Busy as error:
        raise Retry(error.safe, after=error.retry_after) from error
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, work, ignore_errors=True))
    for key in await _finish(server, id, values):
        await server.media_files.delete(key)


async def _store(server: Server, made: ProcessedMedia) -> dict[str, Any]:
    stem = secrets.token_hex(16)
    file_key = f"media/{stem[:2]}/{stem}{made.original.suffix}"
    values: dict[str, Any] = {
        "kind": made.kind,
        "file_key": file_key,
        "file_type": made.original_type,
        "file_size": await server.media_files.put(file_key, made.original),
        "small_key": None,
        "blurhash": made.blurhash,
        "meta": dict(made.meta),
    }
    if made.small is not None:
        small_key = f"media/{stem[:2]}/{stem}-small{made.small.suffix}"
        values |= {
            "small_key": small_key,
            "small_type": made.small_type,
            "small_size": await server.media_files.put(small_key, made.small),
        }
    return values


async def _finish(server: Server, id: int, values: dict[str, Any]) -> list[str]:
    """The upload is ready; keys of files made in vain. A preview that its owner chose meanwhile stays."""
    keys = [key for key in (values["file_key"], values["small_key"]) if key is not None]
    async with server.write() as tx:
        small = await uploads.small_of(tx, id)
        found = await media.by_ids(tx, [MediaId(id)])
        if small is None or not found or found[0].state != "waiting":
            return keys  # deleted by its owner
        if small.chosen:
            values["meta"] |= {"small": small.meta["small"]}
            values = {name: values[name] for name in values.keys() - _MADE_OF_FILE}
        await uploads.ready(tx, id, state="ready", error=None, **values)
    return keys[1:] if small.chosen else []


async def _note(server: Server, id: int, **values: Any) -> None:
    async with server.write() as tx:
        found = await media.by_ids(tx, [MediaId(id)])
        if found and found[0].state == "waiting":
            await media.change(tx, id, **values)
