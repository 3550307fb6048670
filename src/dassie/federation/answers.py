"""Finished answers in memory: what thousands of servers ask for when a post goes round the world (need 12).

An answer serves for a second, and not a moment longer than what it shows stays the same: a change in this process
takes it away once it is durable, one by another process is seen within the second. Only what everybody may read comes
in. Many who ask for the same at once wait for one answer to be made.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from dassie.domain.etags import etag_of, has_it
from dassie.door.request import Request
from dassie.store import changes

KEPT_BYTES = 8_000_000
OVERHEAD = 1_500
"""What keeping an answer costs beside its body, roughly."""
FRESH_SECONDS = 1.0
REMEMBERED_CHANGES = 4_096
TRIES = 3

Key = tuple[str, str]
"""Path and query."""
Headers = list[tuple[str, str]]


class Ready:
    """An answer down to its bytes, and the short one for those who have it already."""

    __slots__ = ("bare", "body", "code", "etag", "headers")

    def __init__(self, code: int, body: bytes, content_type: str, headers: Headers, *, tagged: bool) -> None:
        self.code = code
        self.body = body
        self.etag = etag_of(body) if tagged else ""
        kept = [*headers, ("etag", self.etag)] if tagged else headers
        self.bare = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in kept]
        self.headers = [
            (b"content-type", content_type.encode("latin-1")),
            (b"content-length", str(len(body)).encode()),
            *self.bare,
        ]

    async def send(self, request: Request) -> bool:
        """Send it; False where `304 Not Modified` was enough."""
        if self.etag and has_it(request.headers.get("if-none-match", ""), self.etag):
            await request.send_ready(304, self.bare, b"")
            return False
        await request.send_ready(self.code, self.headers, self.body)
        return True


@dataclass(frozen=True, slots=True)
class Made:
    """An answer, and the statuses and accounts that it shows; None: it is for this one request alone."""

    ready: Ready
    shows: tuple[int, ...] | None


@dataclass(slots=True)
class _Kept:
    made: Made
    until: float
    size: int


@dataclass(slots=True)
class _Flight:
    """An answer that is being made."""

    over: asyncio.Event = field(default_factory=asyncio.Event)
    alone: bool = False
    """It turned out to be for one request alone: everybody makes their own."""


Make = Callable[[], Awaitable[Made]]


class Answers:
    """The answers of one running server, the least used forgotten first."""

    def __init__(self, clock: Callable[[], float], most: int = KEPT_BYTES) -> None:
        """`clock` gives seconds that only grow."""
        self._clock = clock
        self._most = most
        self.size = 0
        """Bytes held, overhead included."""
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._showing: dict[int, set[Key]] = {}
        self._flights: dict[Key, _Flight] = {}
        self._count = 0
        self._changed: OrderedDict[int, int] = OrderedDict()
        self._forgotten = 0
        changes.listen(self)

    def fresh(self, key: Key) -> Made | None:
        """The answer, where nothing it shows can have changed."""
        kept = self._kept.get(key)
        if kept is None or kept.until <= self._clock():
            return None
        self._kept.move_to_end(key)
        return kept.made

    async def get(self, key: Key, make: Make) -> tuple[Made, bool]:
        """The answer, made by one for all who ask meanwhile; and whether this one only waited for another's."""
        waited = False
        for _ in range(TRIES):
            found = self.fresh(key)
            if found is not None:
                return found, waited
            flight = self._flights.get(key)
            if flight is None:
                return await self._make(key, make), False
            await flight.over.wait()
            if flight.alone:
                break
            waited = True
        return await make(), False

    async def _make(self, key: Key, make: Make) -> Made:
        flight = self._flights[key] = _Flight()
        began, asked_at = self._count, self._clock()
        try:
            made = await make()
            if made.shows is None:
                flight.alone = True
            elif not self._changed_since(began, made.shows):
                self._put(key, made, made.shows, asked_at + FRESH_SECONDS)
            return made
        finally:
            del self._flights[key]
            flight.over.set()

    def forget(self, ids: Iterable[int]) -> None:
        """These statuses or accounts are different now."""
        self._count += 1
        for id in ids:
            for key in self._showing.pop(id, ()):
                self._drop(key)
            self._changed[id] = self._count
            self._changed.move_to_end(id)
            if len(self._changed) > REMEMBERED_CHANGES:
                self._forgotten = self._changed.popitem(last=False)[1]

    def _changed_since(self, began: int, ids: Iterable[int]) -> bool:
        """Whether one of these changed after so many changes; also true where that is not known any more."""
        return self._forgotten > began or any(self._changed.get(id, 0) > began for id in ids)

    def _put(self, key: Key, made: Made, shows: tuple[int, ...], until: float) -> None:
        self._drop(key)
        size = len(made.ready.body) + OVERHEAD + 100 * len(shows)
        self._kept[key] = _Kept(made, until, size)
        self.size += size
        for id in shows:
            self._showing.setdefault(id, set()).add(key)
        while self.size > self._most:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        self.size -= kept.size
        for id in kept.made.shows or ():
            showing = self._showing.get(id)
            if showing is not None:
                showing.discard(key)
                if not showing:
                    del self._showing[id]
