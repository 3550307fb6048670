"""Files of other servers, fetched when somebody first looks and kept while there is room (design section 8).

One flight per file: all who want it meanwhile wait for the same download, or read along. What a file is says its
content, never its server.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import structlog

from dassie.domain.errors import Busy, DassieError, Invalid, NotFound, RemoteFailed
from dassie.domain.media_kinds import HEAD, SERVED_TYPES, ending, sniff
from dassie.domain.media_limits import MAX_MOVING_BYTES, MAX_PICTURE_BYTES, MAX_PROFILE_BYTES, MIB, PREVIEW_PIXELS
from dassie.ports import Download
from dassie.server import Server
from dassie.services import picturing_cards
from dassie.store import cached_files
from dassie.store.cached_files import CachedFile

log = structlog.get_logger("media")

DOWNLOADS_AT_ONCE = 16
WAITING = 400
READ = 128 * 1024
SEEN_AGAIN_AFTER = timedelta(hours=1)
REMEMBERED_FAILURES = 4_096
SHORT_SECONDS = 60.0
LONG_SECONDS = 600.0
STEP = 256 * 1024
"""So much room is set aside where a server does not say how long a file is, and again when that is full."""
ROOM_WITHIN = 5.0
"""Seconds that a download waits until room was made for it."""
LOOK_AGAIN = 0.05


@dataclass(frozen=True, slots=True)
class Rule:
    """What is taken of a kind of file."""

    max_bytes: int
    seconds: float
    pixels: int | None = None
    """Shrunk to so many; None: kept as it is."""


RULES = {
    "original": Rule(MAX_MOVING_BYTES, 180.0),
    "small": Rule(MAX_PICTURE_BYTES, 30.0, PREVIEW_PIXELS),
    "avatar": Rule(MAX_PROFILE_BYTES, 20.0, 400 * 400),
    "header": Rule(MAX_PROFILE_BYTES, 20.0, 1500 * 500),
    "emoji": Rule(1 * MIB, 15.0, 128 * 128),
    "card": Rule(8 * MIB, 20.0, PREVIEW_PIXELS),
}
"""By the kind that `Urls.proxied` puts into an address."""


def hash_of(kind: str, url: str) -> bytes:
    """What a file is kept under: the same address as a preview is another file."""
    return sha256(f"{kind} {url}".encode("utf-8", "replace")).digest()


class Flight:
    """A file on its way to us. Readers follow it while it grows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.type: str | None = None
        """Known once its first bytes are here, where it is passed on as it comes."""
        self.length: int | None = None
        """Bytes that its server announced."""
        self.written = 0
        self.result: CachedFile | None = None
        self.error: DassieError | None = None
        self.task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    @property
    def over(self) -> bool:
        return self.result is not None or self.error is not None

    def changed(self) -> None:
        """Wake everybody who waits."""
        event, self._changed = self._changed, asyncio.Event()
        event.set()

    async def began(self) -> None:
        """Return once the type is known or it is over; raises what went wrong."""
        while self.type is None and not self.over:
            await self._changed.wait()
        self._check()

    async def done(self) -> CachedFile:
        """The file as it is kept."""
        while not self.over:
            await self._changed.wait()
        self._check()
        assert self.result is not None
        return self.result

    async def follow(self, file: BinaryIO) -> AsyncIterator[bytes]:
        """The bytes as they come; `file` is the growing file, opened by the reader. Raises when it breaks off."""
        sent = 0
        while True:
            while sent >= self.written and not self.over:
                await self._changed.wait()
            if sent < self.written:
                chunk = await asyncio.to_thread(file.read, min(READ, self.written - sent))
                sent += len(chunk)
                yield chunk
                continue
            self._check()
            return

    def _check(self) -> None:
        if self.error is not None:
            raise _again(self.error)


class MediaCache:
    """All flights of this process, and a short memory of what failed."""

    def __init__(self) -> None:
        self._flights: dict[tuple[str, bytes], Flight] = {}
        self._failures: OrderedDict[tuple[str, bytes], tuple[float, DassieError]] = OrderedDict()
        self._slots = asyncio.Semaphore(DOWNLOADS_AT_ONCE)

    async def kept(self, server: Server, kind: str, url: str) -> CachedFile | None:
        """The file where we have it."""
        async with server.read() as tx:
            row = await cached_files.by_hash(tx, hash_of(kind, url))
        if row is None or await server.media_files.size(row.file_key) != row.size:
            return None
        return row

    async def seen(self, server: Server, file: CachedFile) -> None:
        """Note that somebody looked at it; once an hour is enough."""
        if server.clock.now() - file.last_seen_at > SEEN_AGAIN_AFTER:
            async with server.write() as tx:
                await cached_files.seen(tx, file.url_hash)

    def fetch(self, server: Server, kind: str, url: str) -> Flight:
        """The flight that brings this file, begun now where there is none.

        Raises the failure of a moment ago, `RemoteFailed` where its server is left in peace, and `Busy` where too
        many wait already.
        """
        key = (server.urls.base, hash_of(kind, url))
        flight = self._flights.get(key)
        if flight is not None:
            return flight
        self._refuse_known_failure(key, server.clock.monotonic())
        if not server.room.for_files:
            server.counters.add("storage.files_refused")
            raise _no_room(server)
        server.hosts.check(urlsplit(url).netloc.lower())
        if len(self._flights) >= WAITING:
            raise Busy("Too many files are being fetched from other servers. Try again in a moment.", retry_after=10)
        descriptor, name = tempfile.mkstemp(dir=server.config.data / "tmp", prefix="fetch-")
        os.close(descriptor)
        flight = self._flights[key] = Flight(Path(name))
        flight.task = asyncio.create_task(self._fly(server, kind, url, key, flight))
        return flight

    async def close(self, server: Server) -> None:
        """End this server's flights, and forget what failed for it."""
        flights = [flight for (base, _), flight in self._flights.items() if base == server.urls.base]
        tasks = [flight.task for flight in flights if flight.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for key in [key for key in self._failures if key[0] == server.urls.base]:
            del self._failures[key]

    def _refuse_known_failure(self, key: tuple[str, bytes], now: float) -> None:
        found = self._failures.get(key)
        if found is None:
            return
        until, error = found
        if until > now:
            raise _again(error)
        del self._failures[key]

    def _remember(self, key: tuple[str, bytes], error: DassieError, now: float) -> None:
        if isinstance(error, RemoteFailed) and error.kind == "breaker":
            return  # its server may be asked again in a moment
        lasting = not isinstance(error, RemoteFailed) or _lasting(error)
        self._failures[key] = (now + (LONG_SECONDS if lasting else SHORT_SECONDS), error)
        self._failures.move_to_end(key)
        while len(self._failures) > REMEMBERED_FAILURES:
            self._failures.popitem(last=False)

    async def _fly(self, server: Server, kind: str, url: str, key: tuple[str, bytes], flight: Flight) -> None:
        try:
            async with self._slots:
                flight.result = await _bring(server, kind, url, flight)
        except DassieError as error:
            flight.error = error
        except OSError as error:
            log.warning("a file of another server could not be kept", why=str(error))
            flight.error = Busy("There is no room for this file.", retry_after=60)
        except asyncio.CancelledError:
            flight.error = Busy("We are shutting down.", retry_after=10)
            raise
        except Exception as error:
            log.exception("fetching a file failed", error=str(error))
            flight.error = RemoteFailed("This file could not be fetched", kind="malformed")
        finally:
            self._flights.pop(key, None)
            if flight.error is not None and not isinstance(flight.error, Busy):
                self._remember(key, flight.error, server.clock.monotonic())
            flight.changed()
            with contextlib.suppress(OSError):
                flight.path.unlink(missing_ok=True)


CACHE = MediaCache()


def _lasting(error: RemoteFailed) -> bool:
    return error.code in (404, 410) or error.kind in ("blocked_address", "too_large", "redirects", "content_type")


def _again(error: DassieError) -> DassieError:
    """The same failure for another reader; one exception raised in many tasks would gather their tracebacks."""
    if isinstance(error, RemoteFailed):
        return RemoteFailed(error.safe, kind=error.kind, code=error.code, retry_after=error.retry_after)
    if isinstance(error, Busy):
        return Busy(error.safe, retry_after=error.retry_after)
    return type(error)(error.safe)


# Bringing a file ------------------------------------------------------------------------------------


async def _bring(server: Server, kind: str, url: str, flight: Flight) -> CachedFile:
    rule = RULES[kind]
    accept = "image/*" if rule.pixels is not None else "image/*, video/*, audio/*"
    claim = _Claim(server)
    try:
        async with server.http.download(url, accept=accept, max_bytes=rule.max_bytes, timeout=rule.seconds) as download:
            if download.code in (404, 410):
                raise NotFound("The other server has no such file")
            if download.code != 200:
                raise RemoteFailed(f"The other server answered {download.code}", kind="http", code=download.code)
            await claim.make(min(_announced(download) or STEP, rule.max_bytes))
            suffix = await _write(download, flight, claim, pass_on=rule.pixels is None)
        return await _finish(server, kind, url, flight, rule, suffix)
    finally:
        claim.end()


async def _finish(server: Server, kind: str, url: str, flight: Flight, rule: Rule, suffix: str) -> CachedFile:
    if rule.pixels is None:
        return await _keep(server, kind, url, flight.path, suffix)
    work = Path(tempfile.mkdtemp(dir=server.config.data / "tmp", prefix="shrink-"))
    try:
        made = await server.media_tools.thumbnail(flight.path, work, max_pixels=rule.pixels)
        if kind == "card":
            await picturing_cards.pictured(server, url, made)
        return await _keep(server, kind, url, made.original, made.original.suffix.lstrip("."))
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, work, ignore_errors=True))


class _Claim:
    """The room that one download has set aside."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._size = 0

    async def make(self, size: int) -> None:
        """Set aside this much more, waiting a moment until what nobody looks at has made room; raises `Busy`."""
        room, clock = self._server.room, self._server.clock
        deadline = clock.monotonic() + ROOM_WITHIN
        while not room.reserve(size):
            room.wish(size)
            if clock.monotonic() >= deadline or not room.for_files:
                self._server.counters.add("storage.files_refused")
                raise _no_room(self._server)
            await asyncio.sleep(LOOK_AGAIN)
        self._size += size

    async def cover(self, written: int) -> None:
        """See that so much is set aside."""
        if written > self._size:
            await self.make(max(written - self._size, STEP))

    def end(self) -> None:
        """What is kept is counted by now, the rest is free again."""
        self._server.room.release(self._size)
        self._size = 0


def _no_room(server: Server) -> Busy:
    why = server.room.why or "The storage budget is used up, and room is made too slowly."
    return Busy(f"There is no room for files of other servers. {why}", retry_after=60)


def _announced(download: Download) -> int | None:
    """The length its server tells, where it is that of the file."""
    announced = download.headers.get("content-length", "")
    told = "content-encoding" not in download.headers and announced.isascii() and announced.isdigit()
    return int(announced) if told else None


async def _write(download: Download, flight: Flight, claim: _Claim, *, pass_on: bool) -> str:
    """Take the body into the flight's file; the ending that suits its content. Readers are let on once it is known."""
    head = b""
    suffix = ""
    with flight.path.open("wb", buffering=0) as file:
        async for chunk in download.chunks():
            await claim.cover(flight.written + len(chunk))
            await asyncio.to_thread(file.write, chunk)
            if not suffix:
                head += chunk[: HEAD - len(head)]
                if len(head) >= HEAD:
                    suffix = _ending(head, only_pictures=not pass_on)
            flight.written += len(chunk)
            if suffix and pass_on:
                flight.length = _announced(download)
                flight.type = SERVED_TYPES[suffix]
                flight.changed()
    return suffix or _ending(head, only_pictures=not pass_on)


def _ending(head: bytes, *, only_pictures: bool) -> str:
    try:
        kind = sniff(head)
    except Invalid as error:
        raise RemoteFailed("This is no picture, video or sound", kind="content_type") from error
    if only_pictures and kind.family != "picture":
        raise RemoteFailed("This is no picture", kind="content_type")
    return ending(kind)


async def _keep(server: Server, kind: str, url: str, path: Path, suffix: str) -> CachedFile:
    url_hash = hash_of(kind, url)
    name = url_hash.hex()
    key = f"cache/{name[:2]}/{name}.{suffix}"
    size = await server.media_files.put(key, path)
    async with server.write() as tx:
        file = CachedFile(url_hash, key, SERVED_TYPES[suffix], size, tx.now)
        await cached_files.keep(tx, file, kind, url)
        tx.after_commit(lambda: server.room.stored(size))
    return file
