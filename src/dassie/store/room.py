"""How much room is left on the disk, as the running server last found it; kept in memory only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """What may still be stored. Each level allows what the next lower one does, and more."""

    FULL = 0  # not even our own
    FLOOR = 1  # our own people's posts and what is addressed to us; no other server's files
    NEAR = 2  # what strangers send waits, the rest goes on
    PLENTY = 3


@dataclass(slots=True)
class Room:
    """Set by `services/keeping_room.py` every few seconds; read by every gate."""

    level: Level = Level.PLENTY
    free: int | None = None
    """Bytes free on the disk; None: not looked at yet."""
    why: str = ""
    """One sentence for people, where it is not plenty."""

    @property
    def for_strangers(self) -> bool:
        return self.level >= Level.PLENTY

    @property
    def for_files(self) -> bool:
        """Whether files of other servers may be stored."""
        return self.level >= Level.NEAR
