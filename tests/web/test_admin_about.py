"""Changing what the server says about itself, in the browser."""

from __future__ import annotations

from clicking import Browser
from worlds import World


async def test_the_owner_changes_texts_and_publishes_terms(world: World) -> None:
    await world.account("ana", role="Owner")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    form = "main form[action='/admin/about']"
    page = await browser.open("/admin/about")
    wrong = await browser.submit(page, form, title="Koppie", status_page_url="ftp://x", rules="Be kind\r\nNo spam")
    assert wrong.code == 422
    assert wrong.one("#title").attributes["value"] == "Koppie"
    page = await browser.submit(wrong, form, status_page_url="https://status.test/", extended="We are *few*")
    assert page.code == 200
    guest = await world.api_as()
    shown = (await guest.get("/api/v2/instance")).json
    assert (shown["title"], [rule["text"] for rule in shown["rules"]]) == ("Koppie", ["Be kind", "No spam"])
    assert "We are *few*" in (await guest.get("/about")).text
    terms = "main form[action='/admin/about/terms']"
    assert (await browser.submit(page, terms, text="Be here", effective_on="soon")).code == 422
    page = await browser.submit(page, terms, text="Be here", effective_on="2999-01-01")
    assert "From 2999-01-01" in page.words()
    assert "Be here" in (await guest.get("/terms-of-service")).text


async def test_moderators_may_not(world: World) -> None:
    await world.account("mod", role="Moderator")
    browser = Browser(world.app)
    await browser.sign_in("mod")
    assert (await browser.open("/admin/about")).code == 403
