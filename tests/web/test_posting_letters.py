"""Letters as mail: their headers, both parts, the queue, and words that try to be more than words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from dassie.domain.jobs import SendMail, State
from dassie.server import Server
from dassie.services import mailing
from dassie.store import queue
from dassie.store.tx import Tx
from dassie.web.letters import LETTERS, Letter, Quoted, letter
from mailbox_server import Mailbox
from worlds import World

EVIL = "Hello\r\nBcc: eve@evil.test\n\u2028\x00 <script>&"


@pytest.fixture(autouse=True)
def letters() -> Iterator[None]:
    async def greet(tx: Tx, server: Server, job: SendMail) -> Letter | None:
        if job.about.get("gone"):
            return None
        words = job.about["words"]
        return Letter(
            subject=words,
            lines=[words],
            button=("Open it", f"{server.urls.base}/here?{'long=1&' * 40}"),
            quoted=Quoted("Bo <b>", "one\n<i>two</i>"),
            unsubscribe=f"{server.urls.base}/mail/unsubscribe/{'x' * 120}",
        )

    LETTERS["greet"] = greet
    yield
    del LETTERS["greet"]


async def send(world: World, **about: str) -> bool:
    async with world.server.write() as tx:
        return await mailing.send(tx, world.server, "greet", "bo@there.test", about=about)


async def test_a_letter_has_two_parts_and_the_headers_it_needs(mail_world: World, box: Mailbox) -> None:
    assert await send(mail_world, words="Grüße, 世界 and a rather long subject line that would have to be folded")
    await mail_world.settle()
    (got,) = box.letters
    assert got["Subject"] == "Grüße, 世界 and a rather long subject line that would have to be folded"
    assert [one.addr_spec for one in got["From"].addresses] == ["notifications@here.test"]
    assert got["From"].addresses[0].display_name == "here.test"
    assert got["To"] == "bo@there.test"
    assert abs(parsedate_to_datetime(got["Date"]) - mail_world.clock.now()) < timedelta(minutes=1)
    assert got["Message-ID"].endswith("@here.test>")
    assert got["List-Unsubscribe"] == f"<https://here.test/mail/unsubscribe/{'x' * 120}>"
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert got["Auto-Submitted"] == "auto-generated"
    assert "Grüße" in box.text(got)
    assert "> <i>two</i>" in box.text(got)
    assert "&lt;i&gt;two&lt;/i&gt;" in box.html(got)
    assert f"/here?{'long=1&' * 40}" in box.text(got)
    assert all(line.isascii() and len(line) <= 998 for line in box.raw[0].split(b"\r\n"))


async def test_words_cannot_become_headers_or_html(mail_world: World, box: Mailbox) -> None:
    await send(mail_world, words=EVIL)
    await mail_world.settle()
    (got,) = box.letters
    assert got["Bcc"] is None
    assert got["Subject"] == "Hello Bcc: eve@evil.test <script>&"
    assert "<script>" not in box.html(got)
    assert box.envelopes[0][1] == ["bo@there.test"]


async def test_what_is_not_needed_any_more_is_not_sent(mail_world: World, box: Mailbox) -> None:
    await send(mail_world, gone="yes")
    await mail_world.settle()
    assert box.letters == []


async def test_an_address_that_is_refused_ends_the_job(mail_world: World, box: Mailbox) -> None:
    box.refuse = "550 nobody here"
    await send(mail_world, words="Hello")
    await mail_world.settle()
    async with mail_world.server.read() as tx:
        assert await queue.overview(tx) == []


async def test_a_server_that_is_busy_is_asked_again_with_the_same_message_id(mail_world: World, box: Mailbox) -> None:
    box.refuse = "451 come later"
    await send(mail_world, words="Hello")
    await mail_world.settle()
    async with mail_world.server.read() as tx:
        (waiting,) = await queue.overview(tx)
    assert waiting.state == State.SCHEDULED
    assert box.letters == []


async def test_without_mail_nothing_is_put_in(idle_world: World) -> None:
    assert not await send(idle_world, words="Hello")
    async with idle_world.server.read() as tx:
        assert await queue.overview(tx) == []


def test_a_registered_letter_is_found_by_its_name() -> None:
    async def nothing(tx: Tx, server: Server, job: SendMail) -> Letter | None:
        return None

    assert letter("test")(nothing) is nothing
    assert LETTERS.pop("test") is nothing
