"""Clients that bore, drip, never end or never listen: each is let go in time, and the others do not notice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from dassie.cli import connections
from wire import HOST, Wire, request, served
from worlds import World

HEALTH = request("GET", "/api/v1/streaming/health")
POST_HEAD = f"POST /inbox HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/activity+json\r\n".encode()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bounds, but shorter."""
    for name in ("HEAD_SECONDS", "STEP_SECONDS", "LINGER_SECONDS"):
        monkeypatch.setattr(connections, name, 0.5)
    monkeypatch.setattr(connections, "READ_SECONDS", 1.0)


@pytest.fixture
async def wire(idle_world: World) -> AsyncIterator[Wire]:
    async with served(idle_world) as made:
        yield made


async def test_a_head_that_drips_is_refused_and_others_do_not_notice(wire: Wire) -> None:
    slow = [await wire.line() for _ in range(50)]
    drips = [asyncio.create_task(line.drip(HEALTH, 0.2)) for line in slow]
    for _ in range(20):
        assert (await wire.ask(HEALTH)).code == 200
        await asyncio.sleep(0.02)
    assert {(await line.hear()).code for line in slow} == {408}
    assert all([await line.ended() for line in slow])
    for drip in drips:
        drip.cancel()
    await asyncio.gather(*drips, return_exceptions=True)


async def test_a_line_on_which_nothing_is_said_is_closed(wire: Wire) -> None:
    line = await wire.line()
    assert (await line.hear()).code == 0


async def test_a_used_line_may_stay_idle_but_its_next_head_may_not_drip(wire: Wire) -> None:
    line = await wire.line()
    await line.say(HEALTH)
    assert (await line.hear()).code == 200
    await asyncio.sleep(2.2)
    await line.say(HEALTH)
    assert (await line.hear()).code == 200
    await line.say(HEALTH[:20])
    assert (await line.hear()).code == 408


@pytest.mark.parametrize("how", [b"Content-Length: 5000\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"])
async def test_a_body_that_never_ends_is_refused(wire: Wire, how: bytes) -> None:
    line = await wire.line()
    await line.say(POST_HEAD + how)
    assert (await line.hear()).code == 408
    assert await line.ended()


async def test_a_body_in_endless_crumbs_is_refused(wire: Wire) -> None:
    line = await wire.line()
    await line.say(POST_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    crumbs = asyncio.create_task(line.drip(b"1\r\n{\r\n" * 100, 0.05))
    assert (await line.hear()).code == 408
    crumbs.cancel()


async def test_a_body_that_comes_slowly_but_steadily_is_read(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MIN_STEP", 1_000)
    line = await wire.line()
    await line.say(POST_HEAD + b"Content-Length: 10000\r\n\r\n")
    for _ in range(10):
        await line.say(b"x" * 1_000)
        await asyncio.sleep(0.2)
    assert (await line.hear()).code == 400  # read to its end: it is no JSON


async def test_the_rest_of_a_body_that_was_refused_is_not_waited_for(wire: Wire) -> None:
    line = await wire.line()
    await line.say(POST_HEAD + b"Content-Length: 90000000\r\n\r\n{")
    assert (await line.hear()).code == 413
    assert await line.ended()


async def test_an_endless_head_is_refused(wire: Wire) -> None:
    for head in (b"X-Long: " + b"a" * 200_000, b"X-Many: 1\r\n" * 5_000):
        line = await wire.line()
        await line.say(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n".encode() + head)
        assert (await line.hear()).code in (0, 431)
        assert await line.ended()
    long_head = request("GET", "/", "X-Long: " + "a" * 40_000)
    assert (await wire.ask(long_head)).code == 431
    assert (await wire.ask(request("GET", "/", *(f"X-{n}: 1" for n in range(150))))).code == 431
    assert (await wire.ask(request("GET", "/" + "a" * 40_000))).code == 431


async def test_endless_trailers_and_chunk_extensions_are_refused(wire: Wire) -> None:
    for rest in (b"0\r\nX-Trail: " + b"a" * 200_000, b"1;" + b"a" * 200_000):
        line = await wire.line()
        await line.say(POST_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        await asyncio.sleep(0.05)
        await line.say(rest)
        assert (await line.hear()).code in (0, 431)


async def test_who_does_not_listen_is_let_go(wire: Wire, idle_world: World) -> None:
    folder = idle_world.server.config.data / "media" / "x"
    folder.mkdir(parents=True)
    (folder / "large.mp4").write_bytes(bytes(30_000_000))
    line = await wire.line(buffer=4_096)
    await line.say(request("GET", "/system/x/large.mp4"))
    await asyncio.sleep(3.5)
    read = 0
    try:
        while chunk := await line.reader.read(1_000_000):
            read += len(chunk)
    except ConnectionError:
        pass
    assert read < 30_000_000
    assert (await wire.ask(HEALTH)).code == 200


async def test_where_all_places_are_taken_the_idle_make_room(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "CONNECTIONS", 10)
    monkeypatch.setattr(connections, "HEAD_SECONDS", 60.0)
    monkeypatch.setattr(connections, "STEP_SECONDS", 60.0)
    busy = [await wire.line() for _ in range(4)]
    for line in busy:
        await line.say(POST_HEAD + b"Content-Length: 2\r\n\r\n{")
    idle = [await wire.line() for _ in range(6)]
    await asyncio.sleep(0.1)
    assert (await wire.ask(HEALTH)).code == 200
    assert await idle[0].ended()
    for line in busy:
        await line.say(b"]")
        assert (await line.hear()).code == 400


async def test_where_all_are_at_work_newcomers_are_asked_to_come_later(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "CONNECTIONS", 5)
    monkeypatch.setattr(connections, "STEP_SECONDS", 60.0)
    busy = [await wire.line() for _ in range(5)]
    for line in busy:
        await line.say(POST_HEAD + b"Content-Length: 2\r\n\r\n{")
    await asyncio.sleep(0.1)
    heard = await wire.ask(HEALTH)
    assert heard.code == 503
    assert int(heard.headers["retry-after"]) > 0
    await busy[0].say(b"]")
    assert (await busy[0].hear()).code == 400
    await busy[0].close()
    await asyncio.sleep(0.1)
    assert (await wire.ask(HEALTH)).code == 200


async def test_a_flood_of_requests_on_one_line_is_cut(wire: Wire) -> None:
    line = await wire.line()
    await line.say(HEALTH * 2_000)
    assert await line.ended()
    assert (await wire.ask(HEALTH)).code == 200
    few = await wire.line()
    await few.say(HEALTH * 5)
    assert [(await few.hear()).code for _ in range(5)] == [200] * 5
