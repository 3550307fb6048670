"""What changes while a page is open, in a real browser: in place, and without a jump."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

import templates
from abroad import until
from browsing import Site, open_site
from dassie.domain.arrivals import Reason
from dassie.services import watching
from demo import Demo, settle_in
from people import change, stranger, write

pytestmark = pytest.mark.slow


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    await templates.sqlite_copy(tmp_path / "dassie.db")
    async with open_site(tmp_path) as made:
        yield made
    made.complaints[:] = [one for one in made.complaints if "/proxy/" not in one and "/media" not in one]
    assert made.complaints == []


@pytest.fixture
async def demo(site: Site) -> Demo:
    return await settle_in(site.world)


async def listening(site: Site, who: int) -> None:
    """Wait until the page listens."""
    await until(lambda: site.world.server.streams.listeners(f"user:{who}") > 0)


async def top_of(page: Page, id: int) -> float:
    box = await page.locator(f"#s-{id}").bounding_box()
    assert box is not None
    return float(box["y"])


async def shift_of(page: Page) -> Any:
    """How much moved by itself while nobody pressed anything."""
    return await page.evaluate("() => window.shifted")


async def test_a_strangers_post_is_set_right_in_place(site: Site, demo: Demo) -> None:
    eve = await stranger(site.world, "eve", "social.far.test", display_name="Eve")
    ids = [await write(site.world, eve, f"far stone {n}") for n in range(3)]
    page = await site.signed_in("ama")
    await page.goto("/public")
    await listening(site, demo.ama.id)
    await site.world.app.materialiser.attend()
    await page.evaluate(
        "() => { window.shifted = 0; window.stayed = true; new PerformanceObserver(list => { for (const one of "
        "list.getEntries()) window.shifted += one.value; }).observe({ type: 'layout-shift' }); }"
    )
    below = await top_of(page, demo.first.id)
    post = page.locator(f"#s-{ids[0]}")
    await expect(post).to_contain_text("@eve@social.far.test")
    await change(site.world, eve, domain="far.test")
    watching.tell_account(site.world.server, eve.id, only_counts=False)
    for id in ids:
        await expect(page.locator(f"#s-{id}")).to_contain_text("@eve@far.test")
    assert await top_of(page, demo.first.id) == below
    assert await shift_of(page) <= 0.02
    assert await page.evaluate("window.stayed")


async def test_a_post_in_use_is_left_alone(site: Site, demo: Demo) -> None:
    eve = await stranger(site.world, "eve", "social.far.test")
    id = await write(site.world, eve, "far stone")
    page = await site.signed_in("ama")
    await page.goto("/public")
    await listening(site, demo.ama.id)
    await site.world.app.materialiser.attend()
    await page.locator(f"#s-{id} .fave").focus()
    await change(site.world, eve, domain="far.test")
    watching.tell_account(site.world.server, eve.id, only_counts=False)
    await page.wait_for_timeout(1000)
    await expect(page.locator(f"#s-{id}")).to_contain_text("@eve@social.far.test")
    await expect(page.locator(f"#s-{id} .fave")).to_be_focused()


async def test_more_of_a_thread_comes_when_the_reader_wants_it(site: Site, demo: Demo) -> None:
    eve = await stranger(site.world, "eve", "far.test")
    id = await write(site.world, eve, "far stone", in_reply_to_uri="https://far.test/parent")
    page = await site.signed_in("ama")
    await page.goto(f"/@eve@far.test/{id}")
    await listening(site, demo.ama.id)
    link = page.locator("[data-came] a")
    await expect(link).to_be_hidden()
    opened = await top_of(page, id)
    await write(site.world, eve, "what came before", uri="https://far.test/parent", reason=Reason.CONTEXT, live=False)
    watching.tell_opened(site.world.server, "thread", id, 1)
    await expect(link).to_have_text("1 more post")
    assert await top_of(page, id) == opened
    await link.click()
    await expect(page.locator("ol.before")).to_contain_text("what came before")
    await expect(page.locator(f"#s-{id}")).to_be_focused()


async def test_the_head_of_a_profile_is_set_right_in_place(site: Site, demo: Demo) -> None:
    eve = await stranger(site.world, "eve", "far.test", display_name="Eve")
    page = await site.signed_in("ama")
    await page.goto("/@eve@far.test")
    await listening(site, demo.ama.id)
    await change(site.world, eve, display_name="Eve of the Far Stones", followers_count=12)
    watching.tell_account(site.world.server, eve.id, only_counts=False)
    await expect(page.locator(".who h1")).to_have_text("Eve of the Far Stones")
