"""The admin page of custom emoji, without scripts."""

from __future__ import annotations

from clicking import Browser
from dassie.store import emojis
from dassie.store.views import EmojiView
from filing import picture
from people import stranger, write
from worlds import World


async def owner(world: World, role: str = "Owner") -> Browser:
    await world.account("ana", role=role)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    return browser


async def test_an_emoji_is_added_changed_and_deleted(world: World) -> None:
    browser = await owner(world)
    page = await browser.open("/admin/custom_emojis")
    assert "no emoji of its own yet" in page.words()
    page = await browser.submit(
        page, "form[enctype]", shortcode="stone", category="Rocks", files={"image": picture(24, 24)}
    )
    assert "The emoji is here now" in page.words()
    assert ":stone:" in page.words(".emojis")
    page = await browser.submit(page, ".emojis form.form", category="Hills", disabled="1")
    async with world.server.read() as tx:
        (one,) = await emojis.all_ours(tx)
    assert (one.category, one.disabled) == ("Hills", True)
    page = await browser.submit(page, "form[action$='/delete']")
    assert "no emoji of its own yet" in page.words()


async def test_a_refused_file_says_why(world: World) -> None:
    browser = await owner(world)
    page = await browser.open("/admin/custom_emojis")
    page = await browser.submit(page, "form[enctype]", shortcode="stone", files={"image": b"no picture"})
    assert page.code == 422
    assert "supported" in page.words("#errors")
    assert page.one("#shortcode").attributes["value"] == "stone"


async def test_what_others_use_is_offered_and_others_may_not_come_in(world: World) -> None:
    eve = await stranger(world, "eve", "news.test")
    await write(world, eve, ":wave:", emojis=[EmojiView("wave", "https://news.test/wave.png")])
    browser = await owner(world)
    page = await browser.open("/admin/custom_emojis")
    assert ":wave: news.test" in page.words()
    ben = Browser(world.app)
    await world.account("ben")
    await ben.sign_in("ben")
    assert (await ben.open("/admin/custom_emojis")).code == 403
