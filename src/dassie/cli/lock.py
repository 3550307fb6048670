"""One server per data folder: SQLite and the queue's leases count on it."""

from __future__ import annotations

import os
from pathlib import Path

from dassie.domain.errors import Busy


class DataLock:
    """Held while a server runs; the system lets go of it however the process ends."""

    def __init__(self, data: Path) -> None:
        self._path = data / "dassie.lock"
        self._file: int | None = None

    def take(self) -> None:
        """Raises `Busy` where another process has it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _lock(descriptor):
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise Busy(f"Another dassie{f' (process {holder})' if holder else ''} runs on {self._path.parent} already.")
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._file = descriptor

    def release(self) -> None:
        """Let go of it."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None


def is_taken(data: Path) -> bool:
    """Whether a server runs on this folder."""
    path = data / "dassie.lock"
    if not path.exists():
        return False
    lock = DataLock(data)
    try:
        lock.take()
    except Busy:
        return True
    lock.release()
    return False


def _lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:  # not a Unix: rely on the database's own locks
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
