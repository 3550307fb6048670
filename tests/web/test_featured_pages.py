"""Featuring people and hashtags in the browser."""

from __future__ import annotations

from clicking import Browser
from people import befriend, stranger
from worlds import World


async def test_somebody_followed_is_featured_from_their_profile(world: World) -> None:
    ana = await world.account("ana")
    eve = await stranger(world, "eve")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    verb = f"button[formaction='/accounts/{eve.id}/endorse']"
    assert not (await browser.open("/@eve@else.test")).tree.css(verb)
    await befriend(world, ana, eve)
    page = await browser.press(await browser.open("/@eve@else.test"), verb)
    assert "They stand on your profile" in page.words()
    guest = Browser(world.app)
    assert "@eve@else.test" in (await guest.open("/@ana/featured")).words()
    await browser.press(await browser.open("/@eve@else.test"), f"button[formaction='/accounts/{eve.id}/unendorse']")
    assert "@eve@else.test" not in (await guest.open("/@ana/featured")).words()
    assert (await guest.open("/@eve@else.test/featured")).code == 404


async def test_hashtags_are_put_on_the_profile_and_taken_off(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    form = "main form[action='/featured_tags']"
    wrong = await browser.submit(await browser.open("/@ana/featured"), form, name="not one")
    assert wrong.code == 422
    assert "cannot be a hashtag" in wrong.words("#errors")
    page = await browser.submit(wrong, form, name="Rocks")
    assert page.path == "/@ana/featured"
    assert "#Rocks" in (await Browser(world.app).open("/@ana")).words()
    page = await browser.submit(page, "main li form")
    assert "#Rocks" not in (await Browser(world.app).open("/@ana")).words()
