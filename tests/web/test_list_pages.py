"""Lists in the browser."""

from __future__ import annotations

from typing import Any

from clicking import Browser
from test_reading import follow, ids_of, say
from worlds import World


def marked(lists: list[str]) -> dict[str, Any]:
    """The boxes of these lists, and no others."""
    return {"lists[]": lists}


async def test_a_list_is_made_filled_from_a_profile_read_and_emptied(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    await follow(world, ana, ben)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/lists")
    assert "You have no list yet" in page.words()
    wrong = await browser.submit(page, "main form[action='/lists']", title=" ")
    assert wrong.code == 422
    assert "blank" in wrong.words("#errors")
    page = await browser.submit(wrong, "main form[action='/lists']", title="Climbers")
    edit_path = page.path
    assert "Nobody is in it yet" in page.words()
    profile = await browser.open("/@ben")
    choose = await browser.open(str(profile.one("main a[href$='/lists']").attributes["href"]))
    number = edit_path.split("/")[2]
    done = await browser.submit(choose, f"form[action='/accounts/{ben.id}/lists']", **marked([number]))
    assert done.path == "/@ben"
    await world.settle()
    post = await say(world, ben, "up we go")
    await say(world, ana, "not in it")
    assert ids_of(await browser.open(f"/lists/{number}")) == [f"s-{post.id}"]
    assert "Climbers" in (await browser.open("/lists")).words("main ul")
    page = await browser.submit(
        await browser.open(edit_path), f"form[action='/lists/{number}/members/{ben.id}/remove']"
    )
    assert page.path == edit_path
    assert "Nobody is in it yet" in page.words()
    assert ids_of(await browser.open(f"/lists/{number}")) == []
    page = await browser.submit(page, f"form[action='/lists/{number}/delete']")
    assert page.path == "/lists"
    assert "You have no list yet" in page.words()


async def test_an_exclusive_list_empties_home_of_its_people(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    await follow(world, ana, ben)
    await world.settle()
    post = await say(world, ben, "hello")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.submit(await browser.open("/lists"), "main form[action='/lists']", title="Apart")
    number = page.path.split("/")[2]
    choose = await browser.open(f"/accounts/{ben.id}/lists")
    await browser.submit(choose, f"form[action='/accounts/{ben.id}/lists']", **marked([number]))
    await world.settle()
    assert ids_of(await browser.open("/home")) == [f"s-{post.id}"]
    form = f"form[action='/lists/{number}/edit']"
    page = await browser.submit(await browser.open(f"/lists/{number}/edit"), form, title="Away", exclusive="1")
    assert page.words("h1") == "Away"
    assert ids_of(await browser.open("/home")) == []
    assert ids_of(await browser.open(f"/lists/{number}")) == [f"s-{post.id}"]
    choose = await browser.open(f"/accounts/{ben.id}/lists")
    await browser.submit(choose, f"form[action='/accounts/{ben.id}/lists']", **marked([]))
    await world.settle()
    assert ids_of(await browser.open("/home")) == [f"s-{post.id}"]


async def test_lists_are_for_their_owner_and_people_they_follow(world: World) -> None:
    await world.account("ana")
    ben = await world.account("ben")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.submit(await browser.open("/lists"), "main form[action='/lists']", title="Mine")
    assert "Only people you follow" in (await browser.open(f"/accounts/{ben.id}/lists")).words()
    assert not (await browser.open("/@ben")).tree.css("main a[href$='/lists']")
    other = Browser(world.app)
    await other.sign_in("ben")
    assert (await other.open(page.path)).code == 404
    assert (await other.open(page.path.removesuffix("/edit"))).code == 404
    assert (await Browser(world.app).open("/lists")).path.startswith("/auth/sign_in")
