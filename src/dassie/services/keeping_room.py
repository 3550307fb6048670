"""Keeps the server within its budget and the disk above its floor: looks every few seconds, and makes room.

Near the floor what strangers send waits, before anything is at risk; at the floor no other server's files are fetched,
while people here go on writing; a full disk refuses with a sentence that says so. Each process looks for itself; those
that run jobs also make room. Two of them at once take at most one step too much.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import msgspec
import structlog

from dassie.domain.errors import DassieError
from dassie.domain.sizes import show_size
from dassie.domain.storage import POST, Limits
from dassie.server import Server
from dassie.services import making_room, measuring_storage
from dassie.services.making_room import Need, Sweep
from dassie.services.measuring_storage import Report, Used
from dassie.store import database_size, settings
from dassie.store.room import Level, Room

log = structlog.get_logger("storage")

LOOK_EVERY = 2.0
"""Seconds."""
FULL_FOR = 10.0
"""So long after a write failed for want of room the disk counts as full."""
NOTHING_LEFT = 262_144
STOPS_WITHIN = 5.0
REST = 60.0
"""So long we wait where nothing more may go."""
AT_ONCE = 200_000_000
"""Bytes that go between two looks, at most."""
PEAK_EVERY = timedelta(minutes=1)
_WORDS = {Level.FULL: "full", Level.FLOOR: "floor", Level.NEAR: "near", Level.PLENTY: "plenty"}


class RoomKeeper:
    """One per process."""

    def __init__(self, server: Server, *, evicts: bool = True) -> None:
        self._server = server
        self._evicts = evicts
        self._task: asyncio.Task[None] | None = None
        self._failed_at: float | None = None
        self._over = False
        self._ending = False
        self._sweep = Sweep()
        self._fresh = True
        self._rests_until = 0.0
        self._peak_at = server.clock.now() - PEAK_EVERY
        self._account = 0
        self.limits: Limits | None = None

    async def start(self) -> None:
        """Look for the first time, then every few seconds."""
        self._server.db.on_full = self.write_failed
        await self._safely()
        self._task = asyncio.create_task(self._loop())

    async def stop(self) -> None:
        """What is under way ends with its step: each is complete in itself."""
        self._ending = True
        self._server.room.needed.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=STOPS_WITHIN)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def write_failed(self) -> None:
        """The database had no room for a change."""
        self._failed_at = self._server.clock.monotonic()
        self._judge()

    async def _loop(self) -> None:
        needed = self._server.room.needed
        while not self._ending:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(needed.wait(), LOOK_EVERY)
            needed.clear()
            if not self._ending:
                await self._safely()

    async def _safely(self) -> None:
        try:
            await self.turn()
        except DassieError as error:
            log.warning("room could not be kept", why=error.safe)
        except Exception as error:  # a database that is away: the next turn tries again
            log.exception("keeping room failed", error=str(error))

    async def turn(self) -> None:
        """Look once, say what may be stored, and make room where it is needed."""
        await self.look()
        if self._evicts:
            await self._make_room()

    async def look(self) -> None:
        """Measure, and judge."""
        server = self._server
        disk = await measuring_storage.disk_of(server)
        async with server.read() as tx:
            changed = await measuring_storage.changed_settings(tx)
            used = await measuring_storage.measure(server, tx)
        room, held = server.room, measuring_storage.limits_of(server, changed, disk)
        if self.limits != held:
            self._rests_until = 0.0  # with other limits there may be something to do again
        self.limits = held
        room.budget, room.floor, room.free, room.used = held.budget, held.floor, disk.free, used.total
        self._judge()
        if server.db.name != "sqlite" and self._evicts:
            await self._keep_peak(used)

    def _judge(self) -> None:
        if self.limits is None:
            return
        room = self._server.room
        self._over = room.used > (self.limits.begin if self._over else self.limits.budget)
        full = self._failed_at is not None and self._server.clock.monotonic() - self._failed_at < FULL_FOR
        level, why = judge(room, self.limits, full=full, over=self._over)
        room.why = why
        if level == room.level:
            return
        before, room.level = room.level, level
        self._server.counters.add(f"storage.level_{_WORDS[level]}")
        say = log.info if level > before else log.warning
        say("room has changed", now=_WORDS[level], before=_WORDS[before], why=why, free=room.free, used=room.used)

    async def _make_room(self) -> None:
        room, clock = self._server.room, self._server.clock
        need = self._need()
        if need.total <= 0 and need.disk <= 0:
            return
        if clock.monotonic() < self._rests_until:
            return
        gone = await making_room.make_room(self._server, need, self._sweep, go_on=lambda: not self._ending)
        if gone.bytes:
            log.info("made room", freed=gone.bytes, **{kind: number for kind, (number, _) in gone.kinds.items()})
        self._account = await making_room.remove_lonely(self._server, self._account)
        if not gone.enough:
            if self._fresh:
                self._rests_until = clock.monotonic() + REST
            self._sweep, self._fresh = Sweep(), True
            return
        self._fresh = False
        room.needed.set()  # perhaps that was only a part: look again at once

    def _need(self) -> Need:
        """What is to go now; a little more than what is too much, so that it has not to begin again at once."""
        room, held = self._server.room, self.limits
        assert held is not None
        wished, room.wished = room.wished, 0
        going_to = room.used + room.reserved + wished
        total = going_to - held.target if going_to > (held.budget if wished else held.begin) else 0
        disk = 0
        if room.free is not None:
            slack = (held.near - held.floor) // 4
            line = held.near + (slack if room.level <= Level.NEAR else 0)
            left = room.free - wished
            disk = line + slack - left if left <= line else 0
        return Need(min(max(total, 0), AT_ONCE), min(max(disk, 0), AT_ONCE))

    async def _keep_peak(self, used: Used) -> None:
        now = self._server.clock.now()
        if now - self._peak_at < PEAK_EVERY:
            return
        self._peak_at = now
        async with self._server.write() as tx:
            size = await database_size.measure(tx)
            peak = await measuring_storage.peak_of(tx, used.kinds.get(POST), size)
            await settings.save(tx, measuring_storage.PEAK, msgspec.to_builtins(peak))


def judge(room: Room, held: Limits, *, full: bool, over: bool) -> tuple[Level, str]:
    """What may be stored, and why not more. A level is left again only when there is clearly more room."""
    free = room.free if room.free is not None else held.near + 1
    slack = (held.near - held.floor) // 4
    at_floor = free <= held.floor + (slack if room.level <= Level.FLOOR else 0)
    near = free <= held.near + (slack if room.level <= Level.NEAR and not over else 0)
    shown = {"free": show_size(free), "floor": show_size(held.floor)}
    shown |= {"used": show_size(room.used), "budget": show_size(held.budget)}
    if full or free < NOTHING_LEFT:
        return Level.FULL, "The disk is full, so nothing can be saved. Free some space: dassie goes on by itself."
    if at_floor:
        return Level.FLOOR, _AT_FLOOR.format(**shown)
    if near:
        return Level.NEAR, _NEAR.format(**shown)
    if over:
        return Level.NEAR, _OVER.format(**shown)
    return Level.PLENTY, ""


def judge_report(found: Report) -> tuple[Level, str]:
    """The same of a report: what a server that just started may store."""
    room = Room(free=found.disk.free, used=found.used)
    return judge(room, found.limits, full=False, over=found.used > found.limits.budget)


_AT_FLOOR = (
    "Only {free} are free on the disk, and {floor} are to stay free. Delete something on this disk, or lower the floor "
    "with `dassie storage set --floor`."
)
_NEAR = (
    "{free} are free on the disk, which is near the {floor} that are to stay free. Delete something on this disk, or "
    "lower the floor with `dassie storage set --floor`."
)
_OVER = (
    "{used} are used of a budget of {budget}. Room is being made; if that does not end, raise the budget with "
    "`dassie storage set --budget`."
)
