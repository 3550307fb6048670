"""Memory and disk of the flooded server, looked at again and again."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

from dassie.rehearsal.flooded import Flooded

EVERY = 1.0
_KINDS = {"dassie.db": "database", "dassie.db-wal": "journal", "dassie.db-shm": "journal"}


class Meter:
    """Looks once a second until it is closed."""

    def __init__(self, flooded: Flooded) -> None:
        self.curve: list[tuple[float, float]] = []
        """(seconds since the start, MB of the server process)."""
        self.peak_with_helpers = 0.0
        self.peak_disk = 0
        """Bytes in the data folder, journals included."""
        self._flooded = flooded
        self._begun = time.monotonic()
        self._task = asyncio.get_running_loop().create_task(self._look())

    @property
    def peak(self) -> float:
        """MB."""
        return max((rss for _, rss in self.curve), default=0.0)

    def thinned(self, most: int = 40) -> list[tuple[float, float]]:
        """The curve with at most so many points, each the highest of its stretch."""
        step = max(-(-len(self.curve) // most), 1)
        return [max(self.curve[i : i + step], key=lambda point: point[1]) for i in range(0, len(self.curve), step)]

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _look(self) -> None:
        while True:
            if (rss := self._flooded.rss) is not None:
                self.curve.append((round(time.monotonic() - self._begun, 1), round(rss, 1)))
                self.peak_with_helpers = max(self.peak_with_helpers, self._flooded.rss_with_helpers or 0.0)
            self.peak_disk = max(self.peak_disk, sum(bytes_by_kind(self._flooded.folder).values()))
            await asyncio.sleep(EVERY)


def bytes_by_kind(folder: Path) -> dict[str, int]:
    """Bytes on disk below a data folder: the database, its journal, each folder, the rest."""
    found: dict[str, int] = {}
    for path in folder.rglob("*"):
        try:
            size = path.stat().st_blocks * 512 if path.is_file() else 0
        except OSError:
            continue  # removed meanwhile
        parts = path.relative_to(folder).parts
        kind = _KINDS.get(parts[0]) or (parts[0] if len(parts) > 1 else "other")
        found[kind] = found.get(kind, 0) + size
    return found
