"""A real server whose disk is full: it says so, goes on reading, loses nothing it acknowledged, and recovers."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from running import Api, eventually
from senders import home_uris, inbox

pytestmark = pytest.mark.slow

SIZE = "24m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    where = tmp_path / "small"
    where.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(where)], capture_output=True)
    if made.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {made.stderr.decode().strip()}")
    yield where
    subprocess.run(["umount", "-l", str(where)], check=True)


def fill(disk: Path) -> Path:
    """Leave no byte free."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(65_536))
    with suppress(OSError), ballast.open("ab", buffering=0) as file:
        while True:
            file.write(b"0" * 512)
    return ballast


async def write_until_refused(api: Api) -> list[str]:
    """Post until the disk is full; uris of what was acknowledged before."""
    kept: list[str] = []
    for number in range(2_000):
        got = await api.call("POST", "/api/v1/statuses", {"status": f"{number} " + "long " * 90})
        if got.code != 200:
            assert got.code == 503, got.body
            assert "disk is full" in got.json["error"]
            assert int(got.headers["retry-after"]) > 0
            return kept
        kept.append(got.json["uri"])
    raise AssertionError("the disk does not become full")


def upload(size: int) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(os.urandom(size)), filename="a.png", content_type="image/png")
    return form


@pytest.mark.parametrize("sync", ["full", "normal"])
async def test_a_full_disk_is_said_and_survived(tmp_path: Path, small_disk: Path, sync: str) -> None:
    async with inbox(tmp_path, sync=sync) as one:
        await one.server.stop()
        data = small_disk / "data"
        subprocess.run(["cp", "-a", str(one.server.folder), str(data)], check=True)
        one.server.settings["data"] = str(data)
        await one.server.start()
        api = one.server.api("ana")

        received = [one.create(number) for number in range(5)]
        for activity in received:
            assert (await one.send(activity)).code == 202
        ballast = fill(small_disk)
        kept = await write_until_refused(api)

        for path in ("/api/v1/timelines/home", "/api/v1/accounts/verify_credentials", "/api/v2/instance"):
            assert await api.code(path) == 200, path
        late = one.create("late")
        assert (await one.send(late)).code == 503
        sent = await api.call("POST", "/api/v2/media", upload(3_000_000))
        assert sent.code == 503, sent.body
        assert "disk is full" in sent.json["error"]
        assert [path for path in (data / "tmp").iterdir() if path.is_file()] == []
        assert "Traceback" not in one.server.log

        process = one.server.process
        assert process is not None
        if sync == "full":  # to stop and start on a full disk is the other half
            ballast.unlink()
        else:
            process.terminate()
            assert await asyncio.to_thread(process.wait, 20) == 0
            ballast.unlink()
            await one.server.start()

        async def works() -> bool:
            return (await api.call("POST", "/api/v1/statuses", {"status": "room again"})).code == 200

        await eventually(works)
        assert (await one.send(one.create("after"))).code == 202
        wanted = {*kept, *(activity["object"]["id"] for activity in received), f"{one.bea.uri}/statuses/after"}

        async def whole() -> bool:
            return wanted <= set(await home_uris(one.server))

        await eventually(whole, seconds=60)
        await one.server.stop()
        await one.server.start()
        assert wanted <= set(await home_uris(one.server))
