"""How much we ask at once, for how long, and which connections stay open.

Every table here forgets a host when nothing is under way with it, because anybody can invent hosts.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from dassie.domain.errors import RemoteFailed
from dassie.ports import Clock


class Deadline:
    """One moment by which everything must be over: waiting, connecting, redirects and the body.

    Each server that is asked on the way may get less time than that for the head of its answer.
    """

    def __init__(self, host: str, seconds: float) -> None:
        self._host = host
        self._total = self._seconds = seconds
        self._until = _time() + seconds
        self._asked_at = 0.0
        self._watching: asyncio.Timeout | None = None
        self.asked = False
        """Whether the other server was asked at all; until then the delay is ours."""

    def ask(self, host: str, patience: float) -> None:
        """This server is asked now, and has `patience` seconds for the head of its answer. Inside `watch` only."""
        self.asked = True
        self._host = host
        self._asked_at = _time()
        self._seconds = min(patience, self._until - self._asked_at)
        self._move(self._asked_at + self._seconds)

    def answered(self) -> float:
        """The head of the answer is here, after so many seconds; the rest has all the time that is left."""
        self._seconds = self._total
        self._move(self._until)
        return _time() - self._asked_at

    def over_after(self, seconds: float) -> bool:
        """Whether it is over, and the server that was asked last had at least so long."""
        watching = self._watching
        return watching is not None and watching.expired() and _time() - self._asked_at >= seconds

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[None]:
        """Ends the block in time, with `RemoteFailed`: timeout, or breaker where we never got to ask."""
        if _time() >= self._until:
            raise self.failure()
        try:
            async with asyncio.timeout_at(self._until) as self._watching:
                yield
        except TimeoutError:
            raise self.failure() from None

    def failure(self) -> RemoteFailed:
        """What is said when it is over."""
        if self.asked:
            return RemoteFailed(
                f"{self._host} did not answer within {round(self._seconds, 2):g} seconds", kind="timeout"
            )
        return RemoteFailed(f"We were too busy to ask {self._host} in time", kind="breaker")

    def _move(self, when: float) -> None:
        if self._watching is not None and not self._watching.expired():
            self._watching.reschedule(when)


def _time() -> float:
    return asyncio.get_running_loop().time()


@dataclass(slots=True)
class _Gate:
    free: asyncio.Semaphore
    users: int = 0


@dataclass
class HostSlots:
    """So many calls to one host, so many in all, and so many that wait for their turn."""

    per_host: int
    total: int
    waiting: int = 2000
    _gates: dict[str, _Gate] = field(default_factory=dict)
    _users: int = 0

    def __post_init__(self) -> None:
        self._free = asyncio.Semaphore(self.total)

    @property
    def hosts(self) -> int:
        """How many hosts are in the table: those with a call under way or waiting."""
        return len(self._gates)

    @asynccontextmanager
    async def slot(self, host: str) -> AsyncIterator[None]:
        """Waits for its turn with this host first, so that a slow host cannot hold the places of others."""
        gate = self._enter(host)
        try:
            async with gate.free, self._free:
                yield
        finally:
            self._leave(host, gate)

    def _enter(self, host: str) -> _Gate:
        if self._users >= self.total + self.waiting:
            raise RemoteFailed(f"We are too busy to ask {host} now", kind="breaker")
        gate = self._gates.get(host)
        if gate is None:
            gate = self._gates[host] = _Gate(asyncio.Semaphore(self.per_host))
        gate.users += 1
        self._users += 1
        return gate

    def _leave(self, host: str, gate: _Gate) -> None:
        self._users -= 1
        gate.users -= 1
        if not gate.users:
            del self._gates[host]


@dataclass
class KeptHosts:
    """Which hosts' connections stay open between calls: at most `limit` hosts, for `seconds` after a call.

    An open TLS connection costs tens of kilobytes; without a bound a relay's thousand hosts cost as many.
    """

    clock: Clock
    limit: int
    seconds: float
    _used: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def keep(self, host: str) -> bool:
        """Whether to keep this call's connection. Hosts in use stay; a newcomer needs a free place."""
        now = self.clock.monotonic()
        while self._used and next(iter(self._used.values())) < now - self.seconds:
            self._used.popitem(last=False)
        if host not in self._used and len(self._used) >= self.limit:
            return False
        self._used[host] = now
        self._used.move_to_end(host)
        return True
