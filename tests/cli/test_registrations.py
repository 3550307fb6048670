"""`dassie registrations`, letting people in by command, and what doctor says about mail."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dassie.cli.checks_mail import check_mail
from dassie.cli.opening import opened
from dassie.config import load
from dassie.services import registering
from dassie.services.checking_sign_ups import SignUp
from mailbox_server import Mailbox
from net import free_port
from test_commands import command


def run(tmp_path: Path, *words: str) -> str:
    got = command(*words, "--data", str(tmp_path), "--domain", "here.test")
    assert got.returncode == 0, got.stderr
    return got.stdout


def sign_up(tmp_path: Path, name: str) -> None:
    config = load({"data": tmp_path, "domain": "here.test"}, environ={})
    given = SignUp(username=name, password="correct horse battery", agreement=True)

    async def work() -> None:
        async with opened(config) as server:
            await registering.sign_up(server, given, ip="203.0.113.9")

    asyncio.run(work())


@pytest.mark.slow
def test_who_may_sign_up_is_said_and_people_are_let_in(tmp_path: Path) -> None:
    assert run(tmp_path, "registrations").splitlines()[0] == "Registrations: none"
    said = run(tmp_path, "registrations", "approved", "--min-age", "0", "--no-reason-required")
    assert said.splitlines() == [
        "Registrations: approved",
        "Reason: not required",
        "Minimum age: none",
        "Waiting to be let in: 0",
    ]
    sign_up(tmp_path, "first")
    sign_up(tmp_path, "second")
    assert run(tmp_path, "accounts", "list").splitlines() == ["first\tUser\t-\tpending", "second\tUser\t-\tpending"]
    assert run(tmp_path, "accounts", "approve", "@first") == "Approved @first\n"
    assert run(tmp_path, "accounts", "reject", "second") == "Rejected @second\n"
    assert run(tmp_path, "accounts", "list") == "first\tUser\t-\tactive\n"
    again = command("accounts", "approve", "first", "--data", str(tmp_path), "--domain", "here.test")
    assert (again.returncode, again.stderr) == (1, "dassie: This login does not wait for anything.\n")
    wrong = command("registrations", "perhaps", "--data", str(tmp_path), "--domain", "here.test")
    assert "must be one of none, approved, open" in wrong.stderr


async def test_doctor_names_what_is_wrong_with_mail(tmp_path: Path) -> None:
    off = [one async for one in check_mail(load({"data": tmp_path}, environ={}))]
    assert [one.level for one in off] == ["ok"]
    async with Mailbox() as box:
        config = load({"data": tmp_path, "domain": "here.test", **box.settings}, environ={})
        (fine,) = [one async for one in check_mail(config)]
    assert (fine.level, fine.what) == ("ok", "Mail: 127.0.0.1 takes letters from notifications@here.test")
    given = {"smtp_server": "127.0.0.1", "smtp_port": free_port(), "smtp_tls": "none"}
    (wrong,) = [one async for one in check_mail(load({"data": tmp_path, **given}, environ={}))]
    assert wrong.level == "fail"
    assert "cannot be reached" in wrong.cause
    assert "smtp_port" in wrong.cure
