"""Making uploads safe to serve. Subprocesses do the dangerous work; this side never opens a picture."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shutil
import stat
import tempfile
from pathlib import Path

from dassie.adapters.media_jobs import Made, Outcome, Task, What
from dassie.adapters.media_pool import WorkerLost, WorkerPool
from dassie.domain.errors import Invalid
from dassie.domain.media_kinds import (
    HEAD,
    MAX_MOVING_BYTES,
    MAX_PICTURE_BYTES,
    MAX_PROFILE_BYTES,
    MEDIA_TYPES,
    MIB,
    PREVIEW_PIXELS,
    UNREADABLE,
    Kind,
    sniff,
)
from dassie.ports import ProcessedMedia

PICTURE_SECONDS = 30.0
MOVING_SECONDS = 900.0
IDLE_SECONDS = 60.0
MEMORY = 1024 * MIB
KEEP_KB = 160 * 1024
"""A worker that is larger than this after a task is replaced."""

_log = logging.getLogger(__name__)


class WorkerMediaTools:
    """`MediaTools` by at most `workers` subprocesses for pictures, and one more for what moves.

    Videos have their own, so that nobody's picture waits for somebody's film.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        memory: int = MEMORY,
        picture_seconds: float = PICTURE_SECONDS,
        moving_seconds: float = MOVING_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
        waiting: int = 64,
    ) -> None:
        self._pictures = WorkerPool(workers, memory=memory, idle_seconds=idle_seconds, keep_kb=KEEP_KB, waiting=waiting)
        self._moving = WorkerPool(1, memory=memory, idle_seconds=idle_seconds, keep_kb=KEEP_KB, waiting=waiting)
        self._picture_seconds, self._moving_seconds = picture_seconds, moving_seconds

    async def attachment(self, source: Path, work: Path) -> ProcessedMedia:
        """Check by content, strip metadata, make preview and blurhash; results are put into folder `work`.

        Raises `Invalid` with a sentence for the uploader, and `Busy` where too many wait already.
        """
        size, head = await asyncio.to_thread(_look, source)
        kind = sniff(head)
        _check_size(size, MAX_PICTURE_BYTES if kind.family == "picture" else MAX_MOVING_BYTES, kind)
        return await self._make("attachment", source, work, moves=kind.animated or kind.family == "moving")

    async def avatar(self, source: Path, work: Path) -> ProcessedMedia:
        """400 x 400, with a static version as `small` where the picture moves."""
        return await self._portrait("avatar", source, work)

    async def header(self, source: Path, work: Path) -> ProcessedMedia:
        """1500 x 500, always still."""
        return await self._portrait("header", source, work)

    async def thumbnail(self, source: Path, work: Path, *, max_pixels: int = PREVIEW_PIXELS) -> ProcessedMedia:
        """A still preview of a remote picture; only `original` is set, together with the blurhash."""
        size, _ = await asyncio.to_thread(_look, source)
        _check_size(size, MAX_PICTURE_BYTES, None)
        return await self._make("thumbnail", source, work, max_pixels=max_pixels)

    async def close(self) -> None:
        """End the subprocesses. Work under way fails."""
        await asyncio.gather(self._pictures.close(), self._moving.close())

    @property
    def pids(self) -> list[int]:
        """The process ids of the subprocesses there are now; none on an idle server."""
        return [*self._pictures.pids, *self._moving.pids]

    async def _portrait(self, what: What, source: Path, work: Path) -> ProcessedMedia:
        size, _ = await asyncio.to_thread(_look, source)
        _check_size(size, MAX_PROFILE_BYTES, None)
        return await self._make(what, source, work)

    async def _make(
        self, what: What, source: Path, work: Path, *, moves: bool = False, max_pixels: int = PREVIEW_PIXELS
    ) -> ProcessedMedia:
        pool, seconds = (self._moving, self._moving_seconds) if moves else (self._pictures, self._picture_seconds)
        folder = Path(tempfile.mkdtemp(prefix="making-", dir=work.absolute()))
        task = Task(
            what=what,
            source=str(source.absolute()),
            folder=str(folder),
            cpu_seconds=int(seconds * 2) + 1,  # there may be two threads
            max_pixels=max_pixels,
        )
        try:
            outcome = await _answer(pool, task, seconds)
            return await asyncio.to_thread(_collect, outcome, folder, work)
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))


async def _answer(pool: WorkerPool, task: Task, seconds: float) -> Made:
    """What the worker made; anything else is an `Invalid` for the uploader and a line in the log."""
    try:
        outcome: Outcome = await pool.run(task, seconds)
    except TimeoutError:
        _log.warning("media worker: %s took longer than %s seconds", task.what, seconds)
        raise Invalid("This file takes too long to process. Please try a smaller one") from None
    except WorkerLost as loss:
        _log.warning("media worker: %s: %s", task.what, loss)
        raise Invalid(UNREADABLE, cause=str(loss)) from loss
    if outcome.made is not None:
        return outcome.made
    if outcome.refused is not None:
        raise Invalid(outcome.refused)
    _log.warning("media worker: %s: %s", task.what, outcome.failed)
    raise Invalid(UNREADABLE, cause=outcome.failed)


def _collect(made: Made, folder: Path, work: Path) -> ProcessedMedia:
    """Move the results into `work`, under names of their own.

    The worker may have been taken over by what it opened, so that its answer is not believed: only a
    plain file of a known ending, right in the task's folder, is taken.
    """
    token = secrets.token_hex(8)
    original, original_type = _taken(made.original, folder, work, token)
    small, small_type = (None, None) if made.small is None else _taken(made.small, folder, work, token)
    return ProcessedMedia(
        kind=made.kind,
        original=original,
        original_type=original_type,
        small=small,
        small_type=small_type,
        blurhash=made.blurhash,
        meta=made.meta,
    )


def _taken(name: str, folder: Path, work: Path, token: str) -> tuple[Path, str]:
    stem, _, ending = name.partition(".")
    if stem not in ("original", "small") or ending not in MEDIA_TYPES:
        raise Invalid(UNREADABLE, cause="worker named a strange file")
    path = folder / name
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise Invalid(UNREADABLE, cause="worker made no plain file")
    return path.rename(work / f"{token}-{name}"), MEDIA_TYPES[ending]


def _look(source: Path) -> tuple[int, bytes]:
    """The size of a file, and its first bytes."""
    with source.open("rb") as file:
        return os.fstat(file.fileno()).st_size, file.read(HEAD)


def _check_size(size: int, limit: int, kind: Kind | None) -> None:
    if size == 0:
        raise Invalid("This file is empty")
    if size > limit:
        what = "Videos and audio" if kind is not None and kind.family == "moving" else "Pictures"
        raise Invalid(f"{what} may have at most {limit // MIB} MB; this file has {size / MIB:.1f} MB")
