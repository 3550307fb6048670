"""Streams within one process: what a home server needs."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

from dassie.ports import Event

WAITING_EVENTS = 1_000


class MemorySubscription:
    """One listener. Who falls too far behind is let go, rather than told of a part: apps come back and read anew."""

    def __init__(self, streams: MemoryStreams, channels: frozenset[str]) -> None:
        self._streams = streams
        self.fell_behind = False
        self._channels: set[str] = set()
        self._queue: asyncio.Queue[tuple[str, Event] | None] = asyncio.Queue()
        for channel in channels:
            self.add(channel)

    def add(self, channel: str) -> None:
        self._channels.add(channel)
        self._streams.rooms[channel].add(self)

    def remove(self, channel: str) -> None:
        self._channels.discard(channel)
        room = self._streams.rooms.get(channel)
        if room is not None:
            room.discard(self)
            if not room:
                del self._streams.rooms[channel]

    def close(self) -> None:
        for channel in list(self._channels):
            self.remove(channel)
        self._queue.put_nowait(None)

    def offer(self, channel: str, event: Event) -> None:
        if self._queue.qsize() < WAITING_EVENTS:
            self._queue.put_nowait((channel, event))
            return
        self.fell_behind = True
        while not self._queue.empty():
            self._queue.get_nowait()
        self.close()

    async def __aiter__(self) -> AsyncIterator[tuple[str, Event]]:
        while (item := await self._queue.get()) is not None:
            yield item


class MemoryStreams:
    """Events from those who change things to those who watch."""

    def __init__(self) -> None:
        self.rooms: defaultdict[str, set[MemorySubscription]] = defaultdict(set)

    def publish(self, channel: str, event: Event) -> None:
        for subscription in tuple(self.rooms.get(channel, ())):
            subscription.offer(channel, event)

    def subscribe(self, channels: frozenset[str] = frozenset()) -> MemorySubscription:
        return MemorySubscription(self, channels)

    def listeners(self, channel: str) -> int:
        return len(self.rooms.get(channel, ()))

    async def close(self) -> None:
        for subscription in {s for room in self.rooms.values() for s in room}:
            subscription.close()
