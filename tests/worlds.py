"""A world for tests: a real server on a real database, people in it, and a client that calls it without a socket.

`ana = await world.account("ana")` makes a person; `await world.api(ana).get("/api/v1/…")` calls as her.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from dassie.config import Config, load
from dassie.domain import ids
from dassie.server import Server
from dassie.services import signing_up
from dassie.services.keys import new_private_key
from dassie.store import logins
from dassie.store.views import AccountView

if TYPE_CHECKING:
    from dassie.app import App


class MovableClock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._stopped: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        now, _ = self._stopped or (datetime.now(UTC), 0.0)
        return now + self._offset

    def monotonic(self) -> float:
        _, seconds = self._stopped or (None, asyncio.get_running_loop().time())
        return self._offset.total_seconds() + seconds

    def stop(self) -> None:
        """From now on time passes only by `forward`: what happens within seconds does so on slow machines too."""
        self._stopped = datetime.now(UTC), asyncio.get_running_loop().time()

    def forward(self, **by: float) -> None:
        self._offset += timedelta(**by)


@dataclass
class Got:
    """An answer of the server."""

    code: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Client:
    """Calls the application in this process."""

    app: App
    token: str | None = None
    host: str = "here.test"
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = "203.0.113.9"

    async def get(self, path: str, **params: Any) -> Got:
        query = urlencode(_pairs(params))
        return await self.request("GET", f"{path}{'&' if '?' in path else '?'}{query}" if query else path)

    async def post(self, path: str, json: Any = None, **form: Any) -> Got:
        return await self._send("POST", path, json, form)

    async def put(self, path: str, json: Any = None, **form: Any) -> Got:
        return await self._send("PUT", path, json, form)

    async def patch(self, path: str, json: Any = None, **form: Any) -> Got:
        return await self._send("PATCH", path, json, form)

    async def delete(self, path: str, json: Any = None, **form: Any) -> Got:
        return await self._send("DELETE", path, json, form)

    async def upload(self, path: str, name: str, data: bytes, *, method: str = "POST", **fields: str) -> Got:
        """A multipart request with one file."""
        return await self.multipart(method, path, {name: data}, **fields)

    async def multipart(self, method: str, path: str, files: Mapping[str, bytes], **fields: str) -> Got:
        """A multipart request with files."""
        edge = secrets.token_hex(8)
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        for name, data in files.items():
            head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="a"\r\n'
            parts += [head.encode(), b"Content-Type: application/octet-stream\r\n\r\n", data, b"\r\n"]
        parts.append(f"--{edge}--\r\n".encode())
        return await self.request(
            method, path, b"".join(parts), {"content-type": f"multipart/form-data; boundary={edge}"}
        )

    async def _send(self, method: str, path: str, json: Any, form: Mapping[str, Any]) -> Got:
        if json is not None:
            return await self.request(method, path, msgspec.json.encode(json), {"content-type": "application/json"})
        body = urlencode(_pairs(form)).encode()
        kind = {"content-type": "application/x-www-form-urlencoded"} if body else {}
        return await self.request(method, path, body, kind)

    async def request(
        self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Got:
        path, _, query = target.partition("?")
        sent = {"host": self.host, **(headers or {})}
        if self.token:
            sent.setdefault("authorization", f"Bearer {self.token}")
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body:
            sent["content-length"] = str(len(body))
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in sent.items()],
            "client": (self.address, 50000),
            "scheme": "https",
        }
        messages = iter([{"type": "http.request", "body": body, "more_body": False}])
        got = Got(0, {}, b"")

        async def receive() -> Any:
            try:
                return next(messages)
            except StopIteration:
                await asyncio.sleep(3600)

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                got.code = message["status"]
                for name, value in message["headers"]:
                    got.headers[name.decode().lower()] = value.decode("latin-1")
            else:
                got.body += message.get("body", b"")

        await self.app(scope, receive, send)
        for part in got.headers.get("set-cookie", "").split("\n"):
            name, _, value = part.partition(";")[0].partition("=")
            if name:
                self.cookies[name] = value
        return got


@dataclass
class World:
    """A server, and those who live there."""

    server: Server
    app: App
    clock: MovableClock
    _tokens: dict[int, str] = field(default_factory=dict)
    _people: int = 0

    async def account(self, name: str, **settings: Any) -> AccountView:
        """A person of ours, with a login."""
        self._people += 1
        given = {
            "password_hash": _password_hash(),
            "email": f"{name}@mail.test",
            "private_key": _signing_key(self._people % 8),
        }
        async with self.server.write() as tx:
            return await signing_up.create_login(tx, self.server, username=name, **(given | settings))

    async def token(self, account: AccountView, scopes: str = "read write follow push") -> str:
        async with self.server.write() as tx:
            user = await logins.user_of(tx, account.id)
            assert user is not None
            return await signing_up.issue_token(tx, self.server, user, scopes)

    async def api_as(self, account: AccountView | None = None, scopes: str = "read write follow push") -> Client:
        """A client that calls as this person; anonymous without one."""
        return Client(self.app, await self.token(account, scopes) if account is not None else None)

    async def settle(self, seconds: float = 10.0) -> None:
        """Wait until no job is ready or running."""
        from dassie.domain.jobs import State
        from dassie.store import queue

        deadline = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < deadline:
            async with self.server.read() as tx:
                left = [k for k in await queue.overview(tx) if k.state in (State.READY, State.RUNNING, State.HELD)]
            if not left and not self.app.runner.busy:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"jobs are still waiting: {left}")


@cache
def _signing_key(number: int) -> str:
    """Making a key takes a while: worlds use the same few again."""
    return new_private_key()


@cache
def _password_hash() -> str:
    return signing_up.hash_password("correct horse battery")


def _pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Lists become `name[]=…`; booleans Rails' words."""
    out = []
    for name, value in values.items():
        if isinstance(value, (list, tuple)):
            out += [(f"{name}[]", str(item)) for item in value]
        elif value is not None:
            out.append((name, str(value).lower() if isinstance(value, bool) else str(value)))
    return out


@asynccontextmanager
async def new_world(
    folder: Path, *, database_url: str = "", run_jobs: bool = True, **settings: Any
) -> AsyncIterator[World]:
    """A fresh server named here.test in `folder`."""
    from dassie.app import App, build_server  # not above: tests of single parts need not load every door

    options = {"data": folder, "domain": "here.test", "rate_limits": "off", "sync": "normal", "storage_floor": 0}
    options |= {"link_cards": "off"}  # no test asks the world; those of cards have a web of their own
    options |= settings
    config: Config = load(options | {"database_url": database_url, "workers": 1 if run_jobs else 0}, environ={})
    ids.forget_last()  # another test may have moved its clock ahead of ours
    clock = MovableClock()
    server = await build_server(config, clock=clock)
    app = App(server)
    await app.start()
    try:
        yield World(server, app, clock)
    finally:
        await app.stop()


PG_URL = os.environ.get("PG_URL", "")
