"""Making announcements in the browser."""

from __future__ import annotations

from clicking import Browser
from dassie.services import announcing
from worlds import World


async def test_staff_announce_and_take_back(world: World) -> None:
    await world.account("ana", role="Owner")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/admin/announcements")
    assert "Nothing has been announced yet" in page.words()
    form = "main form[action='/admin/announcements']"
    wrong = await browser.submit(page, form, text="Tonight", ends_at="2001-01-01T10:00")
    assert wrong.code == 422
    assert "later than now" in wrong.words("#errors")
    page = await browser.submit(wrong, form, text="An upgrade tonight", ends_at="2999-01-01T10:00")
    assert "An upgrade tonight" in page.words("main ul")
    seen = (await (await world.api_as(await world.account("bob"))).get("/api/v1/announcements")).json
    assert [one["ends_at"] for one in seen] == ["2999-01-01T10:00:00.000Z"]
    page = await browser.submit(page, "main li form")
    assert "Nothing has been announced yet" in page.words()


async def test_readers_see_it_at_home_until_they_wave_it_away(world: World) -> None:
    await world.account("bob")
    async with world.server.write() as tx:
        await announcing.announce(tx, world.server, "An upgrade #tonight <b>")
    browser = Browser(world.app)
    await browser.sign_in("bob")
    page = await browser.open("/home")
    assert "An upgrade #tonight <b>" in page.words("section.note")
    page = await browser.submit(page, "section.note form")
    assert page.path == "/home"
    assert not page.tree.css("section.note")


async def test_others_may_not(world: World) -> None:
    await world.account("bob")
    browser = Browser(world.app)
    await browser.sign_in("bob")
    assert (await browser.open("/admin/announcements")).code == 403
