"""Previews that people choose for what they upload, in place of the one that is made of the file."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dassie.domain.errors import NotFound
from dassie.server import Server
from dassie.store import uploads
from dassie.store.tx import Tx
from dassie.store.uploads import Small
from dassie.store.views import MediaView


@dataclass(slots=True)
class Preview:
    """A picture that was made a preview and is stored; it belongs to no file yet."""

    key: str
    type: str
    size: int
    blurhash: str | None
    measures: dict[str, Any]
    used: bool = False
    replaced: str | None = None
    """Key of the preview in whose place it came."""


class Previews:
    """Makes previews; `previews` cleans up behind it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.made: list[Preview] = []

    async def make(self, source: Path) -> Preview:
        """The picture at `source` as a preview. Raises `Invalid` where it is none; no unit may be open."""
        work = Path(tempfile.mkdtemp(prefix="preview-", dir=self._server.config.data / "tmp"))
        try:
            made = await self._server.media_tools.thumbnail(source, work)
            stem = secrets.token_hex(16)
            key = f"media/{stem[:2]}/{stem}-small{made.original.suffix}"
            size = await self._server.media_files.put(key, made.original)
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, work, ignore_errors=True))
        one = Preview(key, made.original_type, size, made.blurhash, made.meta["original"])
        self.made.append(one)
        return one


@asynccontextmanager
async def previews(server: Server) -> AsyncIterator[Previews]:
    """Within it previews are made and used. Afterwards the files go that nobody needs: of what was replaced, or,
    where the block fails or does not use them, the new ones."""
    found = Previews(server)
    try:
        yield found
    except BaseException:
        await _delete(server, [one.key for one in found.made])
        raise
    await _delete(server, [one.replaced if one.used else one.key for one in found.made])


async def use(tx: Tx, one: MediaView, preview: Preview) -> None:
    """Give a file this preview; once. Raises `NotFound` where the file is gone."""
    if preview.used:
        return
    before = await uploads.small_of(tx, one.id)
    if before is None:
        raise NotFound
    after = Small(preview.key, preview.size, {**before.meta, "small": preview.measures})
    await uploads.choose_small(tx, one.id, before, after, type=preview.type, blurhash=preview.blurhash)
    preview.used, preview.replaced = True, before.key


async def _delete(server: Server, keys: list[str | None]) -> None:
    for key in keys:
        if key is not None:
            await server.media_files.delete(key)
