"""`toot`, the command line client, with its own settings: every command as people type it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from toot.cli import cli

from client_server import PASSWORD, Person, Served
from consenting import Person as BrowsingPerson
from sample_pictures import png

pytestmark = pytest.mark.slow


@dataclass
class Toot:
    """The program of one person."""

    served: Served
    person: Person
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return self.served.environment | {"HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home / "config")}

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "toot", *words],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, fails: bool = False) -> str:
        """What it prints; its error output where it is to fail. In this process, which saves starting 60 of them."""
        done = CliRunner().invoke(cli, words, prog_name="toot", env=self.environment)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert (done.exit_code != 0) is fails, f"toot {words}: {done.output}"
        said: str = done.stderr if fails else done.stdout
        return said

    def json(self, *words: str) -> Any:
        """What it prints with --json."""
        return json.loads(self.run(*words, "--json"))

    def sign_in(self) -> None:
        """`toot login`, with a browser beside it."""
        with self.start("login", "--instance", self.served.base) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("n\n")
            process.stdin.flush()
            address = next(line for line in process.stdout if line.startswith(self.served.base)).strip()
            code = BrowsingPerson(self.served, self.person.name).code_for(address)
            said, complained = process.communicate(f"{code}\n", timeout=60)
        assert "Successfully logged in" in said, said + complained


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings of the program: it registers itself once, and every test signs somebody in beside the others."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def toot(served: Served, home: Path) -> Toot:
    """Somebody who is signed in."""
    made = Toot(served, served.person(), home)
    made.sign_in()
    return made


def eventually(what: Callable[[], Any], seconds: float = 15) -> Any:
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)
    return found


def post_as(served: Served, person: Person, text: str) -> Any:
    """A post of somebody else."""
    from strict_client import client

    api = client(served, person)
    made = api.status_post(text)
    api.session.close()
    return made


def test_the_account_is_signed_in_shown_and_signed_out(toot: Toot) -> None:
    handle = f"{toot.person.name}@{toot.served.domain}"
    assert f"* {handle} ACTIVE" in toot.run("auth")
    assert f"@{toot.person.name}" in toot.run("whoami")
    assert toot.json("whoami")["id"] == str(toot.person.id)
    shown = toot.run("instance", toot.served.base)
    assert toot.served.domain in shown
    assert "4.6" in shown
    changed = toot.run("update-account", "--display-name", "Ama", "--note", "I climb", "--bot")
    assert "Account updated" in changed
    assert toot.json("whoami")["display_name"] == "Ama"
    refused = toot.run("login_cli", "-i", toot.served.base, "-e", toot.person.name, "-p", PASSWORD, fails=True)
    assert "Login failed" in refused
    toot.run("logout", handle)
    assert handle not in toot.run("auth")


def test_posts_are_written_read_and_deleted(toot: Toot, tmp_path: Path) -> None:
    picture = tmp_path / "stone.png"
    picture.write_bytes(png(64, 48))
    words = ["post", "warm #stones", "-m", str(picture), "-d", "A stone", "-v", "unlisted", "-p", "careful", "-l", "en"]
    made = toot.json(*words)
    assert (made["visibility"], made["spoiler_text"], made["language"]) == ("unlisted", "careful", "en")
    assert made["media_attachments"][0]["description"] == "A stone"
    answer = toot.json("post", "and dry", "--reply-last")
    assert answer["in_reply_to_id"] == made["id"]
    thread = toot.run("thread", made["id"])
    assert "warm #stones" in thread
    assert "and dry" in thread
    assert "and dry" in toot.run("status", answer["id"])
    assert "and dry" in toot.run("timelines", "account", toot.person.name, "--no-pager")
    assert toot.json("upload", str(picture))["url"].startswith(toot.served.base)

    poll = toot.json("post", "Where?", "--poll-option", "here", "--poll-option", "there", "--poll-expires-in", "1h")
    assert "there" in toot.run("polls", "show", poll["poll"]["id"])
    toot.run("pin", poll["id"])
    toot.run("unpin", poll["id"])
    toot.run("delete", answer["id"])
    assert "Record not found" in toot.run("status", answer["id"], fails=True)
    assert "Validation failed" in toot.run("post", "x" * 501, fails=True)


def test_others_are_found_followed_and_marked(toot: Toot) -> None:
    ben = toot.served.person()
    post = post_as(toot.served, ben, "an egg on a warm rock")
    assert ben.name in toot.run("search", ben.name, "-t", "accounts")
    assert toot.run("search", post.url, "-r").count("egg") >= 1 or str(post.id) in toot.run("search", post.url, "-r")
    assert "You are now following" in toot.run("follow", ben.name)
    assert ben.name in toot.run("following")
    assert f"@{ben.name}" in toot.run("whois", ben.name)
    eventually(lambda: "egg" in toot.run("timelines", "home", "--no-pager"))
    assert "egg" in toot.run("timelines", "public", "--no-pager")
    for mark, unmark in (("favourite", "unfavourite"), ("bookmark", "unbookmark"), ("reblog", "unreblog")):
        toot.run(mark, str(post.id))
        if mark == "bookmark":
            assert "egg" in toot.run("bookmarks", "--once")
        if mark == "reblog":
            assert toot.person.name in toot.run("reblogged-by", str(post.id))
        toot.run(unmark, str(post.id))
    toot.run("favourite", post.url)
    assert toot.json("status", str(post.id))["favourites_count"] == 1
    post_as(toot.served, ben, f"@{toot.person.name} come and see")
    eventually(lambda: "come and see" in toot.run("notifications", "-t", "mention"))
    toot.run("notifications", "--clear")
    toot.run("mute", ben.name)
    assert ben.name in toot.run("muted")
    toot.run("unmute", ben.name)
    toot.run("block", ben.name)
    assert ben.name in toot.run("blocked")
    toot.run("unblock", ben.name)
    toot.run("unfollow", ben.name)
