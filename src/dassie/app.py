"""Builds the Server once and answers every request: the ASGI application of one process."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import structlog

import dassie.api
import dassie.federation
import dassie.files
import dassie.services
import dassie.web
from dassie import __version__
from dassie.adapters.clock import SystemClock
from dassie.adapters.http_late import LateHttp
from dassie.adapters.mail_smtp import SmtpMail
from dassie.adapters.media_files import LocalMediaFiles
from dassie.adapters.media_tools import WorkerMediaTools
from dassie.adapters.streams_memory import MemoryStreams
from dassie.adapters.translators import translator_for
from dassie.api.routing import API
from dassie.api.routing import ROUTES as API_ROUTES
from dassie.config import Config, secret_of
from dassie.domain.urls import Urls
from dassie.door import observing
from dassie.door.attending import attending_of
from dassie.door.limits import Limits
from dassie.door.negotiation import wants_activity
from dassie.door.request import Request
from dassie.door.routing import Route, RouteTable, choose, methods_of
from dassie.federation.remote import RemoteServers
from dassie.federation.routing import FEDERATION
from dassie.federation.routing import ROUTES as FEDERATION_ROUTES
from dassie.files.routing import FILES
from dassie.files.routing import ROUTES as FILE_ROUTES
from dassie.jobs.figures import FigureKeeper
from dassie.jobs.runner import Runner
from dassie.jobs.schedule import Schedule
from dassie.ports import Clock, Http, Mail, Remote
from dassie.server import Server
from dassie.services.caching_media import CACHE
from dassie.services.indexing import Indexer
from dassie.services.keeping_room import RoomKeeper
from dassie.services.materialising import Materialiser
from dassie.store.costs import Ledger
from dassie.store.counters import Counters
from dassie.store.hosts import Hosts
from dassie.store.migrate import migrate
from dassie.store.room import Room
from dassie.store.sqlite import SqliteDatabase
from dassie.store.tx import Database
from dassie.web.routing import ROUTES as WEB_ROUTES
from dassie.web.routing import WEB

log = structlog.get_logger("app")

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


@cache
def load_modules() -> None:
    """Import every door, service and handler, so that routes and jobs register themselves."""
    for package in (dassie.services, dassie.api, dassie.web, dassie.federation, dassie.files):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)


@cache
def route_table() -> RouteTable:
    """All routes of all doors; made once per process."""
    load_modules()
    table = RouteTable()
    for route in (*API_ROUTES, *FEDERATION_ROUTES, *WEB_ROUTES, *FILE_ROUTES):
        table.add(route)
    return table


async def open_database(config: Config, clock: Clock) -> Database:
    """The database of these settings, brought to this version."""
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    db: Database
    if config.database_url:
        from dassie.store.postgres import PostgresDatabase  # asyncpg, only where it is used

        db = await PostgresDatabase.connect(config.database_url, clock)
    else:
        db = SqliteDatabase(config.database_path, clock, full_sync=config.sync == "full")
    await migrate(db)
    return db


async def build_server(
    config: Config,
    *,
    clock: Clock | None = None,
    http: Http | None = None,
    remote: Remote | None = None,
    mail: Mail | None = None,
) -> Server:
    """Everything a request or a job may use. Tests hand in a clock they can move."""
    clock = clock or SystemClock()
    secret = secret_of(config)
    db = await open_database(config, clock)
    (config.data / "tmp").mkdir(exist_ok=True)
    urls = Urls(base=config.base, domain=config.domain, secret=secret)
    counters = Counters()
    hosts = Hosts(clock, counters)
    if http is None:
        late = not config.test_resolver  # a bad one is to be told at once
        http = LateHttp(lambda: http_client(config, clock, hosts)) if late else http_client(config, clock, hosts)
    streams = MemoryStreams()
    server = Server(
        config=config,
        secret=secret,
        urls=urls,
        db=db,
        clock=clock,
        http=http,
        remote=remote or RemoteServers(config, secret, urls, db, clock, http),
        media_files=LocalMediaFiles(config.data / "media"),
        media_tools=WorkerMediaTools(),
        streams=streams,
        mail=mail or SmtpMail(config),
        counters=counters,
        hosts=hosts,
        ledger=Ledger(),
        room=Room(),
        unindexed=asyncio.Event(),
        translator=translator_for(
            config.translation,
            config.translation_url,
            config.translation_key,
            user_agent=f"dassie/{__version__} (+{config.base}/)",
            clock=clock,
        ),
    )
    if isinstance(server.remote, RemoteServers):
        server.remote.attach(server)
    return server


def http_client(config: Config, clock: Clock, hosts: Hosts) -> Http:
    """The way out, as these settings have it; close it."""
    from dassie.adapters.http_client import HttpClient
    from dassie.adapters.resolving import parse_overrides

    return HttpClient(
        f"dassie/{__version__} (+{config.base}/)",
        clock=clock,
        hosts=hosts,
        allowed_private=config.allowed_private_networks,
        resolver_overrides=parse_overrides(config.test_resolver) if config.test_resolver else None,
        ssl_context=ssl.create_default_context(),  # honours SSL_CERT_FILE
    )


async def close_server(server: Server) -> None:
    """End what was opened, outside in."""
    await server.streams.close()
    if isinstance(server.remote, RemoteServers):
        await server.remote.close()
    await server.http.close()
    if server.translator is not None:
        await server.translator.close()
    await server.media_tools.close()
    await server.db.close()


class App:
    """The ASGI application."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.table = route_table()
        self.limits = Limits(on=server.config.rate_limits)
        API.limits = self.limits
        WEB.limits = self.limits
        FILES.limits = self.limits
        self.runner = Runner(server, alone=server.db.name == "sqlite")
        self.figures = FigureKeeper(server)
        self.schedule = Schedule(server)
        self.indexer = Indexer(server)
        self.room = RoomKeeper(server, evicts=server.config.workers > 0)
        self.materialiser = Materialiser(server)

    async def start(self) -> None:
        """Begin the background work."""
        await self.room.start()
        if self.server.config.workers > 0:
            await self.runner.start()
            await self.schedule.start()
            await self.indexer.start()
        else:
            await self.figures.start()
        await self.materialiser.start()

    async def stop(self) -> None:
        """Finish running jobs, give leases back, close everything."""
        await self.room.stop()
        await self.materialiser.stop()
        if self.server.config.workers > 0:
            await self.indexer.stop()
            await self.schedule.stop()
            await self.runner.stop()
        else:
            await self.figures.stop()
        await CACHE.close(self.server)
        await close_server(self.server)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        request = Request(scope, receive, send, self.server.config)
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request=request.id):
            await self._route(scope["type"], request)
        if scope["type"] == "http" and not request.path.startswith("/api/v1/streaming"):
            observing.observe(request.path, request.code, time.perf_counter() - began)

    async def _route(self, kind: str, request: Request) -> None:
        # No name here has a NUL, and no database may be asked for one.
        found = self.table.match(request.path) if "\0" not in request.path else None
        method = "GET" if kind == "websocket" else request.method
        if found is not None:
            routes, request.params = found
            activity = wants_activity(request)
            route = choose(routes, method, activity=activity)
            if route is None and method == "HEAD":
                route = choose(routes, "GET", activity=activity)
            if route is not None:
                await self._answer(route, request)
                return
        if kind == "websocket":
            await request.send({"type": "websocket.close", "code": 1008})
            return
        await self._unrouted(request, dict(found[0]) if found else {})

    async def _answer(self, route: Route, request: Request) -> None:
        if route.door is FEDERATION:
            await route.door.answer(self.server, route, request)
            return
        with attending_of(self.server).to_somebody():
            await route.door.answer(self.server, route, request)

    async def _unrouted(self, request: Request, routes: dict[str, Any]) -> None:
        from dassie.api.routing import CORS, CORS_PATHS, GUARDS

        cross = [*GUARDS, *(CORS if request.path.startswith(CORS_PATHS) else [])]
        if request.method == "OPTIONS" and (routes or request.path.startswith(CORS_PATHS)):
            allow = ", ".join(sorted({*methods_of(routes), "OPTIONS"}))
            await request.reply(200, b"", "text/plain", [("allow", allow), *cross])
        elif routes:
            allow = ", ".join(sorted(methods_of(routes)))
            await request.reply(405, b'{"error":"Method not allowed"}', "application/json", [("allow", allow), *cross])
        elif request.path.startswith("/api/") or "json" in request.headers.get("accept", ""):
            await request.reply(404, b'{"error":"Record not found"}', "application/json", cross)
        else:
            await self._page_not_found(request)

    async def _page_not_found(self, request: Request) -> None:
        await WEB.not_found(self.server, request)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


async def build_app(config: Config) -> App:
    """A ready application for these settings."""
    Path(config.data).mkdir(parents=True, exist_ok=True, mode=0o700)
    return App(await build_server(config))
