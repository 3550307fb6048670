"""Addresses that lead to pages."""

from __future__ import annotations

import pytest

from clicking import Browser
from dassie.web import filters
from test_reading import say
from worlds import World


async def test_ids_of_activitypub_lead_people_to_pages_and_servers_to_documents(world: World) -> None:
    ana = await world.account("ana")
    post = await say(world, ana, "here")
    browser = Browser(world.app)
    for id, page in ((ana.uri, "/@ana"), (post.uri, f"/@ana/{post.id}")):
        answer = await browser.open(id)
        assert answer.code in (301, 302)
        assert answer.headers["location"].removeprefix("https://here.test") == page
        document = await browser.open(page, accept="application/activity+json")
        assert document.headers["content-type"].startswith("application/activity+json")


@pytest.mark.parametrize(
    ("old", "new"),
    [("/web/@ana/12", "/@ana/12"), ("/web/home", "/home"), ("/web/getting-started", "/home")],
)
async def test_old_habits_find_their_pages(world: World, old: str, new: str) -> None:
    answer = await Browser(world.app).open(old)
    assert (answer.code, answer.headers["location"]) == (301, new)


async def test_what_is_shared_opens_the_composer(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/share?title=A+stone&url=https://x.example/")
    assert page.one("#status").text() == "A stone https://x.example/"


async def test_crawlers_are_told_what_to_leave_alone(world: World) -> None:
    page = await Browser(world.app).open("/robots.txt")
    assert page.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Disallow: /media_proxy/" in page.text


def test_only_addresses_of_the_web_become_links() -> None:
    assert filters.link("https://x.example/") == "https://x.example/"
    for address in ("javascript:alert(1)", "data:text/html,x", "//x.example", "", None):
        assert filters.link(address) == ""
