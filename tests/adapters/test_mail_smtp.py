"""Handing in mail at a real SMTP server, one that refuses, and none at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dassie.adapters.mail_smtp import SmtpMail
from dassie.config import Config, load
from dassie.domain.addresses import wire_form
from dassie.domain.errors import Invalid, MailRefused, RemoteFailed
from mailbox_server import Mailbox
from net import TestCa, free_port

MESSAGE = b"Subject: hello\r\n\r\nA line.\r\n"


def settings(tmp_path: Path, **given: Any) -> Config:
    return load({"data": tmp_path, "domain": "here.test", **given}, environ={})


async def test_a_message_arrives_from_our_address(tmp_path: Path) -> None:
    async with Mailbox() as box:
        await SmtpMail(settings(tmp_path, **box.settings)).send("bo@there.test", MESSAGE)
    assert box.envelopes == [("notifications@here.test", ["bo@there.test"])]
    assert box.letters[0]["Subject"] == "hello"


async def test_starttls_and_login_with_a_certificate_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = TestCa(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(ca.bundle))
    async with Mailbox(tls=ca.server_context("127.0.0.1"), login=("ana", "secret")) as box:
        given = box.settings | {"smtp_login": "ana", "smtp_password": "secret", "mail_from": "rocks@here.test"}
        mail = SmtpMail(settings(tmp_path, **given))
        await mail.check()
        await mail.send("bo@there.test", MESSAGE)
        with pytest.raises(RemoteFailed) as wrong:
            await SmtpMail(settings(tmp_path, **(given | {"smtp_password": "wrong"}))).check()
    assert box.secure == [True]
    assert box.envelopes[0][0] == "rocks@here.test"
    assert "refused the login" in wrong.value.safe
    assert "smtp_password" in wrong.value.details["cure"]


async def test_a_certificate_that_nobody_vouches_for_is_named(tmp_path: Path) -> None:
    ca = TestCa(tmp_path)
    async with Mailbox(tls=ca.server_context("127.0.0.1")) as box:
        with pytest.raises(RemoteFailed) as failed:
            await SmtpMail(settings(tmp_path, **box.settings)).send("bo@there.test", MESSAGE)
    assert failed.value.kind == "tls"
    assert "not trusted" in failed.value.safe
    assert box.letters == []


async def test_a_server_without_starttls_gets_nothing_in_the_clear(tmp_path: Path) -> None:
    async with Mailbox() as box:
        with pytest.raises(RemoteFailed) as failed:
            await SmtpMail(settings(tmp_path, **(box.settings | {"smtp_tls": "starttls"}))).send(
                "b@there.test", MESSAGE
            )
    assert failed.value.kind == "tls"
    assert box.letters == []


@pytest.mark.parametrize(("said", "kind"), [("550 no such user", MailRefused), ("451 come later", RemoteFailed)])
async def test_refused_for_good_and_for_now_are_told_apart(tmp_path: Path, said: str, kind: type[Exception]) -> None:
    async with Mailbox(refuse=said) as box:
        with pytest.raises(kind) as failed:
            await SmtpMail(settings(tmp_path, **box.settings)).send("bo@there.test", MESSAGE)
    assert said in str(failed.value)


async def test_nobody_there_is_named_with_a_cure(tmp_path: Path) -> None:
    given = {"smtp_server": "127.0.0.1", "smtp_port": free_port(), "smtp_tls": "none"}
    with pytest.raises(RemoteFailed) as failed:
        await SmtpMail(settings(tmp_path, **given)).check()
    assert failed.value.kind == "connect"
    assert failed.value.details["cure"]


async def test_without_a_mail_server_there_is_no_mail(tmp_path: Path) -> None:
    mail = SmtpMail(settings(tmp_path))
    assert not mail.on
    with pytest.raises(MailRefused):
        await mail.send("bo@there.test", MESSAGE)


@pytest.mark.parametrize(
    "address",
    [
        "bo@there.test\r\nRCPT TO:<eve@evil.test>",
        "bo@there.test, eve@evil.test",
        "bo <bo@there.test>",
        '"a b"@there.test',
        "bo@-there.test",
        "@there.test",
        "bo.@there.test",
        "bo@there..test",
        "bo",
        f"{'b' * 65}@there.test",
        f"bo@{'b' * 64}.test",
    ],
)
async def test_what_is_no_plain_address_is_never_written_to(tmp_path: Path, address: str) -> None:
    async with Mailbox() as box:
        with pytest.raises(MailRefused):
            await SmtpMail(settings(tmp_path, **box.settings)).send(address, MESSAGE)
    assert box.letters == []


def test_names_of_other_scripts_are_written_in_ascii() -> None:
    assert wire_form("bo@bücher.test") == "bo@xn--bcher-kva.test"
    assert wire_form("bö@there.test") is None


@pytest.mark.parametrize(
    "given",
    [
        {"smtp_tls": "perhaps"},
        {"smtp_port": 70_000},
        {"smtp_login": "ana"},
        {"smtp_server": "mail.test", "smtp_tls": "none", "smtp_login": "ana", "smtp_password": "x"},
        {"mail_from": "Rocks <a@here.test>"},
        {"mail_from": "a@here.test\nBcc: b@here.test"},
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(tmp_path: Path, given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        settings(tmp_path, **given)


def test_the_password_is_not_shown(tmp_path: Path) -> None:
    shown = settings(tmp_path, smtp_login="ana", smtp_password="secret").masked()
    assert shown["smtp_password"] == "***"
