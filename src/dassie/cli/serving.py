"""Runs the server until it is told to stop: opens everything in order, and closes it in the reverse one."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import resource
import signal
import socket
from collections.abc import Iterator

import structlog
import uvicorn
import uvloop

from dassie import __version__
from dassie.app import App, build_app
from dassie.cli.connections import CONNECTIONS, Connection, Socket, look_at_all
from dassie.cli.knocking import Door
from dassie.cli.lock import DataLock
from dassie.cli.options import remember
from dassie.cli.sockets import address_of, open_socket, remove_socket
from dassie.config import Config
from dassie.ports import Event
from dassie.services import claiming, identity, mailing

log = structlog.get_logger("server")

REQUEST_GRACE = 5
"""Seconds that requests under way may still take once we are told to stop."""
FILES_BESIDE = 1000
"""Open files for all that is no client's connection."""
PING_SECONDS = 30.0
"""So often a WebSocket is pinged; who does not answer within the same time is gone."""
KEEP_ALIVE = 75
"""Longer than proxies keep theirs, so that they never write into a connection we just closed."""


def serve(config: Config) -> None:
    """Answer requests and do jobs until SIGTERM or Ctrl-C. Raises `DassieError` where it cannot begin."""
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    _allow_files()
    lock = DataLock(config.data)
    if not config.database_url:
        lock.take()
    remember(config, first=True)  # before the database is there: commands must not take it for another server's
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(config))
    finally:
        lock.release()


def _allow_files() -> None:
    """Let every connection we take have its socket, as far as the system lets us."""
    wanted = CONNECTIONS + FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


async def _serve(config: Config) -> None:
    opened = open_socket(config.listen)
    try:
        app = await build_app(config)
        try:
            await _run(app, opened)
        finally:
            await app.stop()
    finally:
        opened.close()
        remove_socket(config.listen)


async def _run(app: App, opened: socket.socket) -> None:
    server = app.server
    async with server.write() as tx:
        await identity.hold_domain(tx, server)
        code = await claiming.claim_code(tx, server)
    remember(server.config)
    await app.start()
    looking = asyncio.ensure_future(mailing.look(server))
    _settle_garbage()
    web = _Web(app, opened, code)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, web.stop)
    await web.serve(sockets=[opened])
    looking.cancel()


def _settle_garbage() -> None:
    """What is there now stays for good, so the collector need not look at it again and again.

    Collections are also made rarer: a request makes hundreds of objects and hardly a cycle.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


class _Web(uvicorn.Server):
    """uvicorn with our own way to stop: streams are ended first, so that no open connection holds us up."""

    def __init__(self, app: App, opened: socket.socket, code: str | None) -> None:
        config = app.server.config
        super().__init__(
            uvicorn.Config(
                app,
                loop="none",
                http=Connection,
                ws=Socket,
                ws_max_size=65_536,
                ws_ping_interval=PING_SECONDS,
                ws_ping_timeout=PING_SECONDS,
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                ssl_certfile=config.tls_cert,
                ssl_keyfile=config.tls_key,
                limit_concurrency=CONNECTIONS + 1,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=REQUEST_GRACE,
            )
        )
        self._app = app
        self._opened = opened
        self._claim_code = code
        self._stopping: asyncio.Task[None] | None = None
        self._door = Door(app.server.config.data)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and tell people where."""
        await super().startup(sockets)
        server = self._app.server
        print(f"dassie {__version__} listens on {address_of(server.config, self._opened)}", flush=True)
        print(f"Public address: {server.urls.base}", flush=True)
        if self._claim_code is not None:
            link = claiming.claim_url(server, self._claim_code)
            print(f"Nobody owns this server yet. Claim it here: {link}", flush=True)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to end; once a second also who wears out our patience, and who knocked."""
        if counter % 10 == 0:
            look_at_all(self.server_state.connections, asyncio.get_running_loop().time())
            if self._door.knocked():
                self._app.runner.wake()
                self._app.server.streams.publish("tokens", Event("all", 0))
        return await super().on_tick(counter)

    def stop(self) -> None:
        """Begin to end; asked twice, do not wait for requests under way."""
        if self.should_exit:
            self.force_exit = True
            return
        self.should_exit = True
        self._stopping = asyncio.ensure_future(self._app.server.streams.close())
        log.info("stopping")

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are handled by `stop`, so that the process ends with code 0."""
        yield
