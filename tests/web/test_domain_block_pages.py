"""Blocking a whole server in the browser."""

from __future__ import annotations

from clicking import Browser
from people import befriend, stranger
from worlds import World


async def test_a_server_is_blocked_from_a_profile_after_saying_what_that_means(world: World) -> None:
    ana = await world.account("ana")
    await befriend(world, ana, await stranger(world, "eve"))
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/@eve@else.test")
    assert page.one("a[href='/domain_blocks/else.test']")
    asked = await browser.open("/domain_blocks/else.test")
    assert "You follow 1 person there" in asked.words()
    page = await browser.submit(asked, "main form[action='/domain_blocks']")
    assert page.path == "/domain_blocks"
    assert "else.test" in page.words("main ul")
    assert "Server blocked" in (await browser.open("/@eve@else.test")).words()
    page = await browser.submit(page, "main form[action='/domain_blocks/else.test/remove']")
    assert "You block no server" in page.words()


async def test_what_is_no_server_is_refused_with_a_reason(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.submit(
        await browser.open("/domain_blocks"), "main form[action='/domain_blocks']", domain="not one"
    )
    assert page.code == 422
    assert "not the name of another server" in page.words("#errors")
    assert (await browser.open("/domain_blocks/a..b")).code == 404
