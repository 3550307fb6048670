"""Real `dassie up` processes for tests: each with its own folder, name, certificate and database.

town = Town(tmp_path)
a = await town.server("a.test", ["ana"])
await a.start()
await a.api("ana").post("/api/v1/statuses", {"status": "hello"})
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp

from dassie.app import build_server, close_server
from dassie.config import load
from dassie.domain.ids import AccountId
from dassie.server import Server
from dassie.services import keys, signing_up
from dassie.store import logins
from net import TestCa, free_port

T = TypeVar("T")
STARTING = 40.0
SOON = 20.0


@dataclass
class Reply:
    """An answer of the API."""

    code: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Api:
    """One person's calls, over TLS."""

    server: Running
    token: str | None
    name: str = ""

    @property
    def handle(self) -> str:
        """`@name@domain`"""
        return f"@{self.name}@{self.server.domain}"

    @property
    def acct(self) -> str:
        """How other servers' API names this person."""
        return f"{self.name}@{self.server.domain}"

    async def call(self, method: str, path: str, data: Any = None, more: Mapping[str, str] | None = None) -> Reply:
        """Any answer; `data` is sent as JSON, or as a form where it is one, `more` are further headers."""
        server = self.server
        headers = {"Host": server.domain, **(more or {})}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        given: dict[str, Any] = {"data": data} if isinstance(data, aiohttp.FormData) else {"json": data}
        async with server.town.session.request(
            method,
            f"https://127.0.0.1:{server.port}{path}",
            headers=headers,
            ssl=server.town.ca.client_context,
            server_hostname=server.domain,
            **(given if data is not None else {}),
        ) as response:
            return Reply(response.status, await response.read(), response.headers)

    async def get(self, path: str) -> Any:
        return await self._good("GET", path, None)

    async def post(self, path: str, data: Any = None) -> Any:
        return await self._good("POST", path, data)

    async def put(self, path: str, data: Any = None) -> Any:
        return await self._good("PUT", path, data)

    async def patch(self, path: str, data: Any = None) -> Any:
        return await self._good("PATCH", path, data)

    async def delete(self, path: str) -> Any:
        return await self._good("DELETE", path, None)

    async def code(self, path: str) -> int:
        """The HTTP code of a GET."""
        return (await self.call("GET", path)).code

    async def _good(self, method: str, path: str, data: Any) -> Any:
        reply = await self.call(method, path, data)
        assert reply.code in (200, 202), f"{method} {path} on {self.server.domain}: {reply.code} {reply.body[:300]!r}"
        return reply.json


@dataclass
class Running:
    """One server: its settings, and its process where it runs."""

    town: Town
    domain: str
    port: int
    folder: Path
    database_url: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def api(self, name: str | None = None) -> Api:
        """Calls as this person, or as nobody."""
        return Api(self, self.tokens[name] if name is not None else None, name or "")

    @property
    def log(self) -> str:
        """What the process wrote."""
        path = self.folder / "log.txt"
        return path.read_text() if path.exists() else ""

    def options(self) -> dict[str, str]:
        """All settings, as in the environment but without prefix."""
        certificate, key = self.town.certificate(self.domain)
        return {
            "data": str(self.folder),
            "domain": self.domain,
            "listen": f"127.0.0.1:{self.port}",
            "tls_cert": str(certificate),
            "tls_key": str(key),
            "database_url": self.database_url,
            "test_resolver": ",".join(self.town.places),
            "allowed_private_networks": "127.0.0.0/8",
            "rate_limits": "off",
            "storage_floor": "0",
            "sync": "normal",
            **self.settings,
        }

    async def start(self) -> None:
        """Start the process and wait until it answers."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("DASSIE_")}
        environ |= {f"DASSIE_{name.upper()}": value for name, value in self.options().items() if value}
        environ["SSL_CERT_FILE"] = str(self.town.ca.bundle)
        with (self.folder / "log.txt").open("ab") as log:
            command = [sys.executable, "-m", "dassie.cli.main", "up"]
            self.process = subprocess.Popen(command, env=environ, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + STARTING
        while True:
            assert self.process.poll() is None, f"{self.domain} ended: {self.log[-2000:]}"
            assert time.monotonic() < deadline, f"{self.domain} does not answer: {self.log[-2000:]}"
            try:
                if await self.api().code("/api/v2/instance") == 200:
                    return
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """End it in peace."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                await asyncio.to_thread(self.process.wait, 20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    async def kill(self) -> None:
        """kill -9, with all that it started."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        await asyncio.to_thread(self.process.wait)
        self.process = None


class Town:
    """Servers that find each other by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = TestCa(folder)
        self.servers: list[Running] = []
        self.others: list[str] = []
        """Further `name=ip:port` for the test resolver."""
        self._certificates: dict[str, tuple[Path, Path]] = {}

    async def __aenter__(self) -> Self:
        self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self.servers:
            await server.stop()
            if exc is not None:
                sys.stderr.write(f"--- {server.domain} ---\n{server.log[-6000:]}")
        await self.session.close()

    @property
    def places(self) -> list[str]:
        return [f"{server.domain}=127.0.0.1:{server.port}" for server in self.servers] + self.others

    def certificate(self, domain: str) -> tuple[Path, Path]:
        if domain not in self._certificates:
            self._certificates[domain] = self.ca.issue(domain)
        return self._certificates[domain]

    async def server(
        self,
        domain: str,
        people: Sequence[str],
        *,
        database_url: str = "",
        locked: Sequence[str] = (),
        prepare: Callable[[Server], Awaitable[None]] | None = None,
        **settings: str,
    ) -> Running:
        """A server with these people, not started yet. `prepare` is called with it, its workers asleep."""
        folder = self.folder / domain
        folder.mkdir()
        made = Running(self, domain, free_port(), folder, database_url, dict(settings))
        self.servers.append(made)
        server = await build_server(load(made.options(), environ={}))
        try:
            private_key = await asyncio.to_thread(keys.new_private_key)  # one for all: making keys takes long
            for name in people:
                async with server.write() as tx:
                    account = await signing_up.create_login(
                        tx,
                        server,
                        username=name,
                        password_hash="unusable",
                        private_key=private_key,
                        locked=name in locked,
                    )
                    user = await logins.user_of(tx, AccountId(account.id))
                    made.tokens[name] = await signing_up.issue_token(tx, server, user, "read write follow push")
            if prepare is not None:
                await prepare(server)
        finally:
            await close_server(server)
        return made


async def eventually(what: Callable[[], Awaitable[T]], *, seconds: float = SOON) -> T:
    """What `what` gives, once it is neither false nor fails."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = await what()
            if found:
                return found
        except (AssertionError, IndexError, KeyError, TypeError):
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.1)


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    """A town that is torn down afterwards."""
    async with Town(folder) as made:
        yield made
