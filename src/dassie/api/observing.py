"""`/health` and `/metrics`: for those who watch over the server. Neither counts against anybody's limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from ipaddress import ip_address

import structlog
from sqlalchemy import literal_column, select

from dassie.api.routing import ROUTES
from dassie.domain.breaking import REASONS
from dassie.domain.jobs import State
from dassie.domain.storage import KINDS
from dassie.door import observing
from dassie.door.request import Request
from dassie.door.routing import Route
from dassie.server import Server
from dassie.services import measuring_storage
from dassie.services.measuring_storage import Used
from dassie.store import counters, failing, queue, storms
from dassie.store.tx import Query

log = structlog.get_logger("health")

Work = Callable[[Server, Request], Awaitable[tuple[int, bytes, str]]]
PLAIN = "text/plain; charset=utf-8"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
FORWARDING = ("x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip")


class Watchers:
    """A door without tokens, limits and JSON."""

    async def answer(self, server: Server, route: Route, request: Request) -> None:
        code, body, kind = await route.handler(server, request)
        await request.reply(code, body, kind, [("cache-control", "no-store")])


async def health(server: Server, request: Request) -> tuple[int, bytes, str]:
    """OK where the database answers; 503 otherwise."""
    try:
        async with server.read() as tx:
            await tx.one(_ALIVE)
    except Exception as error:
        log.error("the database does not answer", error=str(error))
        return 503, b"The database does not answer", PLAIN
    return 200, b"OK", PLAIN


async def metrics(server: Server, request: Request) -> tuple[int, bytes, str]:
    """Figures for Prometheus; only for the networks that the setting `metrics_networks` names."""
    if not _may_read(server, request):
        return 403, b"Not for this address: see the setting metrics_networks", PLAIN
    async with server.read() as tx:
        found = await queue.overview(tx)
        failed = await failing.by_reason(tx)
        used = await measuring_storage.measure(server, tx)
        counted = await counters.since(tx, "hour", tx.now - timedelta(days=1))
        now = tx.now
    observing.JOBS.clear()
    observing.OLDEST.clear()
    observing.EVENTS.clear()
    for one in found:
        observing.JOBS.labels(one.kind, one.state.name.lower()).set(one.count)
        if one.state in (State.READY, State.HELD):
            observing.OLDEST.labels(one.kind).set((now - one.oldest).total_seconds())
    _show_room(server, used)
    for reason in REASONS:
        observing.FAILING.labels(reason).set(failed.get(reason, 0))
    for _, name, value in counted:
        if name.startswith(storms.FETCHED):
            continue  # a label for every post that was ever famous would be too many
        observing.EVENTS.labels(name).inc(value)
    return 200, observing.text(), PROMETHEUS


def _show_room(server: Server, used: Used) -> None:
    room = server.room
    for kind in KINDS:
        found = used.kinds.get(kind)
        observing.STORED.labels(kind).set(found.bytes if found is not None else 0)
        observing.STORED_FILES.labels(kind).set(found.files if found is not None else 0)
    observing.STORED.labels("database").set(used.database)
    observing.USED.set(used.total)
    observing.BUDGET.set(room.budget or 0)
    observing.DISK_FREE.set(room.free or 0)
    observing.FLOOR.set(room.floor)
    observing.ROOM.set(room.level)


def _may_read(server: Server, request: Request) -> bool:
    """The peer must be in the list. Behind a proxy that is not trusted everybody has its address, so nobody may."""
    peer = request.scope.get("client")
    direct = peer[0] if peer else ""
    if request.client == direct and any(name in request.headers for name in FORWARDING):
        return False
    try:
        address = ip_address(request.client)
    except ValueError:
        return False
    return any(address in network for network in server.config.metrics_networks)


_ALIVE = Query(int, select(literal_column("1")))
_WATCHERS = Watchers()


def _add(path: str, work: Work) -> None:
    ROUTES.append(Route(frozenset({"GET", "HEAD"}), path, work, _WATCHERS))


_add("/health", health)
_add("/metrics", metrics)
