"""Sending prepared requests to the flooded server over kept connections."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec

from dassie.federation.signatures import cavage, load_private
from dassie.rehearsal.plan import HERE

INBOX = f"https://{HERE}/inbox"
SECONDS = 60.0
KIND = "application/activity+json"


class Reached(NamedTuple):
    """An answer of the flooded server; code 0: none came."""

    code: int
    body: bytes


class Line:
    """One connection, opened when needed and again after it broke. Who sends waits for those before."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._turn = asyncio.Lock()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def send(self, data: bytes, seconds: float = SECONDS) -> Reached:
        """The answer to this request; code 0 where none came."""
        async with self._turn:
            return await self._send(data, seconds)

    async def _send(self, data: bytes, seconds: float) -> Reached:
        fresh = self._writer is None
        try:
            return await self._ask(data, seconds)
        except asyncio.IncompleteReadError as error:
            await self.close()
            if fresh or error.partial:
                return Reached(0, b"")
        except (OSError, TimeoutError, ValueError):
            await self.close()
            return Reached(0, b"")
        try:  # a kept connection was closed by the other side before it read anything
            return await self._ask(data, seconds)
        except (asyncio.IncompleteReadError, OSError, TimeoutError, ValueError):
            await self.close()
            return Reached(0, b"")

    async def close(self) -> None:
        writer, self._reader, self._writer = self._writer, None, None
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _ask(self, data: bytes, seconds: float) -> Reached:
        async with asyncio.timeout(seconds):
            if self._reader is None or self._writer is None:
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
            self._writer.write(data)
            return await _answer(self._reader)


async def _answer(reader: asyncio.StreamReader) -> Reached:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    body = b""
    at = head.find(b"content-length:")
    if at >= 0:
        body = await reader.readexactly(int(head[at + 15 : head.index(b"\r\n", at)]))
    elif b"transfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    return Reached(int(head[9:12]), body)


def get(path: str, headers: dict[str, str] | None = None) -> bytes:
    """A GET of the flooded server, encoded."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {HERE}", "X-Forwarded-Proto: https"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A POST to the flooded server, encoded."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {HERE}", "X-Forwarded-Proto: https", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def delivery(activity: Any, key_id: str, pem: str, at: datetime | None = None, inbox: str = INBOX) -> bytes:
    """The POST of an activity to an inbox there, signed by this key."""
    body = activity if isinstance(activity, bytes) else msgspec.json.encode(activity)
    signed = cavage.sign(key_id, load_private(pem), "POST", inbox, body, at or datetime.now(UTC))
    headers = {name: value for name, value in signed.items() if name != "Host"}
    return post(inbox.removeprefix(f"https://{HERE}"), body, {"Content-Type": KIND, **headers})
