"""The server that is flooded: a `dassie up` of its own, and what the operating system says it used."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from dassie.rehearsal.plan import HERE
from dassie.rehearsal.posting import Line, get

STARTING = 60.0
STOPPING = 40.0
PROC = Path("/proc")


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Flooded:
    """`async with Flooded(…) as server`: it answers; it is ended when the block is left, however that happens."""

    def __init__(self, folder: Path, port: int, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self.port = port
        self.starts = 0
        self._settings = settings
        self._child: subprocess.Popen[bytes] | None = None
        self._cpu_before = 0.0
        self._cpu_last = 0.0

    @staticmethod
    def settings(folder: Path, port: int, resolver: str, database_url: str = "") -> dict[str, str]:
        """For a server whose only neighbours are the fleet."""
        return {
            "data": str(folder),
            "domain": HERE,
            "listen": f"127.0.0.1:{port}",
            "database_url": database_url,
            "test_resolver": resolver,
            "allowed_private_networks": "127.0.0.0/8",
            "trusted_proxies": "127.0.0.0/8",
            "rate_limits": "off",  # one reader asks five times a second
            "log_level": "warning",
        }

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.kill()
        await self.stop()

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("DASSIE_")} | {
            name if name.isupper() else f"DASSIE_{name.upper()}": value
            for name, value in self._settings.items()
            if value
        }
        self.starts += 1
        self._child = self._begin(environ)
        try:
            async with asyncio.timeout(STARTING), Line(self.port) as line:
                while (await line.send(get("/health"))).code != 200:
                    if not self.running:
                        raise RuntimeError(f"the server did not start: {self.log[-2000:]}")
                    await asyncio.sleep(0.05)
        except BaseException:
            self.kill()
            raise

    def _begin(self, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """In a session of its own: Ctrl-C is for us, who then end it."""
        with (self.folder.parent / "server.log").open("ab") as log:
            command = [sys.executable, "-m", "dassie", "up"]
            return subprocess.Popen(command, env=environ, stdout=log, stderr=log, start_new_session=True)

    async def stop(self) -> None:
        """End it in peace."""
        child = self._child
        if child is None:
            return
        self._note_cpu()
        child.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(child.wait, STOPPING)
        except subprocess.TimeoutExpired:
            self.kill()
        self._forget()

    def kill(self) -> None:
        """kill -9, with all that it started."""
        child = self._child
        if child is None:
            return
        self._note_cpu()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        self._forget()

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def log(self) -> str:
        """What it wrote."""
        path = self.folder.parent / "server.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def cpu(self) -> float | None:
        """CPU seconds of it and its helpers since the first start; None where this system does not tell."""
        self._note_cpu()
        return self._cpu_before + self._cpu_last if PROC.exists() else None

    @property
    def rss(self) -> float | None:
        """Resident memory of the server process in MB, without helpers; None where unknown."""
        return _rss(self._child.pid) if self._child is not None else None

    @property
    def rss_with_helpers(self) -> float | None:
        """The same with the processes that work on pictures."""
        if self._child is None:
            return None
        parts = [_rss(pid) for pid in (self._child.pid, *_children(self._child.pid))]
        return sum(part for part in parts if part is not None) or None

    def _note_cpu(self) -> None:
        if self._child is not None:
            used = sum(_cpu(pid) for pid in (self._child.pid, *_children(self._child.pid)))
            self._cpu_last = max(self._cpu_last, used)

    def _forget(self) -> None:
        self._cpu_before, self._cpu_last = self._cpu_before + self._cpu_last, 0.0
        self._child = None


def _cpu(pid: int) -> float:
    """Seconds used, with those of children that ended."""
    try:
        parts = (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(parts[i]) for i in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")


def _rss(pid: int) -> float | None:
    try:
        lines = (PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), None)


def _children(pid: int) -> list[int]:
    """Processes that this one started and that still run."""
    try:
        lists = [path.read_text() for path in (PROC / str(pid) / "task").glob("*/children")]
    except OSError:
        return []
    return [int(child) for text in lists for child in text.split()]
