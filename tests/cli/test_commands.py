"""The command line as people use it: real processes, a real port."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).parents[2] / "src"
STARTS_WITHIN = 60.0


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DASSIE_")}
    return kept | {"PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"}


def command(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run `dassie …` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "dassie", *words],
        env=environment(),
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """A server in its own process."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.port = free_port()
        options = ["--listen", f"127.0.0.1:{self.port}", "--domain", f"localhost:{self.port}", *words]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dassie", "up", "--data", str(folder), *options],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []

    def wait_until(self, words: str) -> str:
        """The line that has these words."""
        assert self.process.stdout is not None
        end = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < end:
            line = self.process.stdout.readline()
            if not line:
                break
            self.said.append(line)
            if words in line:
                return line.strip()
        raise AssertionError(f"the server did not say {words!r}: {self.said}")

    def get(self, path: str, token: str = "") -> Any:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        if token:
            request.add_header("authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to end; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    server = Running(tmp_path / "data", "--sync", "normal")
    yield server
    if server.process.poll() is None:
        server.process.kill()
        server.process.wait(10)
    assert server.process.stdout is not None
    server.process.stdout.close()


@pytest.mark.slow
def test_a_server_is_started_used_from_the_command_line_and_stopped(running: Running) -> None:
    data = str(running.folder)
    assert running.wait_until("listens on").endswith(f"http://127.0.0.1:{running.port}")
    link = running.wait_until("Claim it here: ").rpartition(" ")[2]
    assert link.startswith(f"http://localhost:{running.port}/claim/")

    made = command("accounts", "create", "ana", "--role", "owner", "--email", "ana@mail.test", "--data", data)
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[0] == f"Created @ana@localhost:{running.port}"
    assert made.stdout.splitlines()[1].startswith("New password: ")
    token = command("tokens", "create", "@ana", "--scopes", "read write", "--data", data)
    assert token.returncode == 0, token.stderr
    assert len(token.stdout.split()) == 1

    me = running.get("/api/v1/accounts/verify_credentials", token.stdout.strip())
    assert (me["username"], me["url"]) == ("ana", f"http://localhost:{running.port}/@ana")
    again = command("tokens", "create", "ana", "--scopes", "write read", "--data", data)
    assert again.stdout == token.stdout
    listed = command("accounts", "list", "--data", data)
    assert listed.stdout == "ana\tOwner\tana@mail.test\tactive\n"

    doctor = command("doctor", "--data", data)
    assert "runs, told to listen" in doctor.stdout
    assert f"Public address http://localhost:{running.port}: answers" in doctor.stdout
    assert f"WebFinger: @ana@localhost:{running.port} is found" in doctor.stdout
    assert doctor.returncode == 0, doctor.stdout

    second = command("up", "--data", data, "--listen", f"127.0.0.1:{free_port()}")
    assert second.returncode == 1
    assert "runs on" in second.stderr
    assert "Traceback" not in second.stderr

    assert running.stop() == 0
    assert (running.folder / "secret.key").stat().st_mode & 0o077 == 0
    for made_file in running.folder.rglob("*"):
        if made_file.is_file() and made_file.name != "secret.key":
            assert token.stdout.strip().encode() not in made_file.read_bytes()


@pytest.mark.slow
def test_ctrl_c_ends_the_server_cleanly_and_frees_the_folder(running: Running) -> None:
    running.wait_until("listens on")
    assert running.stop(signal.SIGINT) == 0
    doctor = command("doctor", "--offline", "--data", str(running.folder))
    assert "does not run" in doctor.stdout
    assert "whole" in doctor.stdout
    assert doctor.returncode == 0, doctor.stdout


@pytest.mark.slow
def test_logins_are_changed_while_the_server_is_stopped(tmp_path: Path) -> None:
    here = ("--data", str(tmp_path), "--domain", "here.test")
    assert command("accounts", "create", "bob", "--password-stdin", *here, typed="correct horse\n").returncode == 0
    taken = command("accounts", "create", "Bob", *here)
    assert (taken.returncode, taken.stdout) == (1, "")
    assert taken.stderr == "dassie: Validation failed: Username has already been taken\n"
    assert command("accounts", "modify", "bob", "--role", "moderator", "--disable", *here).returncode == 0
    assert command("accounts", "list", *here).stdout == "bob\tModerator\t-\tdisabled\n"
    reset = command("accounts", "reset-password", "bob", *here)
    assert "New password: " in reset.stdout
    assert command("accounts", "modify", "nobody", "--enable", *here).returncode == 1

    elsewhere = command("accounts", "list", "--data", str(tmp_path), "--domain", "other.test")
    assert elsewhere.returncode == 1
    assert "belongs to the server here.test" in elsewhere.stderr

    assert command("accounts", "delete", "bob", "--yes", *here).returncode == 0
    assert command("accounts", "list", *here).stdout == ""
    assert "DeleteAccount\tready\t1\t" in command("jobs", *here).stdout


def test_a_folder_without_a_server_is_not_filled_by_mistake(tmp_path: Path) -> None:
    refused = command("accounts", "create", "ana", "--data", str(tmp_path / "nothing"))
    assert refused.returncode == 1
    assert "Start one with `dassie up`, or give --domain" in refused.stderr
    assert not (tmp_path / "nothing").exists()


def test_configuration_is_shown_with_secrets_masked(tmp_path: Path) -> None:
    (tmp_path / "dassie.toml").write_text('secret_key = "do-not-show-this-secret"\ndomain = "rocks.test"\n')
    address = "postgresql://dassie:hunter2@db.test/dassie"
    shown = command("config", "--data", str(tmp_path), "--database-url", address)
    assert shown.returncode == 0
    assert "domain = rocks.test" in shown.stdout
    assert "database_url = postgresql://dassie:***@db.test/dassie" in shown.stdout
    assert "do-not-show" not in shown.stdout
    assert "hunter2" not in shown.stdout


def test_version_and_wrong_settings_are_one_line(tmp_path: Path) -> None:
    assert command("version").stdout.startswith("dassie 0.")
    wrong = command("config", "--data", str(tmp_path), "--domain", "https://rocks.test")
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("dassie: domain is a host name")
    assert wrong.stderr.count("\n") == 1
