"""Our own files over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from worlds import Client, World, new_world

DATA = bytes(range(256)) * 1200


async def put(world: World, key: str, data: bytes = DATA) -> str:
    """Store a file; the path where it is served."""
    source = world.server.config.data / "tmp" / "incoming"
    source.write_bytes(data)
    await world.server.media_files.put(key, source)
    return world.server.urls.media_file(key).removeprefix(world.server.urls.base)


@pytest.fixture
async def place(tmp_path: Path):  # type: ignore[no-untyped-def]
    async with new_world(tmp_path, run_jobs=False) as world:
        yield world, Client(world.app)


async def test_a_file_is_served_whole_and_may_be_kept_for_ever(place: tuple[World, Client]) -> None:
    world, client = place
    got = await client.get(await put(world, "media/ab/cd.webp"))
    assert (got.code, got.body) == (200, DATA)
    assert got.headers["content-type"] == "image/webp"
    assert got.headers["content-length"] == str(len(DATA))
    assert "immutable" in got.headers["cache-control"]
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"].startswith("default-src 'none'")
    assert got.headers["access-control-allow-origin"] == "*"


async def test_head_tells_the_size_without_the_bytes(place: tuple[World, Client]) -> None:
    world, client = place
    got = await client.request("HEAD", await put(world, "media/a.mp4"))
    assert (got.code, got.body, got.headers["content-length"]) == (200, b"", str(len(DATA)))
    assert got.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-299", 100, 300),
        ("bytes=300000-", 300_000, len(DATA)),
        ("bytes=-500", len(DATA) - 500, len(DATA)),
        ("bytes=0-99999999", 0, len(DATA)),
        ("bytes=-99999999", 0, len(DATA)),
        ("Bytes= 5-6 ", 5, 7),
    ],
)
async def test_a_part_is_served(place: tuple[World, Client], asked: str, start: int, end: int) -> None:
    world, client = place
    got = await client.request("GET", await put(world, "media/a.mp4"), headers={"range": asked})
    assert (got.code, got.body) == (206, DATA[start:end])
    assert got.headers["content-range"] == f"bytes {start}-{end - 1}/{len(DATA)}"
    assert got.headers["content-length"] == str(end - start)


@pytest.mark.parametrize(
    "asked", ["bytes=5-4", "bytes=", "bytes=a-b", "items=0-1", "bytes=0-1,5-6", "bytes=1", "bytes=-", "bytes=²-"]
)
async def test_a_range_that_says_nothing_gives_the_whole(place: tuple[World, Client], asked: str) -> None:
    world, client = place
    got = await client.request("GET", await put(world, "media/a.mp4"), headers={"range": asked})
    assert (got.code, len(got.body)) == (200, len(DATA))


@pytest.mark.parametrize("asked", [f"bytes={len(DATA)}-", "bytes=999999999-", "bytes=-0"])
async def test_a_range_outside_is_refused(place: tuple[World, Client], asked: str) -> None:
    world, client = place
    got = await client.request("GET", await put(world, "media/a.mp4"), headers={"range": asked})
    assert (got.code, got.body, got.headers["content-range"]) == (416, b"", f"bytes */{len(DATA)}")


async def test_what_did_not_change_is_not_sent_again(place: tuple[World, Client]) -> None:
    world, client = place
    path = await put(world, "media/a.jpg")
    etag = (await client.get(path)).headers["etag"]
    for given in (etag, f'"other", W/{etag}', "*"):
        got = await client.request("GET", path, headers={"if-none-match": given})
        assert (got.code, got.body, got.headers["etag"]) == (304, b"", etag)
    assert (await client.request("GET", path, headers={"if-none-match": '"other"'})).code == 200
    parts = {etag: 206, '"other"': 200}
    for given, code in parts.items():
        got = await client.request("GET", path, headers={"range": "bytes=0-1", "if-range": given})
        assert got.code == code


@pytest.mark.parametrize(
    "key", ["media/a.html", "media/a.svg", "media/a.js", "media/a", "media/a.xml", "media/a.jpg.exe"]
)
async def test_what_a_browser_could_run_is_only_offered_for_download(place: tuple[World, Client], key: str) -> None:
    world, client = place
    got = await client.get(await put(world, key, b"<script>alert(1)</script>"))
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"] == "attachment"


@pytest.mark.parametrize(
    "path",
    ["", "media/none.jpg", "../dassie.db", "media/../../secret.key", "media", "/etc/passwd", "media/a.jpg/b", "A%00"],
)
async def test_no_other_file_is_reached(place: tuple[World, Client], path: str) -> None:
    world, client = place
    await put(world, "media/a.jpg")
    assert (await client.get(f"/system/{path}")).code == 404


async def test_others_files_are_not_reached_by_their_place(place: tuple[World, Client]) -> None:
    world, client = place
    assert (await client.get(await put(world, "cache/ab/abc.jpg"))).code == 404


async def test_who_has_a_file_of_ours_is_answered_without_the_disk(place: tuple[World, Client]) -> None:
    world, client = place
    path = await put(world, "media/a.jpg")
    etag = (await client.get(path)).headers["etag"]
    assert not etag.startswith("W/")
    await world.server.media_files.delete("media/a.jpg")
    got = await client.request("GET", path, headers={"if-none-match": etag})
    assert (got.code, "immutable" in got.headers["cache-control"]) == (304, True)
    for given in ("*", '"other"'):
        assert (await client.request("GET", path, headers={"if-none-match": given})).code == 404
