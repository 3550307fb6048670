"""What people do, in a real browser: with scripts, without, by keyboard. All pages: test_every_page.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

import templates
from browsing import Site, open_site
from dassie.web import assets
from demo import Demo, say, settle_in

pytestmark = pytest.mark.slow


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    await templates.sqlite_copy(tmp_path / "dassie.db")
    async with open_site(tmp_path) as made:
        yield made
    assert made.complaints == []


@pytest.fixture
async def demo(site: Site) -> Demo:
    return await settle_in(site.world)


def picture() -> str:
    return str(assets.DIST / "icon-192.png")


async def test_pressing_a_star_changes_only_the_button_and_keeps_the_focus(site: Site, demo: Demo) -> None:
    page = await site.signed_in("ben")
    star = page.locator(f"#a-{demo.first.id} .fave")
    await expect(star).to_have_attribute("aria-pressed", "true")
    await page.evaluate("window.stayed = true")
    await star.focus()
    await page.keyboard.press("Enter")
    await expect(star).to_have_attribute("aria-pressed", "false")
    await expect(star).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(star).to_have_attribute("aria-pressed", "true")
    assert await page.evaluate("window.stayed")


async def test_a_post_with_a_described_picture_is_written(site: Site, demo: Demo) -> None:
    page = await site.signed_in("ama")
    await page.goto("/publish")
    await expect(page.locator("fieldset[data-plain]")).to_be_hidden()
    await page.fill("#status", "Look at this pebble.")
    await expect(page.locator(".count")).to_have_text("480")
    await page.set_input_files("#pick", picture())
    await page.locator("#status").focus()
    await page.wait_for_selector(".upload input[name='media_ids[]']", state="attached")
    await page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("One file has no description")
    await dialog.get_by_role("button", name="Add").click()
    await page.keyboard.type("A round face on green")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url("**/@ama/*")
    await expect(page.get_by_text("Your post is out.")).to_be_visible()
    await expect(page.locator(".opened .media img")).to_have_attribute("alt", "A round face on green")
    await page.goto("/publish")
    await expect(page.locator("#status")).to_have_value("")


async def test_what_was_typed_survives_a_reload(site: Site, demo: Demo) -> None:
    page = await site.signed_in("ama")
    await page.goto("/publish")
    await page.fill("#status", "Half a thought")
    await page.wait_for_timeout(700)
    await page.reload()
    await expect(page.locator("#status")).to_have_value("Half a thought")
    await page.get_by_role("button", name="Discard it").click()
    await expect(page.locator("#status")).to_have_value("")


async def test_new_posts_wait_in_a_pill_and_nothing_moves(site: Site, demo: Demo) -> None:
    page = await site.signed_in("ama")
    await page.evaluate("scrollTo(0, 600)")
    before = await page.locator(f"#s-{demo.first.id}").bounding_box()
    new = await say(site.world, demo.ben, "It just got warmer.")
    pill = page.locator("[data-news]")
    await expect(pill).to_contain_text("1 new post", timeout=10_000)
    assert before == await page.locator(f"#s-{demo.first.id}").bounding_box() or await _pushed_by_pill(page)
    held = await page.locator(f"#s-{demo.first.id}").bounding_box()
    await pill.locator("a").evaluate("link => link.click()")
    await expect(page.locator(f"#s-{new.id}")).to_be_attached()
    after = await page.locator(f"#s-{demo.first.id}").bounding_box()
    assert held is not None
    assert after is not None
    assert abs(held["y"] - after["y"]) <= 60  # the pill itself went away
    await expect(page.locator("#toasts")).to_contain_text("1 new post above")


async def _pushed_by_pill(page: Page) -> bool:
    """The pill stands above the posts: below it nothing else may have come in."""
    return bool(await page.evaluate("document.querySelectorAll('ol.posts > li').length"))


async def test_a_notification_is_counted_while_the_page_is_open(site: Site, demo: Demo) -> None:
    page = await site.signed_in("ama")
    await page.goto("/notifications")
    await page.goto("/about")
    await expect(page.locator("a[data-badge] .dot")).to_have_count(0)
    await say(site.world, demo.ben, "@ama come up here!")
    await expect(page.locator("a[data-badge] .dot")).to_have_text("1", timeout=10_000)


async def test_older_posts_come_when_the_end_is_near(site: Site, demo: Demo) -> None:
    for n in range(25):
        await say(site.world, demo.ben, f"pebble number {n}")
    await site.world.settle(30)
    page = await site.signed_in("ama")
    assert await page.locator("ol.posts > li[id^=s-]").count() <= 40
    await page.locator("#more, ol.posts > li:last-child").last.scroll_into_view_if_needed()
    await expect(page.locator("#more")).to_have_count(0, timeout=10_000)
    await expect(page.locator(f"#s-{demo.first.id}")).to_be_attached()
    await page.locator(f"#a-{demo.first.id} .mark").click()
    await expect(page.locator(f"#a-{demo.first.id} .mark")).to_have_attribute("aria-pressed", "true")


async def test_by_keyboard_alone(site: Site, demo: Demo) -> None:
    page = await site.signed_in("ama")
    await page.keyboard.press("j")
    await expect(page.locator("article.post").first).to_be_focused()
    await page.keyboard.press("j")
    second = page.locator("article.post").nth(1)
    await expect(second).to_be_focused()
    await page.keyboard.press("d")
    await expect(second.locator(".mark")).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("Next post")
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("n")
    await page.wait_for_url("**/notifications")
    await page.keyboard.press("n")
    await page.wait_for_url("**/publish")
    await page.keyboard.type("jjj?")
    await expect(page.locator("#status")).to_have_value("jjj?")


@pytest.mark.parametrize("scripts", [True, False])
async def test_on_a_phone_the_rest_of_the_menu_opens_above_the_bar(site: Site, demo: Demo, scripts: bool) -> None:
    page = await site.signed_in("ama", width=360, scripts=scripts)
    await page.locator(".nav .fold summary").click()
    await expect(page.locator(".nav .sheet")).to_be_in_viewport(ratio=1)
    await page.locator(".nav .sheet").get_by_role("button", name="Sign out").click()
    await expect(page.get_by_text("You are signed out.")).to_be_visible()


async def test_everything_works_without_scripts(site: Site, demo: Demo) -> None:
    page = await site.signed_in("ama", scripts=False)
    await page.locator("article details.drop > summary").first.click()
    await expect(page.locator("article details.drop[open] > div").first).to_be_visible()
    await page.goto("/publish")
    await page.fill("#status", "Without a script.")
    await page.get_by_text("Add pictures, sound or film").locator("visible=true").click()
    await page.set_input_files("[name=file1]", picture())
    await page.fill("[name=alt1]", "A round face")
    await page.click(".write .btn-main")
    await expect(page.locator(".opened .media img")).to_have_attribute("alt", "A round face")
    await page.goto("/home")
    await page.locator("form.poll .choice").first.click()
    await page.click("form.poll button")
    await expect(page.get_by_text("Your vote is counted.")).to_be_visible()
    await page.goto("/@ben")
    await page.get_by_role("button", name="Unfollow").click()
    await expect(page.locator("span[id^=f-] button")).to_have_text("Follow back")
    star = page.locator(".fave[aria-pressed=false]").first
    await star.click()
    await expect(page.locator(".fave[aria-pressed=true]").first).to_be_visible()


async def test_a_hashtag_is_followed_without_loading_the_page_again(site: Site, demo: Demo) -> None:
    page = await site.signed_in("ama")
    await page.goto("/tags/Koppie")
    await page.evaluate("window.same = true")
    await page.locator("#tag-follow button").click()
    await expect(page.locator("#tag-follow button")).to_have_text("Unfollow #Koppie")
    await expect(page.locator("#tag-follow button")).to_be_focused()
    assert await page.evaluate("window.same")


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_relay_is_added_paused_and_left(site: Site, demo: Demo, scripts: bool) -> None:
    page = await site.signed_in("ama", scripts=scripts)
    await page.get_by_role("link", name="Admin").first.click()
    await page.get_by_role("link", name="Relays").click()
    await page.fill("#url", "https://relay.test/inbox")
    await page.get_by_role("radio", name="50 an hour").check()
    await page.get_by_role("button", name="Ask the relay to take us in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Relay relay.test")
    await expect(page.locator("#posts_per_hour")).to_have_value("50")
    await page.get_by_text("The figures as a table").first.click()
    await expect(page.locator("figure.chart table").first).to_be_visible()
    await page.get_by_role("button", name="Leave this relay").click()
    await expect(page.get_by_text("takes part in the relay no more")).to_be_visible()


async def test_reading_stays_within_the_budget(site: Site, demo: Demo) -> None:
    context = await site.context()
    page = await context.new_page()
    requests: list[str] = []
    page.on("request", lambda r: requests.append(r.url) if r.resource_type != "image" else None)
    await page.goto("/public")
    await page.wait_for_load_state("networkidle")
    assert len(requests) <= 8
    shift = await page.evaluate(
        "() => new Promise(done => new PerformanceObserver(list => "
        "done(list.getEntries().reduce((sum, one) => sum + one.value, 0)))"
        ".observe({ type: 'layout-shift', buffered: true }) || setTimeout(() => done(0), 500))"
    )
    assert shift <= 0.02
