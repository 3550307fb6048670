"""One stranger at a time: whatever relays bring gets one short step each time the loop goes round.

A flood arrives on many connections at once, and its jobs run in many slots. Were all that is ready run at once, a
person's request would wait for the sum of it; this way it waits for one step, and while people's requests are being
answered strangers wait, for a moment at least.
"""

from __future__ import annotations

import asyncio
from collections import deque

from dassie.door.attending import Attending, attending_of
from dassie.server import PerServer, Server

LOOK_AGAIN = 0.001
LONGEST_WAIT = 0.02
"""Seconds that a turn gives way at most, so that strangers are answered in any case: fifty times a second."""


class Turnstile:
    """First come, first served."""

    def __init__(self, attending: Attending) -> None:
        self._attending = attending
        self._gave_way = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._turning = False

    async def turn(self) -> None:
        """Return when it is the caller's turn: at most one for each time the event loop goes round."""
        loop = asyncio.get_running_loop()
        mine = loop.create_future()
        self._waiting.append(mine)
        if not self._turning:
            self._turning = True
            loop.call_soon(self._next, loop)
        await mine

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._attending.busy and self._gave_way < LONGEST_WAIT:
            self._gave_way += LOOK_AGAIN
            loop.call_later(LOOK_AGAIN, self._next, loop)
            return
        self._gave_way = 0.0
        while self._waiting:
            first = self._waiting.popleft()
            if not first.done():  # who waited may be gone
                first.set_result(None)
                break
        if self._waiting:
            loop.call_soon(self._next, loop)
        else:
            self._turning = False


_turnstile_of = PerServer(lambda server: Turnstile(attending_of(server)))


async def turn(server: Server) -> None:
    """Wait for a stranger's turn on this running server."""
    await _turnstile_of(server).turn()
