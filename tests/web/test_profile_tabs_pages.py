"""The parts of a profile that its owner takes off it, in the browser."""

from __future__ import annotations

from clicking import Browser
from people import fresh
from test_composing import png
from worlds import World


async def test_tabs_are_taken_off_a_profile(world: World) -> None:
    ana = await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/@ana")
    assert page.words("nav.tabs") == "Posts Posts and replies Media Featured Collections"
    page = await browser.open("/settings/profile")
    await browser.submit(page, "form.form", show_media=None, show_featured=None, show_media_replies=None)
    assert (await browser.open("/@ana")).words("nav.tabs") == "Posts Posts and replies Collections"
    now = await fresh(world, ana.id)
    assert (now.show_media, now.show_media_replies, now.show_featured) == (False, False, False)


async def test_answers_with_media_stay_away_where_they_are_not_wanted(world: World) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    media = await api.upload("/api/v2/media", "file", png())
    await world.settle()
    other = await world.api_as(await world.account("ben"))
    asked = (await other.post("/api/v1/statuses", status="Ana?")).json
    sent = {"status": "@ben yes", "media_ids": [media.json["id"]], "in_reply_to_id": asked["id"]}
    assert (await api.post("/api/v1/statuses", json=sent)).code == 200
    browser = Browser(world.app)
    assert len((await browser.open("/@ana/media")).tree.css("ol.posts > li")) == 1
    await api.patch("/api/v1/profile", show_media_replies=False)
    assert len((await browser.open("/@ana/media")).tree.css("ol.posts > li")) == 0
