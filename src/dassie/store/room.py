"""How much room is left, as this process last found it, and what downloads under way may still take of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import IntEnum


class Level(IntEnum):
    """What may still be stored. Each level allows what the next lower one does, and more."""

    FULL = 0  # not even our own
    FLOOR = 1  # our own people's posts and what is addressed to us; no other server's files
    NEAR = 2  # what strangers send waits, the rest goes on
    PLENTY = 3


@dataclass(slots=True)
class Room:
    """Set by `services/keeping_room.py` every few seconds; read by every gate.

    Between two looks, what is stored here is added as it comes: downloads reserve before they write, so that many at
    once do not run past the budget or the floor. Each process has its own.
    """

    level: Level = Level.PLENTY
    free: int | None = None
    """Bytes free on the disk; None: not looked at yet."""
    why: str = ""
    """One sentence for people, where it is not plenty."""
    used: int = 0
    """Bytes that count against the budget."""
    budget: int | None = None
    """None: not known yet, nothing is refused."""
    floor: int = 0
    reserved: int = 0
    """Bytes that downloads under way may still write."""
    wished: int = 0
    """The most that a download waits for in vain."""
    needed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set where room is to be made now, and not at the next look."""

    @property
    def for_strangers(self) -> bool:
        return self.level >= Level.PLENTY

    @property
    def for_files(self) -> bool:
        """Whether files of other servers may be stored."""
        return self.level >= Level.NEAR

    def reserve(self, size: int) -> bool:
        """Set this many bytes aside for a file of another server; False where there is no room for them."""
        fits = self.budget is None or self.used + self.reserved + size <= self.budget
        fits = fits and (self.free is None or self.free - self.reserved - size >= self.floor)
        if fits:
            self.reserved += size
        return fits

    def wish(self, size: int) -> None:
        """Ask that room be made for so much."""
        self.wished = max(self.wished, size)
        self.needed.set()

    def release(self, size: int) -> None:
        """What was reserved is not needed any more."""
        self.reserved = max(self.reserved - size, 0)

    def stored(self, size: int) -> None:
        """So much more (less, where negative) is on the disk, before the next look finds it."""
        self.used = max(self.used + size, 0)
        if self.free is not None:
            self.free = max(self.free - size, 0)

    def reused(self, size: int) -> None:
        """So much of the database is empty now, before the next look finds it."""
        self.used = max(self.used - size, 0)
