"""Commands knock when they leave jobs or end tokens: the running server, a process of its own, looks within a second.

It is a file in the data folder whose time changes. Servers that share a database also look by themselves, now and then.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

FILE = "knock"


def knock(data: Path) -> None:
    """Have the server that runs on this folder look for jobs, and whether those who listen still may."""
    with contextlib.suppress(OSError):  # such as a full disk: it looks when it has something else to do
        path = data / FILE
        path.touch(0o600)
        os.utime(path)


class Door:
    """Whether somebody knocked since it was asked last."""

    def __init__(self, data: Path) -> None:
        self._path = str(data / FILE)
        self._heard = self._time()

    def knocked(self) -> bool:
        """One look at the file's time."""
        time = self._time()
        heard, self._heard = self._heard, time
        return time != heard

    def _time(self) -> int:
        try:
            return os.stat(self._path).st_mtime_ns
        except OSError:
            return 0
