"""As little HTTP/1.1 as a fleet needs: one protocol for all hosts, answers prepared as bytes.

It shares two cores with the server that is measured, so it does nothing that is not asked for.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import NamedTuple

from dassie.rehearsal.plan import Fault

MAX_HEAD = 32_768
MAX_BODY = 2_000_000
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of no seconds: closing sends RST."""


class Asked(NamedTuple):
    """A request."""

    method: str
    host: str
    path: str
    body: bytes


class Told(NamedTuple):
    """What the host does: these bytes, so late, with this fault."""

    data: bytes
    fault: Fault | None = None
    after: float = 0.0


Answer = Callable[[Asked], Told]


def response(code: int, body: bytes = b"", kind: str = "application/activity+json; charset=utf-8") -> bytes:
    """An answer, encoded."""
    reason = {200: "OK", 202: "Accepted", 404: "Not Found", 410: "Gone"}.get(code, "Error")
    head = f"HTTP/1.1 {code} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection(asyncio.Protocol):
    """One connection to any host of the fleet."""

    def __init__(self, answer: Answer, opened: set[Connection]) -> None:
        self._answer = answer
        self._opened = opened
        self._buffer = b""
        self._busy = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]
        self._opened.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._opened.discard(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._busy:
            self._next()

    def close(self) -> None:
        """End it at once."""
        if self._transport is not None:
            self._transport.abort()

    def _next(self) -> None:
        """Answer what has come whole; the next request waits for a late answer."""
        while not self._busy and self._transport is not None and (asked := self._take()) is not None:
            told = self._answer(asked)
            if told.after:
                self._busy = True
                asyncio.get_running_loop().call_later(told.after, self._late, told)
            else:
                self._tell(told)

    def _late(self, told: Told) -> None:
        self._busy = False
        self._tell(told)
        self._next()

    def _tell(self, told: Told) -> None:
        transport = self._transport
        if transport is None:
            return
        if told.fault is Fault.RESETTING:
            transport.write(told.data[: len(told.data) // 2])
            asyncio.get_running_loop().call_later(0.01, _reset, transport)
        else:
            transport.write(told.data)
            if told.fault is Fault.LYING:
                transport.close()

    def _take(self) -> Asked | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEAD:
                self.close()
            return None
        first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        try:
            method, path, _ = first.split(" ")
            length = int(headers.get("content-length", "0"))
        except ValueError:
            self.close()
            return None
        if not 0 <= length <= MAX_BODY:
            self.close()
            return None
        if len(self._buffer) < end + 4 + length:
            return None
        body = self._buffer[end + 4 : end + 4 + length]
        self._buffer = self._buffer[end + 4 + length :]
        return Asked(method, headers.get("host", "").lower(), path, body)


class Silence(asyncio.Protocol):
    """A connection that is taken and never answered."""

    def __init__(self, met: Callable[[str], None], opened: set[Silence]) -> None:
        self._met = met
        self._opened = opened
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._met(Fault.BLACK_HOLE.value)
        self._transport = transport
        self._opened.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._opened.discard(self)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _reset(transport: asyncio.Transport) -> None:
    sock = transport.get_extra_info("socket")
    if sock is not None and not transport.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    transport.abort()
