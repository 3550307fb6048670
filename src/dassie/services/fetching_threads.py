"""Threads of other servers are read as a whole when somebody opens them: here it is decided whether one is.

Unlike the rest of what a look brings (decision 0008) this is noted in the database, because apps are told a word by
which they may ask how it goes (`async_refreshes`); it is one unit in a quarter of an hour for each thread.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from dassie.domain.audience import REBLOGGABLE
from dassie.domain.buckets import Buckets
from dassie.domain.ids import AccountId
from dassie.domain.jobs import FetchThread
from dassie.domain.threads import is_due
from dassie.jobs.registry import recurs
from dassie.server import PerServer, Server
from dassie.store import queue, thread_fetches
from dassie.store.thread_fetches import ThreadFetch
from dassie.store.views import StatusRow

MOST_UNDER_WAY = 40
"""On this server; what is opened above that gets what the quick look brings."""
MOST_AT_ONCE = 20
"""That one person may begin."""
MOST_AN_HOUR = 120
KEPT_BUCKETS = 1_000

_buckets_of = PerServer(lambda _: Buckets(KEPT_BUCKETS))


async def begin(server: Server, viewer: AccountId | None, status: StatusRow) -> ThreadFetch | None:
    """The reading of what answers a status that is under way, begun now where it is due. Guests begin none."""
    if viewer is None or status.local or status.visibility not in REBLOGGABLE:
        return None
    async with server.read() as tx:
        known = await thread_fetches.of(tx, status.id)
    now = server.clock.now()
    if known is not None and known.running(now):
        return known
    if not is_due(status.created_at, known.started_at if known is not None else None, now):
        return None
    host = urlsplit(status.uri).netloc.lower()
    if server.hosts.paused_until(host) or not server.room.for_strangers or not _may(server, viewer):
        return None
    return await _begin(server, status, host)


async def _begin(server: Server, status: StatusRow, host: str) -> ThreadFetch | None:
    token = secrets.token_urlsafe(24)
    async with server.write() as tx:
        if await thread_fetches.under_way(tx) < MOST_UNDER_WAY and await thread_fetches.begin(tx, status.id, token):
            await queue.enqueue(tx, FetchThread(status_id=status.id, token=token), host=host)
        found = await thread_fetches.of(tx, status.id)
        return found if found is not None and found.running(tx.now) else None


def _may(server: Server, viewer: AccountId) -> bool:
    now = server.clock.monotonic()
    return _buckets_of(server).of(viewer, MOST_AN_HOUR / 3600, MOST_AT_ONCE, now).spend(1, now)


@recurs(timedelta(hours=6))
async def forget_thread_fetches(server: Server) -> None:
    """How the reading of a thread went is told for a day."""
    async with server.write() as tx:
        await thread_fetches.forget_old(tx)
