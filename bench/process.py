"""A server process of its own, and what the operating system says it used."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Process:
    """A running `dassie up`."""

    child: subprocess.Popen[bytes]
    port: int
    data: Path
    started_in: float
    """Seconds from start to the first answer."""

    @property
    def cpu(self) -> float:
        """CPU seconds used so far, children included."""
        parts = Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(int(parts[i]) for i in (11, 12, 13, 14)) / TICKS

    @property
    def rss(self) -> float:
        """Resident memory in MB."""
        for line in Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def server(
    *, database_url: str = "", data: Path | None = None, environ: Mapping[str, str] | None = None
) -> AsyncIterator[Process]:
    """Start `dassie up` as here.test on a free port; ended when the block is left."""
    folder = data or Path(tempfile.mkdtemp(prefix="dassie-bench-"))
    port = free_port()
    env = {
        **os.environ,
        "DASSIE_DATA": str(folder),
        "DASSIE_DOMAIN": "here.test",
        "DASSIE_LISTEN": f"127.0.0.1:{port}",
        "DASSIE_RATE_LIMITS": "off",
        "DASSIE_LOG_LEVEL": "warning",
        "DASSIE_DATABASE_URL": database_url,
        "DASSIE_TRUSTED_PROXIES": "127.0.0.0/8",
        "DASSIE_ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
        **(environ or {}),
    }
    log = (folder.parent / f"{folder.name}.log").open("wb")
    begun = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", "dassie", "up"], env=env, stdout=log, stderr=log)
    try:
        await _answering(port, child)
        yield Process(child, port, folder, time.perf_counter() - begun)
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
        log.close()
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)


async def _answering(port: int, child: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        if child.poll() is not None:
            raise RuntimeError(f"the server ended with {child.returncode}")
        try:
            if b" 200 " in await _health(port):
                return
        except OSError:
            pass  # not listening yet
        await asyncio.sleep(0.02)
    raise RuntimeError("the server did not answer within a minute")


async def _health(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"GET /health HTTP/1.1\r\nHost: here.test\r\nConnection: close\r\n\r\n")
        return (await reader.read()).split(b"\r\n", 1)[0]
    finally:
        writer.close()
