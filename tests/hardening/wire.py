"""A world on a real socket, served as `dassie up` does, and lines to it over which any bytes can be sent.

async with served(world) as wire:
    heard = await wire.ask(b"GET / HTTP/1.1\r\nHost: here.test\r\n\r\n")
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from dassie.cli.serving import _Web
from worlds import World

HOST = "here.test"
SOON = 10.0


@dataclass(frozen=True)
class Heard:
    """An answer; code 0 where the line was closed without one."""

    code: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass
class Line:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        with contextlib.suppress(ConnectionError):
            await self.writer.drain()

    async def drip(self, data: bytes, every: float) -> None:
        """Byte for byte, until the other side has enough."""
        for one in data:
            if self.writer.is_closing():
                return
            await self.say(bytes([one]))
            await asyncio.sleep(every)

    async def hear(self, *, head_only: bool = False) -> Heard:
        """The next answer."""
        try:
            async with asyncio.timeout(SOON):
                head = await self.reader.readuntil(b"\r\n\r\n")
                first, *lines = head.decode("latin-1").split("\r\n")
                headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines if line)}
                length = 0 if head_only else int(headers.get("content-length", 0))
                return Heard(int(first.split()[1]), headers, await self.reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError):
            return Heard(0)

    async def ended(self) -> bool:
        """Whether the other side closes the line, soon; what it still says is thrown away."""
        try:
            async with asyncio.timeout(SOON):
                while await self.reader.read(65_536):
                    pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


class Wire:
    """Where a world listens."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._lines: list[Line] = []

    async def line(self, *, buffer: int = 0) -> Line:
        """A new connection; `buffer` bounds what the kernel takes for us before we read."""
        sock = socket.socket()
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
        made = Line(*await asyncio.open_connection(sock=sock, limit=4_000 if buffer else 65_536))
        self._lines.append(made)
        return made

    async def ask(self, data: bytes) -> Heard:
        """The answer to these bytes on a line of their own."""
        line = await self.line()
        await line.say(data)
        heard = await line.hear(head_only=data.startswith(b"HEAD"))
        await line.close()
        return heard

    async def get(self, path: str, *headers: str, host: str = HOST) -> Heard:
        return await self.ask(request("GET", path, *headers, host=host))

    async def close(self) -> None:
        for line in self._lines:
            await line.close()


def request(method: str, path: str, *headers: str, body: bytes = b"", host: str = HOST) -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@asynccontextmanager
async def served(world: World) -> AsyncIterator[Wire]:
    """Serve this world at a free port of this machine."""
    opened = socket.create_server(("127.0.0.1", 0), backlog=200)
    web = _Web(world.app, opened, None)
    serving = asyncio.create_task(web.serve(sockets=[opened]))
    wire = Wire(opened.getsockname()[1])
    try:
        while not web.started:
            await asyncio.sleep(0.01)
        yield wire
    finally:
        await wire.close()
        web.force_exit = web.should_exit = True
        await serving
