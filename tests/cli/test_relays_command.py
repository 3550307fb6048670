"""`dassie relays`, as people type it: beside a stopped server, and beside one that runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from dassie.domain.arrivals import Reason
from dassie.domain.relays import RelayRules
from dassie.services import subscribing
from dassie.store import relays
from people import stranger, write
from test_commands import Running, command
from worlds import new_world

URL = "https://relay.test/inbox"


@pytest.mark.slow
def test_a_relay_is_added_shown_changed_paused_and_left(tmp_path: Path) -> None:
    here = ("--data", str(tmp_path), "--domain", "here.test")

    def relay(*words: str) -> str:
        done = command("relays", *words, *here)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    assert relay() == "This server takes part in no relay.\n"
    asked = relay("add", URL, "--posts-per-hour", "50", "--languages", "de,en", "--no-send", "--no-bots")
    assert f"Asked {URL}" in asked
    assert "50 posts an hour: about 7.2 MB and 1440 jobs a day" in asked
    assert relay() == f"{URL}\tpending\t0\t0\t0\n"
    again = command("relays", "add", URL, *here)
    assert (again.returncode, "already" in again.stderr) == (1, True)
    relay("set", "relay.test", "--bytes-per-day", "20MB", "--host-posts-per-hour", "none", "--only-followed-tags")
    shown = relay("show", URL)
    for line in (
        f"{URL} (mastodon): pending",
        "Our public posts go there: no",
        "posts per hour: 50",
        "bytes per day: 20 MB",
        "host posts per hour: no limit",
        "author posts per hour: 12",
        "only followed tags: yes",
        "languages: de, en",
        "bots: no",
        "Offered in 24 hours: 0",
        "Seen by somebody here: nothing was let in yet",
    ):
        assert line in shown.splitlines()
    assert relay("pause", URL, "--hours", "24") == f"Paused {URL} for 24 hours\n"
    assert relay("resume", URL) == f"Resumed {URL}\n"
    assert relay("leave", URL) == f"Left {URL}\n"
    assert relay() == f"{URL}\tleft\t0\t0\t0\n"
    assert "TellRelay\tready\t1\t" in command("jobs", *here).stdout
    assert "The server does not run" in relay("undo", URL, "--yes")


@pytest.mark.slow
def test_what_is_wrong_is_one_sentence(tmp_path: Path) -> None:
    here = ("--data", str(tmp_path), "--domain", "here.test")
    for words, sentence in (
        (("add", "ftp://relay.test"), "A relay's address begins with https://"),
        (("add", URL, "--posts-per-hour", "many"), "posts_per_hour takes a whole number"),
        (("show", URL), f"There is no relay {URL} here. `dassie relays` shows those there are."),
        (("set", URL), "Name a limit to change"),
    ):
        done = command("relays", *words, *here)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"dassie: {sentence}")
        assert done.stderr.count("\n") == 1


@pytest.fixture
def with_posts(tmp_path: Path) -> Iterator[Running]:
    """A server that runs, with three posts that a relay brought, one of them by somebody followed."""
    running = Running(tmp_path / "unused")
    running.process.kill()
    running.process.communicate(timeout=10)
    folder = tmp_path / "data"

    async def fill() -> None:
        async with new_world(folder, domain=f"localhost:{running.port}", run_jobs=False) as world:
            async with world.server.write() as tx:
                relay = await subscribing.subscribe(tx, world.server, URL, RelayRules())
                await relays.change(tx, relay.id, state="accepted")
            eve = await stranger(world, "eve", "rocks.test")
            for reason in (Reason.RELAY, Reason.RELAY, Reason.FOLLOWED):
                status = await write(world, eve, reason=reason)
                async with world.server.write() as tx:
                    await relays.brought(tx, relay.id, status)

    asyncio.run(fill())
    server = Running(folder, "--domain", f"localhost:{running.port}")
    server.wait_until("listens on")
    yield server
    server.stop()
    assert server.process.stdout is not None
    server.process.stdout.close()


@pytest.mark.slow
def test_undo_waits_for_the_running_server_and_tells_what_went(with_posts: Running) -> None:
    here = ("--data", str(with_posts.folder))
    unasked = command("relays", "undo", "relay.test", *here, typed="n\n")
    assert unasked.returncode == 1
    assert command("relays", *here).stdout == f"{URL}\taccepted\t0\t0\t0\n"
    done = command("relays", "undo", "relay.test", "--wait", "60", *here, typed="y\n")
    assert done.returncode == 0, done.stderr
    assert "brought 3 posts that are here; about 2 are here for no other reason" in done.stdout
    assert "Removed 2 posts, 0 profiles and 0 files" in done.stdout
    shown = command("relays", "show", "relay.test", *here).stdout
    assert f"{URL} (mastodon): left" in shown
    assert "Removed 2 posts" in shown
