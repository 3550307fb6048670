"""Connections that bore, drip or never end: each thing a client may take its time for has a bound (house rule 9).

uvicorn ends idle connections only. Here a head must come within seconds, a body at a modest pace, an answer must be
read, and where all places are taken those who only sit there make room. One look at all connections a second does it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

CONNECTIONS = 4000
"""Open at once; above that the oldest idle ones go, and where none is idle newcomers get 503."""
MAKE_ROOM_FOR = 100
HEAD_SECONDS = 20.0
MAX_HEAD = 32_768
MAX_HEADERS = 100
STEP_SECONDS = 20.0
MIN_STEP = 16_000
"""Bytes of a body that must come in each step."""
BODY_SECONDS = 3_600.0
"""For all of a body."""
LINGER_SECONDS = 5.0
"""For the rest of a body whose request is answered already."""
READ_SECONDS = 120.0
"""A client that takes no byte of its answer for so long is gone."""
CLOSE_SECONDS = 60.0
"""For the rest of an answer on a connection that we closed."""
MAX_PIPELINED = 20

IDLE, HEAD, BODY = "idle", "head", "body"


class _Patient(asyncio.Protocol):
    """A connection that notices who takes nothing, or does not let us close."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stuck_since: float | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self.stuck_since = self.loop.time()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.stuck_since = None

    def look(self, now: float) -> None:
        """Cut it where nothing is taken for too long; a close that waits for its buffer never ends by itself."""
        if self.stuck_since is None and self.transport.is_closing():
            self.stuck_since = now
        patience = CLOSE_SECONDS if self.transport.is_closing() else READ_SECONDS
        if self.stuck_since is not None and now - self.stuck_since > patience:
            self.transport.abort()


class Connection(_Patient, HttpToolsProtocol):
    """One connection, with its patience."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phase = HEAD
        self.since = self.loop.time()
        """When the phase, or in a body its step, began."""
        self._unused = 0  # bytes since the last that led to anything
        self._moved = False
        self._step = 0
        self._began = 0.0
        self._refusal = 400

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, or say that there is none."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS and not make_room(self.connections, self):
            self._refuse(503, b"retry-after: 30\r\n")

    def data_received(self, data: bytes) -> None:
        if self.parser is None or self.transport.is_closing():
            return
        if self.phase == IDLE:
            self._enter(HEAD)
        self._moved = False
        super().data_received(data)
        self._unused = 0 if self._moved else self._unused + len(data)
        if self._unused > MAX_HEAD and not self.transport.is_closing():
            self._refuse(431)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > MAX_HEADERS:
            self._fail(431)

    def on_headers_complete(self) -> None:
        self._moved = True
        self._check_head()
        super().on_headers_complete()
        self._enter(BODY)
        self._began = self.since

    def on_body(self, body: bytes) -> None:
        self._moved = True
        self._step += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._moved = True
        self._enter(IDLE)
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read. In the middle of an answer there is no place for words."""
        self._refuse(self._refusal)

    def look(self, now: float) -> None:
        """End it where its patience is over; called every second."""
        super().look(now)
        if self.transport.is_closing():
            return
        if self.phase == HEAD and now - self.since > HEAD_SECONDS:
            self._refuse(408)
        elif self.phase == BODY:
            self._look_at_body(now)

    def _look_at_body(self, now: float) -> None:
        if self.cycle is not None and self.cycle.response_complete:
            if now - self.since > LINGER_SECONDS:
                self.transport.close()
        elif self.flow.read_paused:  # it is we who are slow
            self._enter(BODY)
        elif now - self._began > BODY_SECONDS:
            self._refuse(408)
        elif now - self.since > STEP_SECONDS:
            if self._step < MIN_STEP:
                self._refuse(408)
            self._enter(BODY)

    def _enter(self, phase: str) -> None:
        self.phase, self.since, self._step = phase, self.loop.time(), 0

    def _check_head(self) -> None:
        """What no honest client sends: heads that are too long, two hosts or none, long pipelines."""
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MAX_HEAD:
            self._fail(431)
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            self._fail(400)
        if not self.url.startswith(b"/") and self.url.partition(b"://")[2].partition(b"/")[0] not in hosts:
            self._fail(400)
        if len(self.pipeline) >= MAX_PIPELINED:
            self._fail(400)

    def _fail(self, code: int) -> None:
        """Stop the parser; `send_400_response` then answers with this code."""
        self._refusal = code
        raise ValueError("refused")

    def _refuse(self, code: int, headers: bytes = b"") -> None:
        answering = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if not answering and not (self.phase == HEAD and self._unused == 0 and code == 408):
            head = b"content-length: 0\r\nconnection: close\r\n" + headers
            self.transport.write(STATUS_LINE[code] + head + b"\r\n")
        self.transport.close()


class Socket(_Patient, WebSocketsSansIOProtocol):
    """A WebSocket. Pings find those who are gone; this finds those who are there and take nothing."""


def make_room(connections: set[Any], newcomer: Connection) -> bool:
    """Close the oldest of those that only sit there; False where all are at work."""
    sitting = [one for one in connections if isinstance(one, Connection) and one is not newcomer and _sits(one)]
    sitting.sort(key=lambda one: one.since)
    for one in sitting[:MAKE_ROOM_FOR]:
        one.transport.abort()
    return bool(sitting)


def look_at_all(connections: set[Any], now: float) -> None:
    """End the connections whose patience is over."""
    for one in tuple(connections):
        if isinstance(one, (Connection, Socket)):
            one.look(now)


def _sits(one: Connection) -> bool:
    return one.phase != BODY and (one.cycle is None or one.cycle.response_complete) and not one.pipeline
