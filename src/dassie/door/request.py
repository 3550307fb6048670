"""A request as the doors see it: who really asks, under which address, and the body within its bounds."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from dassie.config import Config
from dassie.domain.errors import BadRequest, TooLarge

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Request:
    """One HTTP request."""

    __slots__ = (
        "_sent",
        "client",
        "code",
        "headers",
        "host",
        "id",
        "method",
        "params",
        "path",
        "query",
        "receive",
        "scheme",
        "scope",
        "send",
    )

    def __init__(self, scope: Mapping[str, Any], receive: Receive, send: Send, config: Config) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.method: str = scope.get("method", "GET")
        self.path: str = scope["path"]
        self.query: str = scope.get("query_string", b"").decode("latin-1")
        headers: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        self.headers = headers
        self.id = secrets.token_hex(8)
        self.params: dict[str, str] = {}
        self._sent = False
        self.code = 0  # of the answer, once it is on its way
        peer = scope.get("client")
        self.client: str = peer[0] if peer else ""
        self.scheme: str = {"ws": "http", "wss": "https"}.get(scope.get("scheme", "http"), scope.get("scheme", "http"))
        self.host: str = headers.get("host", config.domain)
        if _trusted(config, self.client):
            self._believe(headers)

    def _believe(self, headers: Mapping[str, str]) -> None:
        forwarded = headers.get("x-forwarded-for", "")
        if forwarded:
            self.client = forwarded.rsplit(",", 1)[-1].strip()[:64]
        proto = headers.get("x-forwarded-proto", "").rsplit(",", 1)[-1].strip().lower()
        if proto in ("http", "https"):
            self.scheme = proto
        host = headers.get("x-forwarded-host", "").rsplit(",", 1)[-1].strip()
        if host:
            self.host = host[:255]

    @property
    def client_group(self) -> str:
        """The client for limits: an IPv4 address, or the /64 of an IPv6 one."""
        return _group_of(self.client)

    @property
    def target(self) -> str:
        """Path and query as sent, for signatures."""
        raw: bytes = self.scope.get("raw_path") or self.path.encode()
        path = raw.decode("latin-1").partition("?")[0]
        return f"{path}?{self.query}" if self.query else path

    def cookie(self, name: str) -> str | None:
        """The value of a cookie; None where it is missing or unreadable."""
        try:
            found = SimpleCookie(self.headers.get("cookie", "")).get(name)
        except CookieError:
            return None
        return found.value if found is not None else None

    async def chunks(self, limit: int) -> AsyncIterator[bytes]:
        """The body piece by piece; raises `TooLarge` past `limit` bytes."""
        if self.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise BadRequest("Compressed requests are not taken here.")
        declared = self.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            raise TooLarge(f"The request is larger than the {limit:,} bytes allowed here.")
        total = 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise BadRequest("The request ended before its body did.")
            chunk: bytes = message.get("body", b"")
            total += len(chunk)
            if total > limit:
                raise TooLarge(f"The request is larger than the {limit:,} bytes allowed here.")
            if chunk:
                yield chunk
            if not message.get("more_body"):
                return

    async def body(self, limit: int) -> bytes:
        """The whole body; raises `TooLarge` past `limit` bytes."""
        parts = [chunk async for chunk in self.chunks(limit)]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    # Answering --------------------------------------------------------------------------------------

    async def start(self, code: int, headers: list[tuple[str, str]]) -> None:
        """Send code and headers; the body follows by `more` and `finish`."""
        self._sent = True
        self.code = code
        encoded = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
        encoded.append((b"x-request-id", self.id.encode()))
        await self.send({"type": f"{self._protocol}.response.start", "status": code, "headers": encoded})

    async def more(self, chunk: bytes) -> None:
        await self.send({"type": f"{self._protocol}.response.body", "body": chunk, "more_body": True})

    async def finish(self, chunk: bytes = b"") -> None:
        await self.send({"type": f"{self._protocol}.response.body", "body": chunk, "more_body": False})

    async def reply(
        self, code: int, body: bytes, content_type: str, headers: list[tuple[str, str]] | None = None
    ) -> None:
        """Send a whole answer."""
        sent = [("content-type", content_type), ("content-length", str(len(body))), *(headers or ())]
        await self.start(code, sent)
        await self.finish(b"" if self.method == "HEAD" else body)

    async def send_ready(self, code: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        """Send an answer that is kept ready; `headers` as they go out, with the length of the body."""
        self._sent = True
        self.code = code
        sent = [*headers, (b"x-request-id", self.id.encode())]
        await self.send({"type": "http.response.start", "status": code, "headers": sent})
        last = b"" if self.method == "HEAD" else body
        await self.send({"type": "http.response.body", "body": last, "more_body": False})

    async def accept(self, subprotocol: str | None) -> None:
        """Open a WebSocket; from here on the handler speaks with `receive` and `send`."""
        self._sent = True
        await self.send({"type": "websocket.accept", "subprotocol": subprotocol})

    @property
    def is_socket(self) -> bool:
        """Whether a WebSocket is asked for."""
        return bool(self.scope["type"] == "websocket")

    @property
    def _protocol(self) -> str:
        # A WebSocket that is not opened is refused with an answer of HTTP (ASGI: WebSocket Denial Response).
        return "websocket.http" if self.is_socket else "http"

    @property
    def answered(self) -> bool:
        return self._sent


def _trusted(config: Config, peer: str) -> bool:
    if config.listen.startswith("unix:") and not peer:
        return True
    if not config.trusted_proxies:
        return False
    address = _address(peer)
    return address is not None and any(address in network for network in config.trusted_proxies)


@lru_cache(maxsize=4_096)
def _group_of(client: str) -> str:
    address = _address(client)
    return str(int(address) >> 64) if address is not None and address.version == 6 else client


@lru_cache(maxsize=4_096)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
