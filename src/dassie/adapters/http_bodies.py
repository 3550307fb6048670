"""Reading what another server sends: counted after unpacking, and dropped at the limit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import aiohttp

from dassie.adapters.http_failures import failures_of, too_large
from dassie.adapters.http_limits import Deadline
from dassie.adapters.http_sessions import READ_BYTES
from dassie.domain.errors import RemoteFailed

ASIDE_BYTES = 16_384
ASIDE_SECONDS = 5.0
_KNOWN_ENCODINGS = frozenset({"", "identity", "gzip", "deflate"})


def headers_of(response: aiohttp.ClientResponse) -> Mapping[str, str]:
    """Names in lower case; a header sent several times is joined with commas (RFC 9110 section 5.3).

    aiohttp keeps bytes that are not UTF-8 as lone surrogates, which nobody can encode again.
    """
    joined: dict[str, str] = {}
    for name, raw in response.headers.items():
        key, value = name.lower(), raw.encode("utf-8", "replace").decode()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    joined.pop("set-cookie", None)
    return joined


async def read_whole(response: aiohttp.ClientResponse, host: str, max_bytes: int) -> bytes:
    """The unpacked body; raises `RemoteFailed` where it is larger than `max_bytes`."""
    body = bytearray()
    reader = _Reader(response, host, max_bytes)
    while piece := await reader.next():
        body += piece
    return bytes(body)


async def read_aside(response: aiohttp.ClientResponse) -> bytes:
    """The start of a body that is not what we came for: an error's explanation, the answer to a delivery.

    Short of time and bytes, and never a failure: the code alone is an answer.
    """
    body = bytearray()
    if not _is_unpacked(response):
        return b""
    with suppress(aiohttp.ClientError, TimeoutError, OSError):
        async with asyncio.timeout(ASIDE_SECONDS):
            while len(body) < ASIDE_BYTES and (piece := await response.content.read(READ_BYTES)):
                body += piece
    return bytes(body[:ASIDE_BYTES])


@dataclass(slots=True)
class _Reader:
    """Reads a body piece by piece and counts."""

    response: aiohttp.ClientResponse
    host: str
    max_bytes: int
    count: int = 0

    async def next(self) -> bytes:
        """At most 64 KB, unpacked; empty at the end. Raises `RemoteFailed`."""
        if not self.count:
            self._check_headers()
        with failures_of(self.host):
            piece = await self.response.content.read(READ_BYTES)
        self.count += len(piece)
        if self.count > self.max_bytes:
            raise too_large(self.host, self.max_bytes, self.response.status)
        return piece

    def _check_headers(self) -> None:
        """Refuses by the headers, before a byte of the body is read."""
        if not _is_unpacked(self.response):
            raise RemoteFailed(f"{self.host} packed its answer in a way we did not ask for", kind="malformed")
        if (self.response.content_length or 0) > self.max_bytes:
            raise too_large(self.host, self.max_bytes, self.response.status)


@dataclass(slots=True)
class Incoming:
    """An answer whose body is read while it arrives; `dassie.ports.Download`."""

    code: int
    url: str
    headers: Mapping[str, str]
    _response: aiohttp.ClientResponse
    _host: str
    _max_bytes: int
    _deadline: Deadline

    async def chunks(self) -> AsyncIterator[bytes]:
        """The deadline ends our reading, never the work that the caller does between two chunks."""
        reader = _Reader(self._response, self._host, self._max_bytes)
        while True:
            async with self._deadline.watch():
                piece = await reader.next()
            if not piece:
                return
            yield piece


def _is_unpacked(response: aiohttp.ClientResponse) -> bool:
    """Whether aiohttp has undone the packing. It knows more kinds where their libraries are installed."""
    return response.headers.get("Content-Encoding", "").strip().lower() in _KNOWN_ENCODINGS
