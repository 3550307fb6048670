"""Streaming: what happens, as it happens, over server-sent events and WebSockets (limits_and_rules section 13)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import msgspec
import structlog

from dassie.api.listening import Frame, Listener
from dassie.api.routing import CORS, Call, Reply, bearer, encode, error_reply, get
from dassie.domain.errors import BadRequest, DassieError, NotAuthenticated, NotFound
from dassie.domain.ids import parse_id
from dassie.domain.stream_names import Stream, find_stream
from dassie.door import taking as take
from dassie.store import lists

log = structlog.get_logger("streaming")

THUMP_SECONDS = 15.0
SEND_SECONDS = 30.0
"""Somebody who takes longer to take an event is gone."""
CLOSE_SECONDS = 5.0
CODES = {"token": 1000, "stopped": 1012, "slow": 1013}
"""How a socket is closed (RFC 6455 and its registry): many apps come back after all but the first."""
MAX_MESSAGE = 8_192
SSE = [
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "private, no-store"),
    ("x-accel-buffering", "no"),
    *CORS,
]
ANSWERED = Reply(b"", 0)
UNKNOWN = "Unknown channel requested"
EVENTS = "text/event-stream"
OPEN = [take.flag("only_media", "Only posts with files.")]
TAGGED = [take.text("tag", required=True), *OPEN]


@get("/api/v1/streaming/health", takes=[], content="text/plain")
async def health(call: Call) -> Reply[bytes]:
    """Streaming is alive."""
    return Reply(b"OK", headers=[("cache-control", "no-store")], content_type="text/plain; charset=utf-8")


@get(
    "/api/v1/streaming",
    takes=[take.text("stream"), take.text("tag"), take.text("list")],
    checks="read|read:statuses|read:notifications",
)
async def socket(call: Call) -> Reply[bytes]:
    """One WebSocket for many streams. Over plain HTTP there is nothing: every stream has its own path."""
    if not call.request.is_socket:
        raise NotFound
    listener = await _listener(call)
    try:
        await _Socket(call, listener).serve()
    finally:
        listener.close()
    return ANSWERED


@get("/api/v1/streaming/user", takes=[], checks="read:statuses", content=EVENTS)
async def user_events(call: Call) -> Reply[bytes]:
    """My home feed and notifications."""
    return await _events(call, "user")


@get("/api/v1/streaming/user/notification", takes=[], checks="read:notifications", content=EVENTS)
async def notification_events(call: Call) -> Reply[bytes]:
    """My notifications."""
    return await _events(call, "user:notification")


@get("/api/v1/streaming/public", takes=OPEN, checks="read:statuses", content=EVENTS)
async def public_events(call: Call) -> Reply[bytes]:
    """All public posts."""
    return await _events(call, "public")


@get("/api/v1/streaming/public/local", takes=OPEN, checks="read:statuses", content=EVENTS)
async def local_events(call: Call) -> Reply[bytes]:
    """Public posts of people here."""
    return await _events(call, "public:local")


@get("/api/v1/streaming/public/remote", takes=OPEN, checks="read:statuses", content=EVENTS)
async def remote_events(call: Call) -> Reply[bytes]:
    """Public posts of people elsewhere."""
    return await _events(call, "public:remote")


@get("/api/v1/streaming/hashtag", takes=TAGGED, checks="read:statuses", content=EVENTS)
async def tag_events(call: Call) -> Reply[bytes]:
    """Public posts with a tag."""
    return await _events(call, "hashtag", tag=call.params.text("tag"))


@get("/api/v1/streaming/hashtag/local", takes=TAGGED, checks="read:statuses", content=EVENTS)
async def local_tag_events(call: Call) -> Reply[bytes]:
    """Public posts of people here with a tag."""
    return await _events(call, "hashtag:local", tag=call.params.text("tag"))


@get("/api/v1/streaming/direct", takes=[], checks="read:statuses", content=EVENTS)
async def direct_events(call: Call) -> Reply[bytes]:
    """Private conversations."""
    return await _events(call, "direct")


@get("/api/v1/streaming/list", takes=[take.text("list", required=True)], checks="read:statuses", content=EVENTS)
async def list_events(call: Call) -> Reply[bytes]:
    """What is put into one of my lists."""
    return await _events(call, "list", list_id=call.params.text("list"))


@get("/api/v1/streaming/{name}", takes=[], content=EVENTS)
async def no_events(call: Call, name: str) -> Reply[bytes]:
    """400: there is no stream of this name."""
    raise BadRequest(UNKNOWN)


@get("/api/v1/streaming/{name}/{part}", takes=[], content=EVENTS)
async def no_such_events(call: Call, name: str, part: str) -> Reply[bytes]:
    """400: there is no stream of this name."""
    raise BadRequest(UNKNOWN)


async def _listener(call: Call) -> Listener:
    """Who listens. Their token is looked at once more, now that its end would be heard."""
    token = bearer(call.request)
    if token is None:
        raise NotAuthenticated("Missing access token")
    listener = Listener(call, token)
    try:
        if await listener.has_ended():
            raise NotAuthenticated
    except BaseException:
        listener.close()
        raise
    return listener


async def _check_own(call: Call, stream: Stream) -> None:
    """Raises `NotFound` where the stream is that of a list of somebody else."""
    if stream.name == "list":
        async with call.server.read() as tx:
            if await lists.find(tx, call.me.id, parse_id(stream.argument or "") or 0) is None:
                raise NotFound


async def _while_all_run(*running: Coroutine[Any, Any, None]) -> None:
    """Run all until the first of them ends, then end the others."""
    tasks = [asyncio.create_task(one) for one in running]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        error = task.exception()
        if error is not None and not isinstance(error, (TimeoutError, OSError)):
            raise error


# Server-sent events ----------------------------------------------------------------------------------


async def _events(call: Call, name: str, *, tag: str | None = None, list_id: str | None = None) -> Reply[bytes]:
    """One stream as server-sent events, for as long as somebody listens."""
    if call.request.method == "HEAD":
        return Reply(b"", headers=[("cache-control", "private, no-store")], content_type="text/event-stream")
    listener = await _listener(call)
    try:
        stream = find_stream(name, me=listener.me, tag=tag, list_id=list_id)
        await _check_own(call, stream)
        if stream.open_to_all and call.params.flag("only_media"):
            stream = replace(stream, only_media=True)
        listener.add(stream)
        await call.request.start(200, SSE)
        await call.request.more(b":)\n")
        await _while_all_run(_relay(call, listener), _thump(call), _until_gone(call))
    finally:
        listener.close()
    with contextlib.suppress(OSError, RuntimeError):
        await call.request.finish()
    return ANSWERED


async def _relay(call: Call, listener: Listener) -> None:
    async for frame in listener.frames():
        async with asyncio.timeout(SEND_SECONDS):
            await call.request.more(f"event: {frame.event}\ndata: {frame.payload}\n\n".encode())


async def _thump(call: Call) -> None:
    while True:
        await asyncio.sleep(THUMP_SECONDS)
        async with asyncio.timeout(SEND_SECONDS):
            await call.request.more(b":thump\n")


async def _until_gone(call: Call) -> None:
    while (await call.request.receive())["type"] != "http.disconnect":
        pass


# WebSocket -------------------------------------------------------------------------------------------


class _Socket:
    """One WebSocket: frames out, subscriptions in."""

    def __init__(self, call: Call, listener: Listener) -> None:
        self._call = call
        self._request = call.request
        self._listener = listener

    async def serve(self) -> None:
        """Talk until either side has enough."""
        await self._request.receive()  # websocket.connect
        protocols = self._request.headers.get("sec-websocket-protocol", "")
        await self._request.accept(protocols.partition(",")[0].strip() or None)
        params = self._call.params
        name = params.text("stream")
        try:
            if name:
                asked = {"stream": name, "tag": params.text("tag"), "list": params.text("list")}
                await self._apply("subscribe", asked)
            await _while_all_run(self._relay(), self._read())
        finally:
            await self._close(CODES.get(self._listener.over, 1000))

    async def _close(self, code: int) -> None:
        """Say goodbye, to who listens: for one who takes nothing the connection is cut later (cli/connections.py)."""
        with contextlib.suppress(OSError, RuntimeError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._request.send({"type": "websocket.close", "code": code})

    async def _relay(self) -> None:
        async for frame in self._listener.frames():
            await self._say(_encoded(frame))

    async def _read(self) -> None:
        while True:
            message = await self._request.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None:
                await self._close(1003)
                return
            await self._hear(text)

    async def _hear(self, text: str) -> None:
        try:
            if len(text) > MAX_MESSAGE:
                raise BadRequest("The message is too long")
            asked = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, DassieError):
            await self._complain(BadRequest("The message cannot be read"))
            return
        if not isinstance(asked, dict):
            await self._complain(BadRequest("The message must be an object"))
            return
        await self._apply(asked.get("type"), asked)

    async def _apply(self, what: object, asked: dict[str, Any]) -> None:
        try:
            stream = self._stream(asked)
            if what == "subscribe":
                await _check_own(self._call, stream)
                self._listener.add(stream)
            elif what == "unsubscribe":
                self._listener.remove(stream)
            else:
                raise BadRequest("Unknown message type")
        except DassieError as error:
            await self._complain(error)

    def _stream(self, asked: dict[str, Any]) -> Stream:
        name, tag, list_id = (_text(asked.get(key)) for key in ("stream", "tag", "list"))
        return find_stream(name or "", me=self._listener.me, tag=tag, list_id=list_id)

    async def _complain(self, error: DassieError) -> None:
        """An error leaves the socket open."""
        await self._say(encode({"error": error.safe, "status": error_reply(error).code}).decode())

    async def _say(self, text: str) -> None:
        async with asyncio.timeout(SEND_SECONDS):
            await self._request.send({"type": "websocket.send", "text": text})


def _text(value: object) -> str | None:
    """What a message says; ids come as numbers too."""
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else None


def _encoded(frame: Frame) -> str:
    told = {"stream": frame.stream.label, "event": frame.event}
    return encode(told | {"payload": frame.payload} if frame.payload else told).decode()
