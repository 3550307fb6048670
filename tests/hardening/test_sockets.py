"""WebSockets in bad hands: messages that are too large or no words, and too many of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dassie.api import listening
from wire import Wire, request, served
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
