"""Notifications by mail: who gets them and when, what they say, and ending them at one click."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec import structs

from clicking import Browser
from dassie.domain.paging import Page as Part
from dassie.services import mailing_news
from dassie.store import logins, markers, notifications, queue
from dassie.store.views import AccountView
from mailbox_server import Mailbox
from worlds import Got, World


async def say(world: World, who: AccountView, text: str, **given: Any) -> Got:
    got = await (await world.api_as(who)).post("/api/v1/statuses", status=text, **given)
    assert got.code == 200
    await world.settle()
    return got


async def later(world: World, *, minutes: int = 3) -> None:
    """Go on in time, and let what is due be done."""
    world.clock.forward(minutes=minutes)
    async with world.server.write() as tx:
        tx.notify_queue(None)  # the clock of this test jumped; a real one is waited for
    for _ in range(300):
        await world.settle()
        async with world.server.read() as tx:
            if not any(one.kind == "SendMail" for one in await queue.overview(tx)):
                return
        await asyncio.sleep(0.01)
    raise AssertionError("letters still wait")


async def prefer(world: World, who: AccountView, **changed: Any) -> None:
    async with world.server.write() as tx:
        user = await logins.user_of(tx, who.id)
        assert user is not None
        await logins.save_settings(tx, user.id, structs.replace(user.settings, **changed))


async def test_a_mention_is_mailed_two_minutes_later(mail_world: World, box: Mailbox) -> None:
    await mail_world.account("ana")
    ben = await mail_world.account("ben", display_name="Ben {0} <b>\r\nBcc: eve@evil.test")
    await say(mail_world, ben, "@ana Look at <this> stone")
    assert box.letters == []
    await later(mail_world)
    (letter,) = box.letters
    assert letter["To"] == "ana@mail.test"
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Ben {0} <b> Bcc: eve@evil.test mentioned you"
    assert "> @ana Look at <this> stone" in box.text(letter)
    assert "(@ben@here.test)" in box.text(letter)
    assert "&lt;this&gt;" in box.html(letter)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_what_was_not_asked_for_is_not_mailed(mail_world: World, box: Mailbox) -> None:
    ana, ben = await mail_world.account("ana"), await mail_world.account("ben")
    got = await say(mail_world, ana, "A stone")
    api = await mail_world.api_as(ben)
    await api.post(f"/api/v1/statuses/{got.json['id']}/favourite")
    await api.post(f"/api/v1/accounts/{ana.id}/follow")
    await later(mail_world)
    assert box.letters == []
    await prefer(mail_world, ana, email_types=("reblog",))
    await api.post(f"/api/v1/statuses/{got.json['id']}/reblog")
    await later(mail_world)
    assert [letter["Subject"] for letter in box.letters] == ["ben boosted your post"]


async def test_who_is_told_otherwise_gets_no_letter_unless_wanted(mail_world: World, box: Mailbox) -> None:
    ana, ben = await mail_world.account("ana"), await mail_world.account("ben")
    watching = mail_world.server.streams.subscribe(frozenset({f"user:{ana.id}"}))
    await say(mail_world, ben, "@ana one")
    await later(mail_world)
    assert box.letters == []
    await prefer(mail_world, ana, always_send_emails=True)
    await say(mail_world, ben, "@ana two")
    await later(mail_world)
    assert ["two" in box.text(letter) for letter in box.letters] == [True]
    watching.close()


async def test_what_was_seen_or_taken_back_meanwhile_is_not_mailed(mail_world: World, box: Mailbox) -> None:
    ana, ben = await mail_world.account("ana"), await mail_world.account("ben")
    got = await say(mail_world, ben, "@ana gone soon")
    await (await mail_world.api_as(ben)).delete(f"/api/v1/statuses/{got.json['id']}")
    await later(mail_world)
    await say(mail_world, ben, "@ana seen soon")
    async with mail_world.server.write() as tx:
        user = await logins.user_of(tx, ana.id)
        (told,) = await notifications.newest(tx, ana.id, notifications.Wanted(), Part(limit=1))
        assert user is not None
        await markers.save(tx, user.id, "notifications", told.id)
    await later(mail_world)
    assert box.letters == []


async def test_a_flood_of_one_sender_is_one_letter_and_all_have_a_bound(
    mail_world: World, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing_news, "AN_HOUR", 2)
    await mail_world.account("ana")
    people = [await mail_world.account(name) for name in ("ben", "cem", "dan")]
    for text in ("one", "two", "three"):
        await say(mail_world, people[0], f"@ana {text}")
    await later(mail_world)
    assert len(box.letters) == 1
    for one in people:
        await say(mail_world, one, "@ana again")
    await later(mail_world)
    assert len(box.letters) == 2
    await later(mail_world, minutes=61)
    await say(mail_world, people[2], "@ana much later")
    await later(mail_world)
    assert len(box.letters) == 3


async def test_one_post_without_a_cookie_ends_them(mail_world: World, box: Mailbox) -> None:
    ana, ben = await mail_world.account("ana"), await mail_world.account("ben")
    await say(mail_world, ben, "@ana Look")
    await later(mail_world)
    path = str(box.letters[0]["List-Unsubscribe"]).strip("<>").removeprefix("https://here.test")
    client = await mail_world.api_as()
    assert (await client.post(path[:-1] + ("0" if path[-1] != "0" else "1"))).code == 404
    got = await client.post(path, **{"List-Unsubscribe": "One-Click"})
    assert (got.code, got.json) == (200, {})
    assert (await client.post(path)).code == 200
    async with mail_world.server.read() as tx:
        user = await logins.user_of(tx, ana.id)
    assert user is not None
    assert "mention" not in user.settings.email_types
    assert "quote" in user.settings.email_types
    await say(mail_world, ben, "@ana Look again")
    await later(mail_world)
    assert len(box.letters) == 1


async def test_the_page_behind_the_link_has_a_button(mail_world: World, box: Mailbox) -> None:
    ana, ben = await mail_world.account("ana"), await mail_world.account("ben")
    await say(mail_world, ben, "@ana Look")
    await later(mail_world)
    path = str(box.letters[0]["List-Unsubscribe"]).strip("<>")
    browser = Browser(mail_world.app)
    page = await browser.open(path)
    async with mail_world.server.read() as tx:
        user = await logins.user_of(tx, ana.id)
    assert user is not None
    assert "mention" in user.settings.email_types
    done = await browser.submit(page, "main form[action='/unsubscribe']")
    assert "No letter is sent any more when somebody mentions me" in done.words()
    assert (await browser.open("/unsubscribe/1-mention-nonsense")).code == 404


async def test_kinds_are_chosen_in_the_settings(mail_world: World) -> None:
    ana = await mail_world.account("ana")
    browser = Browser(mail_world.app)
    await browser.sign_in("ana")
    page = await browser.open("/settings/notifications")
    form = "main form[action='/settings/notifications/mail']"
    assert "signs up" not in page.words()
    await browser.submit(page, form, type__=["follow", "mention", "nonsense"], always_send_emails="1")
    async with mail_world.server.read() as tx:
        user = await logins.user_of(tx, ana.id)
    assert user is not None
    assert user.settings.email_types == ("mention", "follow")
    assert user.settings.always_send_emails


async def test_without_mail_the_settings_say_nothing_of_it(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    assert "mail" not in (await browser.open("/settings/notifications")).words("main").lower()
