"""Media files in a folder of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dassie.domain.errors import Invalid, NotFound

CHUNK = 256 * 1024
MAX_KEY = 255
_PART = re.compile(r"[a-z0-9_-][a-z0-9._-]*", re.ASCII)
_INCOMING = ".incoming"  # no key can name it: parts of a key do not start with a dot
_HALF_MADE_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What the store holds. `free` are the bytes left on its disk for us."""

    files: int
    bytes: int
    free: int


class LocalMediaFiles:
    """`MediaFiles` in the folder `root`. A file is there completely or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    async def put(self, key: str, source: Path) -> int:
        """Take over the file at `source` and return its size in bytes. An older file of that key is replaced.

        After return the file survives a power cut: it is synced, renamed into place, and so is its folder.
        """
        return await asyncio.to_thread(self._put, self._path(key), source)

    async def size(self, key: str) -> int | None:
        """Bytes, or None where there is no such file."""
        path = self._path(key)
        return await asyncio.to_thread(_size, path)

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Bytes from `start` up to, not including, `end`; nothing where the range lies outside.

        Raises `NotFound`. A file that is deleted while it is read is still read to its end.
        """
        path = self._path(key)
        file = await asyncio.to_thread(_open, path, max(start, 0))
        try:
            left = None if end is None else end - max(start, 0)
            while left is None or left > 0:
                chunk = await asyncio.to_thread(file.read, CHUNK if left is None else min(CHUNK, left))
                if not chunk:
                    return
                left = None if left is None else left - len(chunk)
                yield chunk
        finally:
            file.close()

    async def delete(self, key: str) -> None:
        """Deleting what is not there is not an error. Folders that become empty stay: they are few."""
        path = self._path(key)
        await asyncio.to_thread(path.unlink, missing_ok=True)

    def local_path(self, key: str) -> Path | None:
        """The path of the file, whether or not it exists."""
        return self._path(key)

    async def usage(self) -> Usage:
        """Counts every file, so it is for a nightly job, not for every request.

        Copies that a crash left half made are removed on the way.
        """
        return await asyncio.to_thread(self._usage)

    def _path(self, key: str) -> Path:
        """Where `key` lies. Raises `Invalid` for any key that could point elsewhere."""
        parts = key.split("/")
        if len(key) > MAX_KEY or not all(_PART.fullmatch(part) for part in parts):
            raise Invalid("This is not a name of a file here", key=key[:MAX_KEY])
        return self.root.joinpath(*parts)

    def _put(self, target: Path, source: Path) -> int:
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming = self._beside(source)
        try:
            with incoming.open("rb") as file:
                os.fchmod(file.fileno(), 0o600)
                os.fsync(file.fileno())
                size = os.fstat(file.fileno()).st_size
            incoming.replace(target)
        except BaseException:
            if incoming != source:
                incoming.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        if incoming != source:
            source.unlink(missing_ok=True)
        return size

    def _beside(self, source: Path) -> Path:
        """`source` itself where it lies on our file system, or else a copy that does."""
        if source.is_symlink() or not source.is_file():
            raise NotFound("There is no such file to store", source=str(source))
        if source.stat().st_dev == self.root.stat().st_dev:
            return source
        folder = self.root / _INCOMING
        folder.mkdir(exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
        os.close(handle)
        try:
            return Path(shutil.copyfile(source, name))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _sweep(self) -> None:
        for path in (self.root / _INCOMING).glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - _HALF_MADE_SECONDS:
                    path.unlink()

    def _usage(self) -> Usage:
        self._sweep()
        files = size = 0
        waiting = [str(self.root)] if self.root.is_dir() else []
        while waiting:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        files += 1
                        size += entry.stat(follow_symlinks=False).st_size
        self.root.mkdir(parents=True, exist_ok=True)
        return Usage(files=files, bytes=size, free=shutil.disk_usage(self.root).free)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except NotADirectoryError:
        return None


def _open(path: Path, start: int) -> BinaryIO:
    try:
        file = path.open("rb")
        file.seek(start)
        return file
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise NotFound("There is no such file") from None


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
