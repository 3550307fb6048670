"""Signing up in the browser: the form, the link in the letter, those who decide, lost passwords, another address."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from clicking import Browser, Page
from dassie.domain.settings import Rule
from dassie.store import accounts, audit, logins, settings
from mailbox_server import Mailbox
from worlds import World

PASSWORD = "correct horse battery"
FORM = "main form[action='/auth/sign_up']"


async def allow(world: World, mode: str, **changed: object) -> None:
    async with world.server.write() as tx:
        said = structs.replace(await settings.instance(tx), registrations=mode, rules=[Rule(1, "Be kind")])
        await settings.save_instance(tx, structs.replace(said, **changed))


async def sign_up(browser: Browser, **typed: Any) -> Page:
    page = await browser.open("/auth/sign_up")
    return await browser.submit(page, FORM, username="newcomer", password=PASSWORD, agreement="1", **typed)


async def test_where_everybody_may_one_is_signed_in_at_once(world: World) -> None:
    await world.account("owner", role="Owner")
    await allow(world, "open", min_age=16)
    browser = Browser(world.app)
    assert "You may sign up all the same" in (await browser.open("/invite/used")).words("[role=status]")
    page = await browser.open("/auth/sign_up")
    assert "Be kind" in page.words()
    assert not page.tree.css("main [role=status]")
    assert page.tree.css_first("#email") is None  # without mail nothing needs an address
    wrong = await browser.submit(page, FORM, username="admin", password="short", date_of_birth="2999-01-01")
    assert wrong.code == 422
    faults = [wrong.words(f"#{name}-error") for name in ("username", "password", "date_of_birth", "agreement")]
    assert faults == [
        "Is reserved",
        "Is too short (minimum is 8 characters)",
        "Is invalid",
        "Must be accepted",
    ]
    page = await browser.submit(
        wrong, FORM, username="newcomer", password=PASSWORD, date_of_birth="1990-01-01", agreement="1"
    )
    assert len(page.tree.css("ol.codes li")) == 10
    assert (await browser.open("/home")).code == 200
    assert (await browser.open("/@newcomer")).code == 200


async def test_where_nobody_may_the_page_says_why(world: World) -> None:
    await world.account("owner", role="Owner")
    browser = Browser(world.app)
    assert "takes nobody in" in (await browser.open("/auth/sign_up")).words()
    assert "run out or was taken back" in (await browser.open("/invite/nothing")).words()
    await browser.sign_in("owner")
    page = await browser.open("/admin/settings/registrations")
    form = "main form[action='/admin/settings/registrations']"
    wrong = await browser.submit(page, form, min_age="many")
    assert wrong.code == 422
    await browser.submit(page, form, registrations="none", message="Ask *us* <script>x</script>", min_age="18")
    closed = await Browser(world.app).open("/auth/sign_up")
    assert "Ask *us*" in closed.words()
    assert "<script>x" not in closed.text
    async with world.server.read() as tx:
        assert (await settings.instance(tx)).min_age == 18


async def test_a_forged_form_makes_no_account(world: World) -> None:
    await world.account("owner", role="Owner")
    await allow(world, "open")
    given = {"username": "newcomer", "password": PASSWORD, "agreement": "1"}
    assert (await Browser(world.app).post("/auth/sign_up", given, origin="https://evil.test")).code == 403
    async with world.server.read() as tx:
        assert await accounts.holder(tx, "newcomer") is None


async def test_the_staff_decides_and_it_is_written_down(world: World) -> None:
    await world.account("owner", role="Owner")
    await allow(world, "approved", reason_required=True)
    guest = Browser(world.app)
    page = await sign_up(guest, reason="I like stones")
    assert "looked at by hand" in page.words()
    refused = await guest.sign_in("newcomer")
    assert refused.code == 403
    assert "pending approval" in refused.words()
    staff = Browser(world.app)
    await staff.sign_in("owner")
    page = await staff.open("/admin/sign_ups")
    assert "I like stones" in page.words()
    page = await staff.submit(page, "main form[action$='/approve']")
    assert "Nobody waits" in page.words()
    assert (await guest.sign_in("newcomer")).path == "/home"
    stranger = Browser(world.app)
    second = await stranger.open("/auth/sign_up")
    await stranger.submit(second, FORM, username="other", password=PASSWORD, agreement="1", reason="Spam")
    page = await staff.open("/admin/sign_ups")
    await staff.submit(page, "main form[action$='/reject']")
    async with world.server.read() as tx:
        assert await accounts.holder(tx, "other") is None
        done = [entry.action for entry in await audit.newest(tx, 50)]
    assert {"account.approved", "account.rejected", "account.signed_up"} <= set(done)


async def test_moderators_of_other_things_do_not_decide(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    assert (await browser.open("/admin/sign_ups")).code == 403
    assert (await browser.open("/admin/settings/registrations")).code == 403


async def test_the_link_in_the_letter_waits_for_a_button(mail_world: World, box: Mailbox) -> None:
    await mail_world.account("owner", role="Owner")
    await allow(mail_world, "open")
    browser = Browser(mail_world.app)
    page = await sign_up(browser, email="new@mail.test")
    assert "new@mail.test" in page.words()
    refused = await browser.sign_in("newcomer")
    assert "/auth/confirmation/new" in refused.text
    await mail_world.settle()
    again = await browser.submit(
        await browser.open("/auth/confirmation/new"),
        "main form[action='/auth/confirmation/new']",
        email="new@mail.test",
    )
    assert "a letter is on its way" in again.words()
    await mail_world.settle()
    letters = box.to("new@mail.test")
    assert len(letters) == 2
    page = await browser.open(box.link(letters[0]))
    assert (await browser.sign_in("newcomer")).code == 403  # opening alone does nothing
    page = await browser.submit(page, "main form[action='/auth/confirmation']")
    assert "the address is yours" in page.words()
    assert (await browser.sign_in("new@mail.test")).path == "/home"
    assert (await Browser(mail_world.app).open(box.link(letters[1]))).code == 422


async def test_a_lost_password_is_replaced_once_by_mail(mail_world: World, box: Mailbox) -> None:
    ana = await mail_world.account("ana")
    api = await mail_world.api_as(ana)
    browser = Browser(mail_world.app)
    ask = await browser.open("/auth/password/new")
    said = [
        (await browser.submit(ask, "main form[action='/auth/password/new']", email=email)).words("main .note")
        for email in ("nobody@mail.test", "ana@mail.test")
    ]
    assert said[0] == said[1]
    await mail_world.settle()
    assert [letter["To"] for letter in box.letters] == ["ana@mail.test"]
    link = box.link(box.letters[0])
    page = await browser.open(link)
    form = "main form[action='/auth/password/edit']"
    assert (await browser.submit(page, form, password="short")).code == 422
    page = await browser.submit(page, form, password="a new one, longer")
    assert page.path == "/auth/sign_in"
    assert (await api.get("/api/v1/accounts/verify_credentials")).code == 401
    assert (await browser.open(link)).code == 422
    assert (await browser.sign_in("ana", "a new one, longer")).path == "/home"
    await mail_world.settle()
    assert "password was changed" in box.letters[-1]["Subject"]


async def test_a_link_for_a_password_does_not_last(mail_world: World, box: Mailbox) -> None:
    await mail_world.account("ana")
    browser = Browser(mail_world.app)
    ask = await browser.open("/auth/password/new")
    await browser.submit(ask, "main form[action='/auth/password/new']", email="ana@mail.test")
    await mail_world.settle()
    mail_world.clock.forward(hours=7)
    assert (await browser.open(box.link(box.letters[0]))).code == 422


async def test_without_mail_there_are_no_such_pages(world: World) -> None:
    browser = Browser(world.app)
    assert (await browser.open("/auth/password/new")).code == 404
    assert (await browser.open("/auth/confirmation/new")).code == 404
    assert "/auth/password/new" not in (await browser.open("/auth/sign_in")).text


async def test_a_new_address_holds_once_it_is_proved(mail_world: World, box: Mailbox) -> None:
    ana = await mail_world.account("ana")
    await mail_world.account("ben")
    browser = Browser(mail_world.app)
    await browser.sign_in("ana")
    page = await browser.open("/auth/edit")
    form = "main form[action='/auth/email']"
    assert (await browser.submit(page, form, email="x@mail.test", current_for_email="wrong")).code == 422
    taken = await browser.submit(page, form, email="ben@mail.test", current_for_email=PASSWORD)
    assert "already been taken" in taken.words("#email-error")
    page = await browser.submit(page, form, email="x@mail.test", current_for_email=PASSWORD)
    assert "x@mail.test is not proved yet" in page.words()
    await mail_world.settle()
    page = await browser.open(box.link(box.to("x@mail.test")[0]))
    await browser.submit(page, "main form[action='/auth/confirmation']")
    async with mail_world.server.read() as tx:
        user = await logins.user_of(tx, ana.id)
    assert user is not None
    assert (user.email, user.unconfirmed_email) == ("x@mail.test", None)
    await mail_world.settle()
    assert "another mail address" in box.text(box.to("ana@mail.test")[-1])


async def test_invitations_are_made_and_taken_back(world: World) -> None:
    await world.account("owner", role="Owner")
    browser = Browser(world.app)
    await browser.sign_in("owner")
    page = await browser.open("/invites")
    page = await browser.submit(page, "main form[action='/invites']", max_uses="5", expires_in="3600", autofollow="1")
    link = page.words("main li bdi").removeprefix("https://here.test")
    guest = Browser(world.app)
    form = await guest.open(link)
    assert "owner invites you" in form.words()
    done = await guest.submit(form, FORM, username="friend", password=PASSWORD, agreement="1")
    assert len(done.tree.css("ol.codes li")) == 10
    page = await browser.open("/invites")
    assert "used 1 of 5 times" in page.words()
    await browser.submit(page, "main form[action$='/end']")
    assert "taken back" in (await Browser(world.app).open(link)).words()
    assert (await guest.open("/invites")).code == 200


async def test_an_invitation_runs_out(world: World) -> None:
    await world.account("owner", role="Owner")
    browser = Browser(world.app)
    await browser.sign_in("owner")
    page = await browser.submit(await browser.open("/invites"), "main form[action='/invites']", expires_in="1800")
    link = page.words("main li bdi").removeprefix("https://here.test")
    assert (await browser.submit(page, "main form[action='/invites']", expires_in="77")).code == 422
    world.clock.forward(minutes=31)
    assert "run out" in (await Browser(world.app).open(link)).words()


async def test_one_cannot_end_the_invitation_of_another(world: World) -> None:
    await world.account("owner", role="Owner")
    await world.account("ana")
    owner, ana = Browser(world.app), Browser(world.app)
    await owner.sign_in("owner")
    await ana.sign_in("ana")
    page = await owner.submit(await owner.open("/invites"), "main form[action='/invites']")
    action = str(page.one("main form[action$='/end']").attributes["action"])
    mine = await ana.open("/invites")
    token = str(mine.one("main form[action='/invites'] input[name='token']").attributes["value"])
    got = await ana.post(action, {"token": token}, origin="https://here.test")
    assert got.code == 404
