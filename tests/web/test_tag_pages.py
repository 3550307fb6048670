"""Following hashtags in the browser."""

from __future__ import annotations

from clicking import Browser
from test_reading import ids_of, say
from worlds import World


async def test_a_tag_is_followed_on_its_page_with_and_without_scripts(world: World) -> None:
    await world.account("ana")
    bob = await world.account("bob")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.press(await browser.open("/tags/Caf%C3%A9"), "#tag-follow button")
    assert page.path == "/tags/Caf%C3%A9"
    assert "You follow this hashtag now" in page.words()
    assert page.words("#tag-follow").startswith("Unfollow")
    post = await say(world, bob, "a #café of stones")
    assert ids_of(await browser.open("/home")) == [f"s-{post.id}"]
    changed = await browser.press(await browser.open("/tags/cafe"), "#tag-follow button", htmx=True)
    assert changed.headers["hx-retarget"] == "#tag-follow"
    assert 'formaction="/tags/cafe/follow"' in changed.text
    assert ids_of(await browser.open("/home")) == []


async def test_the_settings_list_them_and_take_new_ones(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/followed_tags")
    assert "You follow no hashtag yet" in page.words()
    wrong = await browser.submit(page, "main form[action='/followed_tags']", name="not one")
    assert wrong.code == 422
    assert "cannot be a hashtag" in wrong.words("#errors")
    assert wrong.one("#name").attributes["value"] == "not one"
    page = await browser.submit(wrong, "main form[action='/followed_tags']", name="#Rocks")
    assert "#Rocks" in page.words("main ul")
    page = await browser.submit(page, "main form[action='/tags/rocks/unfollow']")
    assert page.path == "/followed_tags"
    assert "You follow no hashtag yet" in page.words()


async def test_guests_and_names_that_are_no_tags_have_no_button(world: World) -> None:
    await world.account("ana")
    assert not (await Browser(world.app).open("/tags/rocks")).tree.css("#tag-follow")
    assert (await Browser(world.app).open("/followed_tags")).path.startswith("/auth/sign_in")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    assert not (await browser.open("/tags/123")).tree.css("#tag-follow")
