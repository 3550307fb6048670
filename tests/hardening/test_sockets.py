"""WebSockets in bad hands: messages too large or no words, too many of them, and those who do not listen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dassie.api import listening, streaming
from dassie.cli import connections, serving
from dassie.cli.knocking import knock
from dassie.ports import Event
from dassie.store import tokens
from people import write
from wire import Line, Wire, request, served
from worlds import World


@pytest.fixture
async def wire(idle_world: World) -> AsyncIterator[Wire]:
    async with served(idle_world) as made:
        yield made


def opened(wire: Wire, token: str) -> connect:
    headers = {"Authorization": f"Bearer {token}"}
    address = f"ws://127.0.0.1:{wire.port}/api/v1/streaming"
    return connect(address, additional_headers=headers, proxy=None)


async def closed_with(socket: ClientConnection) -> int:
    """The code with which the server closes it."""
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            await socket.recv()
    assert closed.value.rcvd is not None
    return int(closed.value.rcvd.code)


async def test_messages_that_are_too_large_or_no_text_close_the_socket(wire: Wire, idle_world: World) -> None:
    token = await idle_world.token(await idle_world.account("ana"))
    for message, code in (("x" * 70_000, 1009), (b"\0\1", 1003)):
        async with opened(wire, token) as socket:
            await socket.send(message)
            assert await closed_with(socket) == code
    async with opened(wire, token) as socket:
        await socket.send("[" * 9_000)
        assert '"error"' in str(await socket.recv())
        await socket.send('{"type": "subscribe", "stream": "user"}')
    assert (await wire.ask(request("GET", "/api/v1/streaming/health"))).code == 200


async def test_nobody_holds_more_sockets_than_is_reasonable(
    wire: Wire, idle_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "MOST_CONNECTIONS", 3)
    token = await idle_world.token(await idle_world.account("ana"))
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(opened(wire, token))
        with pytest.raises(InvalidStatus) as refused:
            await stack.enter_async_context(opened(wire, token))
        assert refused.value.response.status_code == 429
    async with opened(wire, token):
        pass


async def test_nobody_without_a_token_gets_a_socket(wire: Wire) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(wire, "wrong"):
            pass
    assert refused.value.response.status_code == 401


UPGRADE = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {'A' * 22}==")
PING, CLOSE = 0x89, 0x88


async def raw(wire: Wire, token: str, *, buffer: int = 0) -> Line:
    """A socket that does nothing by itself: no pong, no reading."""
    line = await wire.line(buffer=buffer)
    await line.say(request("GET", f"/api/v1/streaming?stream=user&access_token={token}", *UPGRADE))
    assert (await line.hear(head_only=True)).code == 101
    return line


async def listeners(world: World, channel: str, count: int) -> None:
    async with asyncio.timeout(5):
        while world.server.streams.listeners(channel) != count:
            await asyncio.sleep(0.01)


async def test_sockets_are_pinged_and_who_does_not_answer_is_gone(
    idle_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert serving.PING_SECONDS == 30.0  # as apps know it from Mastodon
    monkeypatch.setattr(serving, "PING_SECONDS", 0.2)
    ana = await idle_world.account("ana")
    token = await idle_world.token(ana)
    async with served(idle_world) as wire, opened(wire, token) as lively:
        silent = await raw(wire, token)
        await listeners(idle_world, f"user:{ana.id}", 1)
        head = await asyncio.wait_for(silent.reader.readexactly(6), 5)
        assert (head[0], head[1]) == (PING, 4)
        assert (await asyncio.wait_for(silent.reader.readexactly(1), 5))[0] == CLOSE
        assert await silent.ended()
        await listeners(idle_world, f"user:{ana.id}", 0)
        await lively.send("{")  # its pongs went out by themselves, several times
        assert '"error"' in str(await lively.recv())


async def test_a_socket_that_takes_nothing_is_let_go_whole(idle_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "SEND_SECONDS", 0.3)
    monkeypatch.setattr(streaming, "CLOSE_SECONDS", 0.1)
    monkeypatch.setattr(connections, "CLOSE_SECONDS", 0.5)
    ana = await idle_world.account("ana")
    lost, real = asyncio.Event(), connections.Socket.connection_lost

    def connection_lost(one: connections.Socket, error: Exception | None) -> None:
        lost.set()
        real(one, error)

    monkeypatch.setattr(connections.Socket, "connection_lost", connection_lost)
    note = await write(idle_world, ana, "long", content=f"<p>{'word ' * 20_000}</p>")
    async with served(idle_world) as wire:
        stuck = await raw(wire, await idle_world.token(ana), buffer=4_096)
        await listeners(idle_world, f"user:{ana.id}", 1)
        for _ in range(300):
            idle_world.server.streams.publish(f"user:{ana.id}", Event("update", note, ana.id))
        await listeners(idle_world, f"user:{ana.id}", 0)
        assert not listening._open
        await asyncio.wait_for(lost.wait(), 5)
        assert not stuck.writer.is_closing()  # it was not its doing


async def test_a_token_that_a_command_ended_closes_its_socket(wire: Wire, idle_world: World) -> None:
    ana = await idle_world.account("ana")
    ending, staying = [await idle_world.token(ana, scopes) for scopes in ("read", "read write")]
    async with opened(wire, ending) as one, opened(wire, staying) as other:
        async with idle_world.server.write() as tx:  # as another process does: nobody here is told
            found = await tokens.by_text(tx, ending)
            assert found is not None
            await tokens.revoke(tx, found.id)
        knock(idle_world.server.config.data)
        assert await asyncio.wait_for(closed_with(one), 5) == 1000
        await other.send("{")
        assert '"error"' in str(await other.recv())
