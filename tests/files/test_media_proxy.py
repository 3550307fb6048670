"""Other servers' files through the proxy, with a real upstream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from dassie.door import limits
from dassie.files import proxying
from dassie.services import caching_media
from dassie.services.caching_media import hash_of
from dassie.services.measuring_storage import measure
from dassie.store import cached_files
from dassie.store.room import Level
from filing import picture, size_of, world_with_peer
from net import Peer, broken_off, drip, hang, reply
from worlds import Client, World

Place = tuple[World, Peer, Client]
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42" + bytes(range(256)) * 800


@pytest.fixture
async def place(tmp_path: Path, database_url: str) -> AsyncIterator[Place]:
    async with world_with_peer(tmp_path, "a.test", database_url=database_url) as (world, peer):
        yield world, peer, Client(world.app)


def address(world: World, url: str, kind: str = "original") -> str:
    return world.server.urls.proxied(url, kind).removeprefix(world.server.urls.base)


async def look(place: Place, url: str, kind: str = "original", **headers: str) -> Any:
    world, _, client = place
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.request("GET", address(world, url, kind), headers=sent)


async def test_a_file_is_fetched_once_and_then_served_from_disk(place: Place) -> None:
    world, peer, _ = place
    data = picture()
    peer.on("/a.png", reply(data, content_type="text/html"))
    first = await look(place, "https://a.test/a.png")
    assert (first.code, first.headers["content-type"]) == (200, "image/png")
    assert first.body == data
    for _ in range(3):
        again = await look(place, "https://a.test/a.png")
        assert (again.code, again.body, again.headers["content-type"]) == (200, data, "image/png")
    assert peer.paths == ["/a.png"]
    assert "immutable" in again.headers["cache-control"]
    assert again.headers["x-content-type-options"] == "nosniff"
    assert list((world.server.config.data / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "most"), [("small", 230_400), ("avatar", 160_000), ("header", 750_000), ("emoji", 16_384)]
)
async def test_pictures_are_shrunk_to_what_they_are_for(place: Place, kind: str, most: int) -> None:
    _, peer, _ = place
    peer.on("/a.png", reply(picture(1200, 900, "jpg"), content_type="image/jpeg"))
    got = await look(place, "https://a.test/a.png", kind)
    assert got.code == 200, got.text
    width, height = size_of(got.body)
    assert width * height <= most
    assert width * height > most * 0.9
    assert got.headers["content-type"] == "image/jpeg"


async def test_many_who_look_at_once_cause_one_download(place: Place) -> None:
    _, peer, _ = place
    data = picture()
    peer.on("/a.png", reply(data, after=0.2))
    got = await asyncio.gather(*(look(place, "https://a.test/a.png") for _ in range(10)))
    assert [one.body for one in got] == [data] * 10
    small = await asyncio.gather(*(look(place, "https://a.test/a.png", "small") for _ in range(5)))
    assert {one.code for one in small} == {200}
    assert peer.paths == ["/a.png"] * 2


async def test_a_film_is_passed_on_while_it_comes(place: Place) -> None:
    world, peer, client = place
    more = asyncio.Event()

    async def slowly(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(MP4))})
        await response.prepare(request)
        await response.write(MP4[:10_000])
        await more.wait()
        await response.write(MP4[10_000:])
        return response

    peer.on("/a.mp4", slowly)
    received: list[bytes] = []
    begun = asyncio.Event()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            assert headers[b"content-type"] == b"video/mp4"
            assert headers[b"content-length"] == str(len(MP4)).encode()
        else:
            received.append(message["body"])
            begun.set()

    path = address(world, "https://a.test/a.mp4")
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [],
        "client": ("203.0.113.9", 1),
    }
    watching = asyncio.create_task(world.app(scope, asyncio.Event().wait, send))
    await asyncio.wait_for(begun.wait(), 5)
    assert 4096 <= len(b"".join(received)) <= 10_000
    assert not watching.done()
    more.set()
    await asyncio.wait_for(watching, 5)
    assert b"".join(received) == MP4
    part = await client.request("GET", path, headers={"range": "bytes=1000-1999"})
    assert (part.code, part.body) == (206, MP4[1000:2000])
    assert peer.paths == ["/a.mp4"]


async def test_a_part_of_what_is_not_here_yet_is_served(place: Place) -> None:
    _, peer, _ = place
    peer.on("/a.mp4", reply(MP4))
    got = await look(place, "https://a.test/a.mp4", range="bytes=0-1")
    assert (got.code, got.body, got.headers["content-range"]) == (206, MP4[:2], f"bytes 0-1/{len(MP4)}")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html><script>alert(1)</script></html>", "original"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "original"),
        (b"", "original"),
        (b"%PDF-1.7", "original"),
        (MP4, "small"),
        (b"\x89PNG\r\n\x1a\n" + b"broken" * 1000, "small"),
    ],
)
async def test_what_is_no_picture_is_refused_whatever_it_calls_itself(place: Place, body: bytes, kind: str) -> None:
    world, peer, _ = place
    peer.on("/a.png", reply(body, content_type="image/png"))
    got = await look(place, "https://a.test/a.png", kind)
    assert got.code == 404
    assert got.headers["content-type"].startswith("text/plain")
    assert got.headers["cache-control"] == "public, max-age=60"
    async with world.server.read() as tx:
        assert await cached_files.total(tx) == 0
    assert list((world.server.config.data / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    ("behaviour", "code"), [(reply(code=404), 404), (reply(code=500), 502), (reply(code=403), 502)]
)
async def test_failures_are_remembered_for_a_while(place: Place, behaviour: Any, code: int) -> None:
    world, peer, _ = place
    peer.on("/a.png", behaviour)
    for _ in range(3):
        assert (await look(place, "https://a.test/a.png")).code == code
    assert peer.paths == ["/a.png"]
    world.clock.forward(minutes=11)
    data = picture()
    peer.on("/a.png", reply(data))
    assert (await look(place, "https://a.test/a.png")).body == data


@pytest.mark.parametrize("announced", [True, False])
async def test_what_is_too_large_is_cut_off(place: Place, announced: bool) -> None:
    _, peer, _ = place
    large = picture(900, 900)
    assert len(large) > caching_media.RULES["emoji"].max_bytes

    async def behave(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(large))} if announced else None)
        await response.prepare(request)
        await response.write(large)
        return response

    peer.on("/a.png", behave)
    assert (await look(place, "https://a.test/a.png", "emoji")).code == 502


async def test_a_slow_server_is_not_waited_for(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    _, peer, _ = place
    monkeypatch.setitem(caching_media.RULES, "avatar", caching_media.Rule(1_000_000, 0.3, 1000))
    peer.on("/hang", hang())
    peer.on("/drip", drip(b"x", every=0.02))
    assert [(await look(place, f"https://a.test/{path}", "avatar")).code for path in ("hang", "drip")] == [502, 502]


async def test_a_film_that_breaks_off_is_not_kept(place: Place) -> None:
    world, peer, _ = place
    peer.on("/a.mp4", broken_off(len(MP4), MP4[:50_000]))
    got = await look(place, "https://a.test/a.mp4")
    assert len(got.body) < len(MP4)
    async with world.server.read() as tx:
        assert await cached_files.total(tx) == 0


async def test_only_addresses_made_here_are_answered(place: Place) -> None:
    world, peer, client = place
    peer.on("/a.png", reply(picture()))
    good = address(world, "https://a.test/a.png")
    _, _, kind, proof, data = good.split("/")
    other = address(world, "https://a.test/b.png").split("/")[-1]
    for path, code in {
        f"/media_proxy/{kind}/{'A' * len(proof)}/{data}": 403,
        f"/media_proxy/small/{proof}/{data}": 403,
        f"/media_proxy/{kind}/{proof}/{other}": 403,
        f"/media_proxy/strange/{proof}/{data}": 404,
        f"/media_proxy/{kind}/{proof}/%%%": 404,
        f"/media_proxy/{kind}/ünicode/{data}": 403,
        f"/media_proxy/{kind}/{proof}/{'a' * 9000}": 404,
    }.items():
        assert (await client.get(path)).code == code, path
    assert peer.seen == []


async def test_private_addresses_are_not_fetched(tmp_path: Path) -> None:
    from worlds import new_world

    async with new_world(tmp_path, run_jobs=False) as world:
        client = Client(world.app)
        for url in ("https://127.0.0.1/a.png", "https://[::1]/a.png", "http://169.254.169.254/a", "file:///etc/passwd"):
            assert (await client.get(address(world, url))).code == 502, url


async def test_nobody_can_have_us_fetch_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (limits.MEDIA_PROXY_HERE.most, limits.MEDIA_PROXY_HERE.seconds) == (600, 600)
    monkeypatch.setattr(proxying, "MEDIA_PROXY_HERE", limits.Limit("media-proxy-here", 40, 600))
    async with world_with_peer(tmp_path, "a.test", rate_limits="on") as (world, peer):
        client = Client(world.app)
        codes = [(await client.get(address(world, f"https://a.test/{n}"))).code for n in range(32)]
        assert codes == [404] * 30 + [429] * 2
        assert len(peer.seen) == 30
        # Where somebody who lives here reads, all is seen for the first time: dozens of pictures at once.
        here = await world.api_as(await world.account("ana"))
        assert (await here.get("/api/v1/timelines/home")).code == 200
        codes = [(await client.get(address(world, f"https://a.test/{n}"))).code for n in range(32, 74)]
        assert codes == [404] * 40 + [429] * 2
        other = Client(world.app, address="203.0.113.10")
        codes = [(await other.get(address(world, f"https://a.test/x{n}"))).code for n in range(31)]
        assert codes == [404] * 30 + [429]
        world.clock.forward(hours=2)
        codes = [(await client.get(address(world, f"https://a.test/y{n}"))).code for n in range(31)]
        assert codes == [404] * 30 + [429]


async def test_looking_again_is_noted_once_an_hour(place: Place) -> None:
    world, peer, _ = place
    peer.on("/a.png", reply(picture()))
    url_hash = hash_of("original", "https://a.test/a.png")

    async def seen_at() -> Any:
        await look(place, "https://a.test/a.png")
        async with world.server.read() as tx:
            row = await cached_files.by_hash(tx, url_hash)
        assert row is not None
        return row.last_seen_at

    first = await seen_at()
    assert await seen_at() == first
    world.clock.forward(hours=2)
    assert await seen_at() - first > timedelta(hours=1)


async def test_a_file_lost_from_disk_is_fetched_again(place: Place) -> None:
    world, peer, _ = place
    data = picture()
    peer.on("/a.png", reply(data))
    await look(place, "https://a.test/a.png")
    await world.server.media_files.delete(
        f"cache/{(name := hash_of('original', 'https://a.test/a.png').hex())[:2]}/{name}.png"
    )
    assert (await look(place, "https://a.test/a.png")).body == data
    assert len(peer.seen) == 2


async def test_a_burst_never_runs_past_the_budget(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching_media, "ROOM_WITHIN", 0.3)
    world, peer, _ = place
    server, data = world.server, picture(300, 300)
    await world.app.room.stop()  # nobody makes room
    async with server.read() as tx:
        used = (await measure(server, tx)).total
    server.room.used, server.room.budget = used, used + 4 * len(data)
    for number in range(12):
        peer.on(f"/{number}.png", reply(data, after=0.05))
    got = await asyncio.gather(*(look(place, f"https://a.test/{number}.png") for number in range(12)))
    codes = [one.code for one in got]
    assert set(codes) == {200, 503}, codes
    assert codes.count(200) == 4
    refused = next(one for one in got if one.code == 503)
    assert "no room for files" in refused.text
    async with server.read() as tx:
        assert await cached_files.total(tx) == 4 * len(data)
    assert server.room.reserved == 0
    assert list((server.config.data / "tmp").iterdir()) == []


async def test_at_the_floor_no_file_is_fetched_but_what_is_here_is_served(place: Place) -> None:
    world, peer, _ = place
    data = picture()
    for name in ("/a.png", "/b.png"):
        peer.on(name, reply(data))
    assert (await look(place, "https://a.test/a.png")).code == 200
    await world.app.room.stop()
    world.server.room.level, world.server.room.why = Level.FLOOR, "Only 3 bytes are free."
    refused = await look(place, "https://a.test/b.png")
    assert (refused.code, "Only 3 bytes are free." in refused.text) == (503, True)
    assert (await look(place, "https://a.test/a.png")).body == data
    assert peer.paths == ["/a.png"]
