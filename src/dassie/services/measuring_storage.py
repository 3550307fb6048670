"""How much of the disk is used, for what, how it grows, and when it will be full.

Counts against the budget: our files, files of other servers, and the database without its empty pages.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from dassie.config import Config
from dassie.domain.storage import FILES, KINDS, OWN, POST, Limits, StorageSettings, limits
from dassie.jobs.registry import recurs
from dassie.server import Server
from dassie.store import cached_files, database_size, evicting, settings, usage
from dassie.store.database_size import DatabaseSize, PartSize
from dassie.store.tx import Database, Tx
from dassie.store.usage import HostUsage, KindUsage

SETTINGS = "storage"
PEAK = "storage.peak"
"""PostgreSQL tells of no empty pages: what others' posts once took and do not any more is taken for empty."""
GROWTH_DAYS = 7
HOSTS_SHOWN = 20
PARTS_WITHIN = 20.0
SHRUNK = 0.9


class Place(Protocol):
    """What is measured: a server, or its settings and database alone."""

    @property
    def config(self) -> Config: ...
    @property
    def db(self) -> Database: ...
    def read(self) -> AbstractAsyncContextManager[Tx]: ...


class Peak(Struct, frozen=True):
    """The most that posts of others took, and the size of the database then."""

    posts: int
    database: int


class Disk(Struct, frozen=True):
    """The file system of the data folder."""

    total: int
    free: int


class Used(Struct, frozen=True):
    """What counts against the budget, in bytes."""

    kinds: dict[str, KindUsage]
    database: int
    """Without its empty pages, with its journal."""
    empty: int
    """Pages of the database that are used again before it grows."""

    @property
    def total(self) -> int:
        return self.database + sum(found.bytes for kind, found in self.kinds.items() if kind != POST)

    def bytes(self, kind: str) -> int:
        return self.kinds[kind].bytes if kind in self.kinds else 0


class KindReport(Struct, frozen=True):
    """A line of the report."""

    kind: str
    """One of `KINDS`, or `database`."""
    files: int | None
    bytes: int
    share: float
    """Of all that is used; of posts, which are part of the database, too."""
    oldest_view: datetime | None
    growth: int | None
    """Bytes a day over the last week; None where it is not known yet."""


class Report(Struct, frozen=True):
    """All about storage, as the command and the page show it."""

    at: datetime
    limits: Limits
    configured: Limits
    changed: StorageSettings
    disk: Disk
    used: int
    empty: int
    kinds: list[KindReport]
    hosts: list[HostUsage]
    growth: int | None
    full_on: datetime | None
    """When the budget or the disk is used up if it goes on like this."""
    parts: list[PartSize] | None = None
    """Tables and indexes of the database, the biggest first; where asked for."""


async def changed_settings(tx: Tx) -> StorageSettings:
    """What was changed at run time."""
    found = await settings.read(tx, SETTINGS)
    return msgspec.convert(found, StorageSettings) if found is not None else StorageSettings()


async def disk_of(server: Place) -> Disk:
    """How big the disk of the data folder is, and how much of it is free for us."""
    return await asyncio.to_thread(_disk, server.config.data)


async def measure(server: Place, tx: Tx) -> Used:
    """What is used now; cheap."""
    kinds = await usage.by_kind(tx)
    size = await database_size.measure(tx)
    if tx.database == "sqlite":
        return Used(kinds, size.total - size.free + _journal(server), size.free)
    peak = await peak_of(tx, kinds.get(POST), size)
    empty = min(peak.posts - (kinds[POST].bytes if POST in kinds else 0), size.total // 2)
    return Used(kinds, size.total - empty, empty)


async def peak_of(tx: Tx, posts: KindUsage | None, size: DatabaseSize) -> Peak:
    """The kept peak, or that of now where it is higher or the database shrank (VACUUM FULL)."""
    kept = await settings.read(tx, PEAK)
    now = Peak(posts.bytes if posts is not None else 0, size.total)
    if kept is None:
        return now
    peak = msgspec.convert(kept, Peak)
    return now if now.posts >= peak.posts or size.total < peak.database * SHRUNK else peak


def limits_of(server: Place, changed: StorageSettings, disk: Disk) -> Limits:
    """What holds now."""
    return limits(server.config.storage_budget, server.config.storage_floor, changed, disk.total)


async def report(server: Place, *, detailed: bool = False) -> Report:
    """The whole report. `detailed`: what each table and index takes, which reads the whole SQLite file."""
    disk = await disk_of(server)
    async with server.read() as tx:
        changed = await changed_settings(tx)
        used = await measure(server, tx)
        hosts = await usage.biggest_hosts(tx, HOSTS_SHOWN)
        oldest = {kind: await cached_files.oldest_view(tx, kind) for kind in FILES}
        oldest[POST] = await evicting.oldest_rank(tx)
        history = await usage.history(tx, tx.now - timedelta(days=GROWTH_DAYS))
        now = tx.now
    growth = _growth(history, figures(used), now)
    held = limits_of(server, changed, disk)
    lines = [_line(used, kind, oldest.get(kind), growth.get(kind)) for kind in KINDS]
    lines.append(KindReport("database", None, used.database, _share(used.database, used), None, growth.get("database")))
    return Report(
        at=now,
        limits=held,
        configured=limits_of(server, StorageSettings(), disk),
        changed=changed,
        disk=disk,
        used=used.total,
        empty=used.empty,
        kinds=lines,
        hosts=hosts,
        growth=growth.get("total"),
        full_on=_full_on(now, held, disk, used, growth.get("total")),
        parts=await parts(server) if detailed else None,
    )


async def days(tx: Tx, most: int) -> list[tuple[str, dict[str, int]]]:
    """(day, figures) of the last days, oldest first."""
    found = await usage.history(tx, tx.now - timedelta(days=most))
    return [(f"{at:%Y-%m-%d}", of) for at, of in found.items()]


def figures(used: Used) -> dict[str, int]:
    """The figures that are kept for each day."""
    return {
        "total": used.total,
        "database": used.database,
        **{kind: used.bytes(kind) for kind in KINDS},
    }


async def parts(server: Place) -> list[PartSize] | None:
    """What each table and index takes, the biggest first; None where the database cannot tell in time."""
    if server.db.name == "sqlite":
        found = await asyncio.to_thread(_sqlite_parts, server.config.database_path)
    else:
        async with server.read() as tx:
            found = await database_size.postgres_parts(tx)
    return sorted(found, key=lambda part: -part.bytes) if found is not None else None


@recurs(timedelta(hours=1))
async def note_storage(server: Server) -> None:
    """Keep today's figures, from which growth is reckoned."""
    async with server.read() as tx:
        used = await measure(server, tx)
    async with server.write() as tx:
        await usage.note(tx, figures(used))
        await usage.forget_empty(tx)


def _line(used: Used, kind: str, oldest: datetime | None, growth: int | None) -> KindReport:
    found = used.kinds.get(kind) or KindUsage(kind, 0, 0)
    return KindReport(
        kind, found.files, found.bytes, _share(found.bytes, used), oldest if kind != OWN else None, growth
    )


def _share(bytes: int, used: Used) -> float:
    return round(bytes / used.total, 4) if used.total else 0.0


def _growth(history: dict[datetime, dict[str, int]], now: dict[str, int], at: datetime) -> dict[str, int]:
    """Bytes a day since the oldest figures of the week; nothing where they are younger than half a day."""
    if not history:
        return {}
    since, before = next(iter(history.items()))
    days = (at - since) / timedelta(days=1)
    if len(history) < 2:
        return {}
    return {name: round((value - before.get(name, 0)) / days) for name, value in now.items()}


def _full_on(at: datetime, held: Limits, disk: Disk, used: Used, growth: int | None) -> datetime | None:
    left = min(held.budget - used.total, disk.free - held.floor)
    if left <= 0:
        return at
    if growth is None or growth <= 0 or left / growth > 36_500:
        return None
    return at + timedelta(days=left / growth)


def _disk(data: Path) -> Disk:
    found = os.statvfs(data)
    return Disk(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize)


def _journal(server: Place) -> int:
    path = server.config.database_path
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def _sqlite_parts(path: Path) -> list[PartSize] | None:
    import time

    import apsw

    deadline = time.monotonic() + PARTS_WITHIN
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_progress_handler(lambda: time.monotonic() > deadline, 50_000)
    try:
        rows: list[Any] = connection.execute(database_size.DBSTAT).fetchall()
    except (apsw.SQLError, apsw.InterruptError):  # not compiled in, or the file is too big for that
        return None
    finally:
        connection.close()
    return [PartSize(str(name), int(size)) for name, size in rows]
