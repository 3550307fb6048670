"""A real uvicorn in this process, and clients that listen to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from net import free_port
from worlds import World

PATIENCE = 5.0


@asynccontextmanager
async def listening(world: World) -> AsyncIterator[int]:
    """The port where the world's application answers."""
    config = uvicorn.Config(
        world.app,
        port=free_port(),
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield config.port
    finally:
        server.should_exit = True
        await world.server.streams.close()
        await task


class Events:
    """One server-sent stream, read."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def line(self) -> str:
        return (await asyncio.wait_for(self.response.content.readline(), PATIENCE)).decode().rstrip("\n")

    async def next(self) -> tuple[str, str]:
        """The next event and its data; comments are left out."""
        kind = data = ""
        while True:
            line = await self.line()
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data = line.removeprefix("data: ")
            elif line == "" and kind:
                return kind, data
            elif self.response.content.at_eof():
                raise EOFError


@asynccontextmanager
async def events(port: int, path: str, token: str | None = None, **params: str) -> AsyncIterator[Events]:
    """Listen to server-sent events."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"http://127.0.0.1:{port}/api/v1/streaming/{path}"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers, params=params) as response:
        heard = Events(response)
        if response.status == 200:
            assert await heard.line() == ":)"
        yield heard


class Socket:
    """A WebSocket of a client."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, **message: Any) -> None:
        await self.connection.send(msgspec.json.encode(message).decode())

    async def next(self) -> dict[str, Any]:
        text = await asyncio.wait_for(self.connection.recv(), PATIENCE)
        assert isinstance(text, str)
        found: dict[str, Any] = msgspec.json.decode(text)
        return found

    async def subscribe(self, stream: str, **more: str) -> None:
        """Subscribe, and wait until that is done: messages are taken in order, a wrong one is answered."""
        await self.say(type="subscribe", stream=stream, **more)
        await self.settled()

    async def settled(self) -> None:
        await self.say(type="subscribe", stream="no such stream")
        assert await self.next() == {"error": "Unknown stream type", "status": 400}


@asynccontextmanager
async def socket(port: int, token: str | None = None, query: str = "", **more: Any) -> AsyncIterator[Socket]:
    """Open a WebSocket."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"ws://127.0.0.1:{port}/api/v1/streaming{query}"
    async with connect(url, additional_headers=headers, open_timeout=PATIENCE, **more) as connection:
        yield Socket(connection)


async def listeners(world: World, channel: str, count: int) -> None:
    """Wait until so many listen to a channel."""
    for _ in range(500):
        if world.server.streams.listeners(channel) == count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{world.server.streams.listeners(channel)} listen to {channel}, not {count}")
