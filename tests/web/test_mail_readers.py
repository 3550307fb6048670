"""Reading somebody by mail: from the button on a profile to the letter and its end."""

from __future__ import annotations

import re
from datetime import timedelta

from clicking import Browser
from dassie.domain.jobs import SendMail
from dassie.services import subscribing_by_mail
from dassie.store import email_subscriptions, statuses
from dassie.store.email_subscriptions import Subscription
from mailbox_server import Mailbox
from people import fresh, stranger, waiting, write
from worlds import World

BO = "bo@reader.test"


async def offering(world: World, name: str = "ana", **more: str) -> Browser:
    await world.account(name, **({"role": "Owner"} | more))
    browser = Browser(world.app)
    await browser.sign_in(name)
    page = await browser.open("/settings/mail_readers")
    await browser.submit(page, "main form[action='/settings/mail_readers']", on="1")
    return browser


async def tick(world: World, **by: float) -> None:
    world.clock.forward(**by)
    await subscribing_by_mail.send_posts(world.server)
    await world.settle()


def link_in(text: str) -> str:
    found = re.search(r"https://here\.test(/email_subscriptions/\S+)", text)
    assert found is not None, text
    return found[1]


async def readers(world: World) -> list[Subscription]:
    account = await fresh_by_name(world)
    async with world.server.read() as tx:
        found = await email_subscriptions.find(tx, account, BO)
    return [found] if found is not None else []


async def fresh_by_name(world: World) -> int:
    from dassie.store import accounts

    async with world.server.read() as tx:
        found = await accounts.by_name(tx, "ana")
    assert found is not None
    return found.id


async def test_a_visitor_reads_by_mail_until_they_end_it(mail_world: World, box: Mailbox) -> None:
    world = mail_world
    author = await offering(world)
    guest = Browser(world.app)
    page = await guest.open("/@ana")
    page = await guest.open(str(page.one("a[href='/@ana/subscribe']").attributes["href"]))
    wrong = await guest.submit(page, "main form", email="no address")
    assert (wrong.code, "no mail address" in wrong.words("#errors")) == (422, True)
    page = await guest.submit(wrong, "main form", email=" Bo@Reader.test ")
    assert "a letter is on its way" in page.words()
    await world.settle()
    [asked] = box.to(BO)
    link = link_in(box.text(asked))
    ana = await fresh(world, await fresh_by_name(world))
    early = await write(world, ana, "before they asked")
    await tick(world, hours=2)
    assert len(box.to(BO)) == 1
    page = await guest.open(link)
    assert (await readers(world))[0].confirmed_at is None
    page = await guest.submit(page, "main form")
    assert "will come to your address" in page.words()
    world.clock.forward(seconds=2)
    first = await write(world, ana, "<b>one</b>")
    second = await write(world, ana, "two")
    async with world.server.read() as tx:
        theirs = await statuses.by_id(tx, await write(world, await stranger(world, "eve")))
    await write(world, ana, "an answer", in_reply_to=theirs)
    await write(world, ana, "quiet", visibility="unlisted")
    await tick(world, minutes=1)
    assert len(box.to(BO)) == 1
    await tick(world, minutes=6)
    [_, letter] = box.to(BO)
    text = box.text(letter)
    assert letter["Subject"] == "New posts of ana"
    assert all(f"https://here.test/@ana/{id}" in text for id in (first, second))
    assert not any(word in text for word in ("before they asked", "an answer", "quiet"))
    assert early not in (first, second)
    await write(world, ana, "three")
    await tick(world, minutes=20)
    assert len(box.to(BO)) == 2
    await tick(world, minutes=50)
    assert "three" in box.text(box.to(BO)[2])
    await tick(world, hours=3)
    assert len(box.to(BO)) == 3
    page = await author.open("/settings/mail_readers")
    assert "1 person reads you by mail" in page.words()
    end = str(letter["List-Unsubscribe"]).strip("<>").removeprefix("https://here.test")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page = await guest.open(end)
    assert len(await readers(world)) == 1
    page = await guest.submit(page, "main form")
    assert "forgotten" in page.words()
    assert await readers(world) == []


async def test_a_mail_program_ends_it_at_one_press(mail_world: World, box: Mailbox) -> None:
    world = mail_world
    await offering(world)
    api = await world.api_as(None)
    at = f"/api/v1/accounts/{await fresh_by_name(world)}/email_subscriptions"
    got = await api.post(at, email=BO)
    assert (got.code, got.json) == (200, {})
    assert (await api.post(at, email="nonsense")).code == 422
    assert (await api.post(at)).code == 422
    account = (await api.get(at.removesuffix("/email_subscriptions"))).json
    assert account["email_subscriptions"] is True
    [one] = await readers(world)
    token = subscribing_by_mail.token_of(world.server, one)
    form = {"content-type": "application/x-www-form-urlencoded"}
    wrong = f"/email_subscriptions/{one.id}-{'0' * 40}/unsubscribe"
    assert (await api.request("POST", wrong, b"List-Unsubscribe=One-Click", form)).code == 200
    assert len(await readers(world)) == 1
    path = f"/email_subscriptions/{token}/unsubscribe"
    for _ in range(2):
        assert (await api.request("POST", path, b"List-Unsubscribe=One-Click", form)).code == 200
    assert await readers(world) == []
    guest = Browser(world.app)
    assert (await guest.open(path)).code == 404
    assert (await guest.open("/email_subscriptions/confirmation?confirmation_token=x")).code == 404


async def test_asking_twice_tells_nothing_and_confirmed_ones_get_no_letter(mail_world: World, box: Mailbox) -> None:
    world = mail_world
    await offering(world)
    api = await world.api_as(None)
    at = f"/api/v1/accounts/{await fresh_by_name(world)}/email_subscriptions"
    await api.post(at, email=BO)
    await world.settle()
    async with world.server.write() as tx:
        await subscribing_by_mail.confirm(
            tx, world.server, subscribing_by_mail.token_of(world.server, (await readers(world))[0])
        )
    assert (await api.post(at, email=BO.upper())).json == {}
    await world.settle()
    assert len(box.to(BO)) == 1


async def test_who_may_not_offer_it_does_not(mail_world: World) -> None:
    world = mail_world
    bob = await world.account("bob")
    browser = Browser(world.app)
    await browser.sign_in("bob")
    assert (await browser.open("/settings/mail_readers")).code == 404
    api = await world.api_as(None)
    assert (await api.post(f"/api/v1/accounts/{bob.id}/email_subscriptions", email=BO)).code == 404
    assert (await Browser(world.app).open("/@bob/subscribe")).code == 404
    eve = await stranger(world, "eve")
    assert (await api.post(f"/api/v1/accounts/{eve.id}/email_subscriptions", email=BO)).code == 404


async def test_without_mail_nothing_is_offered(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana", role="Owner")
    api = await world.api_as(None)
    assert (await api.post(f"/api/v1/accounts/{ana.id}/email_subscriptions", email=BO)).code == 404
    browser = Browser(world.app)
    await browser.sign_in("ana")
    assert (await browser.open("/settings/mail_readers")).code == 404
    assert await waiting(world, SendMail) == []


async def test_addresses_that_nobody_confirmed_are_forgotten(mail_world: World) -> None:
    world = mail_world
    await offering(world)
    api = await world.api_as(None)
    await api.post(f"/api/v1/accounts/{await fresh_by_name(world)}/email_subscriptions", email=BO)
    await subscribing_by_mail.forget_unconfirmed(world.server)
    assert len(await readers(world)) == 1
    world.clock.forward(days=8)
    await subscribing_by_mail.forget_unconfirmed(world.server)
    assert await readers(world) == []
    assert timedelta(hours=1) == subscribing_by_mail.PAUSE
