"""A post alone in a frame."""

from __future__ import annotations

from clicking import Browser
from people import write
from worlds import World

ALTERNATE = "link[type='application/json+oembed']"


async def test_a_public_post_stands_alone_without_scripts_or_cookies(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    post = await write(world, ana, "Good morning")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    framed = await browser.open(f"/@Ana/{post}/embed")
    assert framed.path == f"/@ana/{post}/embed"
    assert "frame-ancestors *" in framed.headers["content-security-policy"]
    assert "set-cookie" not in framed.headers
    assert "Good morning" in framed.words("article")
    assert not framed.tree.css("script, form, button")
    assert framed.one("base").attributes["target"] == "_blank"
    page = await browser.open(f"/@ana/{post}")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.tree.css(ALTERNATE)


async def test_what_not_everybody_may_see_stands_in_no_frame(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    for visibility in ("private", "direct"):
        post = await write(world, ana, visibility=visibility)
        assert (await browser.open(f"/@ana/{post}/embed")).code == 404
        assert not (await browser.open(f"/@ana/{post}")).tree.css(ALTERNATE)
