"""Filters in the browser: set up without scripts, and what becomes of posts."""

from __future__ import annotations

from typing import Any

import pytest

from clicking import Browser
from dassie.web.live import context_of
from test_reading import follow, ids_of, say
from worlds import World

FORM = "main form.form"


async def filtering(world: World, browser: Browser, action: str = "warn", places: tuple[str, ...] = ("home",)) -> None:
    page = await browser.open("/filters/new")
    fields: dict[str, Any] = {
        "title": "Pests",
        "keywords[0][keyword]": "wasps",
        "context[]": list(places),
        "filter_action": action,
    }
    done = await browser.submit(page, FORM, **fields)
    assert done.path == "/filters"


async def test_a_filter_is_made_changed_and_deleted(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    assert "You have no filter yet" in (await browser.open("/filters")).words()
    fields: dict[str, Any] = {
        "keywords[0][keyword]": "wasps",
        "keywords[1][keyword]": "big bees",
        "keywords[1][whole_word]": False,
    }
    wrong = await browser.submit(
        await browser.open("/filters/new"), FORM, title="Pests", **(fields | {"context[]": []})
    )
    assert wrong.code == 422
    assert wrong.one("#word-1").attributes["value"] == "big bees"
    chosen: dict[str, Any] = {"context[]": ["home", "thread"]}
    page = await browser.submit(wrong, FORM, **chosen)
    assert "Pests" in page.words("main ul")
    assert "wasps, big bees" in page.words("main ul")
    edit = await browser.open(str(page.one("main ul a[href$='/edit']").attributes["href"]))
    assert edit.one("#title").attributes["value"] == "Pests"
    changed: dict[str, Any] = {
        "keywords[0][keyword]": "",
        "keywords[2][keyword]": "gnats",
        "filter_action": "hide",
        "expires_in": "3600",
    }
    page = await browser.submit(edit, FORM, title="Gnats", **changed)
    assert "big bees, gnats" in page.words("main ul")
    assert "Hides ·" in page.words("main ul")
    world.clock.forward(hours=2)
    page = await browser.open("/filters")
    assert "Expired" in page.words("main ul")
    page = await browser.submit(page, "main ul form[action$='/delete']")
    assert "You have no filter yet" in page.words()


async def test_a_filtered_post_can_be_opened_without_scripts_where_the_filter_works(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    await follow(world, ana, ben)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    await filtering(world, browser)
    post = await say(world, ben, "so many wasps")
    own = await say(world, ana, "my wasps")
    page = await browser.open("/home")
    card = page.one(f"#s-{post.id} details.caught")
    assert "open" not in card.attributes
    summary = page.one(f"#s-{post.id} details.caught > summary")
    assert summary.text().strip() == "Filtered: Pests"
    assert summary.attributes["data-show"] == "Show anyway"
    assert "so many wasps" in card.text()
    label = page.one(f"#s-{post.id} article").attributes["aria-label"]
    assert label == "Filtered: Pests"
    assert not page.tree.css(f"#s-{own.id} details.caught")
    for path in ("/public", "/@ben", f"/@ben/{post.id}"):
        assert not (await browser.open(path)).tree.css("details.caught"), path
    await say(world, ana, "a boost follows")
    fragment = await browser.open(f"/live/posts?ids[]={post.id}", referer="https://here.test/home", host="here.test")
    assert "Filtered: Pests" in fragment.text


async def test_hidden_posts_are_left_out_and_media_can_be_hidden_alone(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    await follow(world, ana, ben)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    await filtering(world, browser, "hide", ("home", "thread", "public", "account", "notifications"))
    kept = await say(world, ben, "@ana bees")
    wasps = await say(world, ben, "@ana wasps", in_reply_to_id=kept.id)
    assert ids_of(await browser.open("/home")) == [f"s-{kept.id}"]
    for path in ("/public", "/@ben/with_replies", f"/@ben/{kept.id}", "/notifications"):
        page = await browser.open(path)
        assert "bees" in page.words(), path
        assert "wasps" not in page.words(), path
    assert "wasps" in (await browser.open(f"/@ben/{wasps.id}")).words()


async def test_a_page_of_hidden_posts_still_leads_on(world: World) -> None:
    await world.account("ana")
    ben = await world.account("ben")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    await filtering(world, browser, "hide", ("public", "account"))
    old = await say(world, ben, "bees")
    for n in range(20):
        await say(world, ben, f"wasps {n}")
    for path in ("/public", "/@ben"):
        page = await browser.open(path)
        assert ids_of(page) == []
        rest = await browser.open(str(page.one("#more a").attributes["href"]))
        assert ids_of(rest) == [f"s-{old.id}"]


@pytest.mark.parametrize(
    ("path", "context"),
    [
        ("/home", "home"),
        ("/lists/5?max_id=1", "home"),
        ("/public/local", "public"),
        ("/tags/rocks", "public"),
        ("/notifications?only=mentions", "notifications"),
        ("/@ana", "account"),
        ("/@ana@else.test/with_replies", "account"),
        ("/@ana/123", "thread"),
        ("/bookmarks", ""),
        ("/", ""),
    ],
)
def test_each_page_has_its_context(path: str, context: str) -> None:
    assert context_of(path) == context
