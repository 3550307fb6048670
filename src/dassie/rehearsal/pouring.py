"""A relay at work: prepared requests go out at a rate, or as fast as they are answered."""

from __future__ import annotations

import asyncio
import contextlib
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from dassie.rehearsal.outcome import Times, times
from dassie.rehearsal.posting import Line
from dassie.rehearsal.preparing import prepared

DOWN_SECONDS = 0.5
"""Between tries while nobody answers."""


class Poured(Struct):
    """How far it is."""

    running: bool
    offered: int
    seconds: float
    codes: dict[int, int]
    times: Times
    """How long answers took."""
    late_seconds: float
    """How far behind the wanted rate it is."""


class Pour:
    """Sends posts from `first` up to `last`. What is not answered is offered again once somebody answers."""

    def __init__(self, port: int, folder: Path, first: int, last: int, rate: float, lines: int) -> None:
        self.codes: Counter[int] = Counter()
        self.answered = bytearray(last - first)
        """For each post the first digit of the code it was answered with; 0: it was not."""
        self._first = first
        self._rate = rate
        self._port = port
        self._posts: Iterator[tuple[int, bytes]] = prepared(folder, first, last)
        self._latencies = array("f")
        self._taken_at = array("f")
        self._begun = time.monotonic()
        self._ended: float | None = None
        self._late = 0.0
        self._task = asyncio.get_running_loop().create_task(self._run(lines))

    @property
    def poured(self) -> Poured:
        return Poured(
            running=not self._task.done(),
            offered=len(self._latencies),
            seconds=(self._ended or time.monotonic()) - self._begun,
            codes=dict(self.codes),
            times=self._times(),
            late_seconds=self._late,
        )

    def enough(self) -> None:
        """Nothing further is sent; what is under way is waited for."""
        self._posts = iter(())

    def taken_between(self, since: float, until: float) -> int:
        """How many were answered with 2xx in this stretch, in seconds after the beginning."""
        return sum(since <= at <= until for at in self._taken_at)

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self, lines: int) -> None:
        try:
            await asyncio.gather(*(self._sender(number) for number in range(lines)))
        finally:
            self._ended = time.monotonic()

    async def _sender(self, number: int) -> None:
        async with Line(self._port) as line:
            while (found := next(self._posts, None)) is not None:
                post, data = found
                await self._wait_for(post - self._first)
                await self._send(line, post, data)

    async def _wait_for(self, number: int) -> None:
        if self._rate:
            ahead = self._begun + number / self._rate - time.monotonic()
            self._late = max(0.0, -ahead)
            if ahead > 0:
                await asyncio.sleep(ahead)

    async def _send(self, line: Line, post: int, data: bytes) -> None:
        while True:
            begun = time.perf_counter()
            reached = await line.send(data)
            if reached.code:
                break
            self.codes[0] += 1
            await asyncio.sleep(DOWN_SECONDS)
        self._latencies.append(time.perf_counter() - begun)
        self.codes[reached.code] += 1
        self.answered[post - self._first] = reached.code // 100
        if reached.code // 100 == 2:
            self._taken_at.append(time.monotonic() - self._begun)

    def _times(self) -> Times:
        if self._ended is None:
            return Times()  # sorting them takes time that the flood needs
        return times(list(self._latencies))
