"""`dassie storage` as people use it: beside a running server, and while it is stopped."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import templates
from dassie.store.arrivals import see
from people import stranger
from stored import cached
from strangers import remote_status
from test_commands import Running, command, running
from worlds import new_world

__all__ = ["running"]


def storage(folder: Path, *words: str) -> str:
    """What the command prints."""
    found = command("storage", *words, "--data", str(folder), "--domain", "here.test")
    assert found.returncode == 0, found.stderr
    assert "Traceback" not in found.stderr
    return found.stdout


def storage_json(folder: Path, *words: str) -> Any:
    return json.loads(storage(folder, *words, "--json"))


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A stopped server with a post and files of b.test, seen 0, 10, 20 … days ago."""
    await templates.sqlite_copy(tmp_path / "dassie.db")
    async with new_world(tmp_path, run_jobs=False) as world:
        bob = await stranger(world, "bob", "b.test")
        row = await remote_status(world, bob, "hello")
        async with world.server.write() as tx:
            await see(tx, [row.id])
        for n in range(5):
            await cached(world, "original", f"https://b.test/{n}.mp4", 1_000_000, age=timedelta(days=10 * n))
    return tmp_path


@pytest.mark.slow
def test_the_whole_report_previews_and_frees(folder: Path) -> None:
    text = storage(folder)
    assert "of a budget of 20 GB" in text
    assert "Others' pictures, videos and sounds  " in text
    assert "b.test" in text
    told = storage_json(folder)
    lines = {line["kind"]: line for line in told["kinds"]}
    assert (lines["original"]["files"], lines["original"]["bytes"]) == (5, 5_000_000)
    assert (lines["post"]["files"], told["limits"]["budget"]) == (1, 20_000_000_000)
    assert "Table or index" in storage(folder, "--detailed")

    would = storage_json(folder, "preview", "--budget", "100MB")
    assert (would["kinds"], would["hosts"], would["bytes"], would["enough"]) == ({}, {}, 0, True)
    went = storage(folder, "free", "2MB")
    assert "2 MB went:" in went
    left = storage_json(folder)
    assert {line["kind"]: line["files"] for line in left["kinds"]}["original"] == 3
    assert len(list((folder / "media").rglob("*.mp4"))) + len(list((folder / "media").rglob("*.png"))) == 3
    assert "Rows, files and what was counted agree." in storage(folder, "recount")
    assert "all that is left is one's own" in storage(folder, "free", "1GB")


@pytest.mark.slow
def test_limits_are_set_and_reset_and_wrong_ones_are_refused(folder: Path) -> None:
    assert "of a budget of 1 GB" in storage(folder, "set", "--budget", "1GB", "--floor", "0")
    assert storage_json(folder)["changed"] == {"budget": 1_000_000_000, "floor": 0}
    assert "(set at run time)" in storage(folder)
    assert "of a budget of 20 GB" in storage(folder, "set", "--reset")
    for words, said in (
        (["set"], "Give --budget, --floor or both"),
        (["set", "--budget", "much"], "'much' is no size"),
        (["set", "--budget", "1MB"], "at least 100 MB"),
        (["free", "all"], "'all' is no size"),
        (["preview", "--budget", "-5"], "is no size"),
    ):
        refused = command("storage", *words, "--data", str(folder), "--domain", "here.test")
        assert (refused.returncode, refused.stdout) == (1, ""), refused
        assert said in refused.stderr
        assert "Traceback" not in refused.stderr


@pytest.mark.slow
def test_commands_know_the_budget_that_the_server_was_started_with(tmp_path: Path) -> None:
    server = Running(tmp_path / "data", "--storage-budget", "3GB", "--storage-floor", "0")
    try:
        server.wait_until("listens on")
        told = json.loads(command("storage", "--json", "--data", str(server.folder)).stdout)
        assert (told["limits"]["budget"], told["limits"]["floor"]) == (3_000_000_000, 0)
    finally:
        server.stop()
        assert server.process.stdout is not None
        server.process.stdout.close()


@pytest.mark.slow
def test_a_running_server_sees_a_change_within_seconds(running: Running) -> None:
    running.wait_until("listens on")
    data = str(running.folder)
    assert command("storage", "set", "--floor", "1000TB", "--data", data).returncode == 0
    running.wait_until("room has changed")
    assert "now=floor" in running.said[-1]
    assert command("storage", "set", "--floor", "0", "--data", data).returncode == 0
    running.wait_until("now=plenty")
    found = command("storage", "recount", "--data", data)
    assert found.stdout == "Rows, files and what was counted agree.\n", found.stderr
    assert command("doctor", "--offline", "--data", data).returncode == 0
    assert running.stop() == 0
