"""The lane of strangers: bounded, the newest first; the oldest are shed when it is full, and expire in any case.

It is rule and figure, never silence: `relay.ID.shed` and `relay.ID.expired` count what was let go.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from dassie.domain.jobs import Job
from dassie.domain.relays import Relay
from dassie.jobs.registry import recurs
from dassie.server import PerServer, Server
from dassie.services.subscribing import cause_of
from dassie.store import queue

MOST = 4_000
"""So many may wait; what is added above pushes the oldest out."""
SHED_AT_ONCE = 200
RECOUNT_SECONDS = 5.0
EXPIRE_AFTER = timedelta(minutes=30)
EXPIRED_AT_ONCE = 1_000


class _Length:
    """About how many wait: counted now and then, added to in between."""

    def __init__(self) -> None:
        self.waiting = 0
        self.counted_at = -RECOUNT_SECONDS


_length_of = PerServer(lambda _: _Length())


async def put_in(server: Server, relay: Relay, job: Job, *, host: str, unique: str, order: str | None) -> bool:
    """Keep something that was admitted; False where the same waits already. `host` is the one it concerns."""
    length = await _length(server)
    full = length.waiting >= MOST
    shed: Counter[str] = Counter()
    async with server.write() as tx:
        added = await queue.enqueue(tx, job, host=host, unique=unique, order=order, cause=cause_of(relay.id))
        if full and added:
            shed = await queue.shed_strangers(tx, SHED_AT_ONCE)
    length.waiting += added - shed.total()
    _count(server, "shed", shed)
    return added


@recurs(timedelta(minutes=1))
async def expire_strangers(server: Server) -> None:
    """Let go of what waited too long: news of yesterday is not worth a fetch."""
    dropped = EXPIRED_AT_ONCE
    while dropped == EXPIRED_AT_ONCE:
        async with server.write() as tx:
            gone = await queue.expire_strangers(tx, tx.now - EXPIRE_AFTER, EXPIRED_AT_ONCE)
        _count(server, "expired", gone)
        dropped = gone.total()


async def _length(server: Server) -> _Length:
    length = _length_of(server)
    now = server.clock.monotonic()
    if now - length.counted_at >= RECOUNT_SECONDS:
        length.counted_at = now
        async with server.read() as tx:
            length.waiting = await queue.strangers_waiting(tx)
    return length


def _count(server: Server, what: str, gone: Counter[str]) -> None:
    for cause, count in gone.items():
        server.counters.add(f"{cause.replace(' ', '.')}.{what}", count)
