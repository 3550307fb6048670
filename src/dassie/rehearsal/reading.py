"""The people at home: one who reads all the time, and a listener who sees friends' posts arrive."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import time
from collections.abc import Callable

from dassie.rehearsal.posting import Line, get

PATHS = ("/api/v1/timelines/home?limit=20", "/api/v1/timelines/public?limit=20", "/api/v1/notifications?limit=20")
EVERY = 0.2
AGAIN = 0.25
TAIL = 64


class Sightings:
    """When each marked post was first seen."""

    def __init__(self, seed: int) -> None:
        self.at: dict[str, float] = {}
        self._marker = re.compile(rb"own%dx[0-9]{5}" % seed)

    def look(self, text: bytes) -> None:
        """Note all markers in this."""
        now = time.monotonic()
        for found in self._marker.findall(text):
            self.at.setdefault(found.decode(), now)


class Reader:
    """Asks for home, public and notifications in turn, five times a second, until it is closed."""

    def __init__(self, port: int, token: str, sightings: Sightings) -> None:
        self.latencies: dict[str, list[float]] = {}
        """Phase → seconds until each answer."""
        self.failed: dict[str, int] = {}
        """Phase → requests without a good answer."""
        self.phase = ""
        """Nothing is noted while it is empty."""
        self._port = port
        self._requests = [get(path, {"Authorization": f"Bearer {token}"}) for path in PATHS]
        self._sightings = sightings
        self._task = asyncio.get_running_loop().create_task(self._read())

    async def close(self) -> None:
        await _end(self._task)

    async def _read(self) -> None:
        async with Line(self._port) as line:
            due = time.monotonic()
            for request in itertools.cycle(self._requests):
                due = max(due + EVERY, time.monotonic())  # a slow answer is not made up for by a burst
                phase, begun = self.phase, time.perf_counter()
                reached = await line.send(request)
                taken = time.perf_counter() - begun
                self._sightings.look(reached.body)
                if phase and reached.code == 200:
                    self.latencies.setdefault(phase, []).append(taken)
                elif phase:
                    self.failed[phase] = self.failed.get(phase, 0) + 1
                await asyncio.sleep(max(due - time.monotonic(), 0))


class Listener:
    """Listens to the home stream, and again whenever it breaks off."""

    def __init__(self, port: int, token: str, sightings: Sightings) -> None:
        self._port = port
        self._request = get("/api/v1/streaming/user", {"Authorization": f"Bearer {token}"})
        self._look: Callable[[bytes], None] = sightings.look
        self._task = asyncio.get_running_loop().create_task(self._listen())

    async def close(self) -> None:
        await _end(self._task)

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                await self._once()
            await asyncio.sleep(AGAIN)

    async def _once(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(self._request)
            tail = b""
            while data := await reader.read(65_536):
                self._look(tail + data)
                tail = data[-TAIL:]
        finally:
            writer.close()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
