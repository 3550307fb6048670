"""Counting anew what is stored, from the rows and from the files on disk, and mending what does not fit together.

A file of which no row knows is removed, unless it is so young that its row may still come; a row of another server's
file that is gone is removed. Missing files of people here are only told of: a backup may have them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from msgspec import Struct

from dassie.domain.storage import OWN
from dassie.server import Server
from dassie.store import cached_files, recounting, usage
from dassie.store.cached_files import OldFile
from dassie.store.recounting import Difference

ROWS_AT_ONCE = 200
HOSTS_AT_ONCE = 100
YOUNG = 3600.0
"""Seconds."""
HALF_DONE = 86_400.0
"""What is being worked on is left alone so long, in seconds."""
MOST_TOLD = 1_000


class Recount(Struct):
    """What was found and mended."""

    differences: list[Difference]
    """What was counted wrong; mended."""
    orphans: list[str]
    """Files without a row; removed. At most 1,000 are named."""
    orphan_files: int = 0
    orphan_bytes: int = 0
    rows_without_file: int = 0
    """Of other servers' files; removed."""
    missing: list[str] = []
    """Keys of files of people here that are not on the disk. At most 1,000 are named."""
    half_done: int = 0
    """Leftovers of work that a crash broke off; removed."""

    @property
    def clean(self) -> bool:
        """Whether there was nothing to mend."""
        return not (self.differences or self.orphan_files or self.rows_without_file or self.missing or self.half_done)


async def recount(server: Server, *, young: float = YOUNG, half_done: float = HALF_DONE) -> Recount:
    """Mend files and rows, then what is counted. The server may go on meanwhile."""
    found = Recount([], [])
    found.rows_without_file = await _drop_rows(server)
    own = await _own_keys(server, found)
    root, work = server.config.data / "media", server.config.data / "tmp"
    await _drop_files(server, root, own, found, time.time() - young)
    found.half_done = await asyncio.to_thread(_clean, work, time.time() - half_done)
    for difference in await _differences(server, own):
        found.differences.append(difference)
        async with server.write() as tx:
            usage.add(tx, difference.kind, difference.host, difference.files, difference.bytes)
    async with server.write() as tx:
        await usage.forget_empty(tx)
    return found


async def _differences(server: Server, own: dict[str, int]) -> list[Difference]:
    async with server.read() as tx:
        found = await recounting.files(tx)
        files, bytes, known_files, known_bytes = await recounting.own(tx)
        pictures = await recounting.pictures(tx)
    there = [own[key] for key in pictures if key in own]
    files, bytes = files + len(there) - known_files, bytes + sum(there) - known_bytes
    if files or bytes:
        found.append(Difference(OWN, "", files, bytes))
    after = ""
    while True:
        async with server.read() as tx:
            hosts = await recounting.hosts(tx, HOSTS_AT_ONCE, after)
            found += await recounting.posts(tx, hosts) if hosts else []
        if len(hosts) < HOSTS_AT_ONCE:
            return found
        after = hosts[-1]


async def _drop_rows(server: Server) -> int:
    """Forget files of other servers that are not on the disk; how many."""
    dropped, after = 0, b""
    while True:
        async with server.read() as tx:
            page = await cached_files.page(tx, ROWS_AT_ONCE, after)
        lost: list[OldFile] = [one for one in page if await server.media_files.size(one.file_key) is None]
        if lost:
            async with server.write() as tx:
                await cached_files.forget(tx, lost)
            dropped += len(lost)
        if len(page) < ROWS_AT_ONCE:
            return dropped
        after = page[-1].url_hash


async def _own_keys(server: Server, found: Recount) -> dict[str, int]:
    """Bytes of all files of people here that are on the disk, by key; those that are not are noted."""
    async with server.read() as tx:
        keys = await recounting.pictures(tx)
    after = 0
    while True:
        async with server.read() as tx:
            page = await recounting.own_files(tx, ROWS_AT_ONCE, after)
        keys += [key for one in page for key in (one.file_key, one.small_key) if key]
        if len(page) < ROWS_AT_ONCE:
            break
        after = page[-1].id
    sizes: dict[str, int] = {}
    for key in keys:
        size = await server.media_files.size(key)
        if size is not None:
            sizes[key] = size
        elif len(found.missing) < MOST_TOLD:
            found.missing.append(key)
    return sizes


async def _drop_files(server: Server, root: Path, own: dict[str, int], found: Recount, before: float) -> None:
    """Remove files of which no row knows."""
    walk = _files(root, before)
    while page := await asyncio.to_thread(_some, walk):
        async with server.read() as tx:
            known = {
                row.file_key
                for key, _ in page
                if (url_hash := _hash_in(key)) is not None and (row := await cached_files.by_hash(tx, url_hash))
            }
        for key, size in page:
            if key in own or key in known:
                continue
            await asyncio.to_thread((root / key).unlink, missing_ok=True)
            found.orphan_files += 1
            found.orphan_bytes += size
            if len(found.orphans) < MOST_TOLD:
                found.orphans.append(key)


def _files(root: Path, before: float) -> Iterator[tuple[str, int]]:
    """(key, bytes) of the files that are older than this."""
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            try:
                stat = path.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if max(stat.st_mtime, stat.st_ctime) <= before:
                yield path.relative_to(root).as_posix(), stat.st_size


def _some(walk: Iterator[tuple[str, int]]) -> list[tuple[str, int]]:
    return list(islice(walk, ROWS_AT_ONCE))


def _hash_in(key: str) -> bytes | None:
    """What a cached file is kept under, from its key `cache/ab/abcd….webp`."""
    parts = key.split("/")
    if len(parts) != 3 or parts[0] != "cache":
        return None
    try:
        return bytes.fromhex(parts[2].split(".")[0])
    except ValueError:
        return None


def _clean(where: Path, before: float) -> int:
    removed = 0
    if not where.is_dir():
        return 0
    with os.scandir(where) as entries:
        for entry in entries:
            if entry.stat(follow_symlinks=False).st_mtime > before:
                continue
            removed += 1
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                Path(entry.path).unlink(missing_ok=True)
    return removed
