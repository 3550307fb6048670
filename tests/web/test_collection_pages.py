"""Collections of recommended accounts in the browser."""

from __future__ import annotations

from typing import Any

from clicking import Browser
from people import change, stranger
from worlds import World


async def discoverable(world: World, name: str) -> Any:
    return await change(world, await world.account(name), discoverable=True)


async def browser_of(world: World, name: str) -> Browser:
    browser = Browser(world.app)
    await browser.sign_in(name)
    return browser


async def test_a_collection_is_made_filled_read_left_and_deleted(world: World) -> None:
    await world.account("ana")
    await discoverable(world, "ben")
    cat = await discoverable(world, "cat")
    browser = await browser_of(world, "ana")
    tab = await browser.open("/@ana/collections")
    new = await browser.open(str(tab.one("main a[href='/collections/new']").attributes["href"]))
    wrong = await browser.submit(new, "form[action='/collections']", name=" ")
    assert wrong.code == 422
    assert "blank" in wrong.words("#errors")
    page = await browser.submit(wrong, "form[action='/collections']", name="Rocks", tag_name="#stones")
    assert "The collection is made" in page.words()
    number = page.path.split("/")[2]
    page = await browser.submit(page, f"form[action='/collections/{number}/items']", handle="@ben")
    assert "@ben" in page.words("main ul")
    wrong = await browser.submit(page, f"form[action='/collections/{number}/items']", handle="nobody")
    assert "Nobody is found" in wrong.words("#errors")
    wrong = await browser.submit(page, f"form[action='/collections/{number}/items']", handle="ben")
    assert "They are in it" in wrong.words("#errors")
    profile = await browser.open("/@cat")
    choose = await browser.open(str(profile.one("main a[href$='/collections'][href^='/accounts']").attributes["href"]))
    done = await browser.submit(choose, f"form[action='/accounts/{cat.id}/collections']", collection=number)
    assert done.path == f"/collections/{number}"
    guest = Browser(world.app)
    shown = await guest.open(f"/collections/{number}")
    assert all(word in shown.words() for word in ("Rocks", "#stones", "@ben", "@cat"))
    assert "2 people" in (await guest.open("/@ana/collections")).words("main ul")
    other = await browser_of(world, "ben")
    told = await other.open("/notifications")
    assert "put you into the collection Rocks" in told.words("main ol")
    assert "Rocks" in (await other.open("/@ben/collections")).words("main ul")
    page = await other.open(f"/collections/{number}")
    action = str(page.one("form[action$='/leave']").attributes["action"])
    left = await other.submit(page, f"form[action='{action}']")
    assert "You are not in that collection" in left.words()
    assert "@ben" not in (await guest.open(f"/collections/{number}")).words()
    page = await browser.open(f"/collections/{number}/edit")
    action = str(page.one("form[action$='/remove']").attributes["action"])
    page = await browser.submit(page, f"form[action='{action}']")
    assert "Nobody is in it yet" in page.words()
    gone = await browser.submit(page, f"form[action='/collections/{number}/delete']")
    assert gone.path == "/@ana/collections"
    assert (await guest.open(f"/collections/{number}")).code == 404


async def test_hidden_collections_and_what_others_may_not(world: World) -> None:
    await world.account("ana")
    await world.account("shy")
    browser = await browser_of(world, "ana")
    new = await browser.open("/collections/new")
    page = await browser.submit(new, "form[action='/collections']", name="Hidden", discoverable=None)
    number = page.path.split("/")[2]
    guest = Browser(world.app)
    assert "Hidden" not in (await guest.open("/@ana/collections")).words()
    assert "By link only" in (await browser.open("/@ana/collections")).words("main ul")
    assert (await guest.open(f"/collections/{number}")).code == 200
    wrong = await browser.submit(page, f"form[action='/collections/{number}/items']", handle="shy")
    assert "do not want" in wrong.words("#errors")
    other = await browser_of(world, "shy")
    assert (await other.open(f"/collections/{number}/edit")).code == 403


async def test_people_elsewhere_are_shown_as_asked(world: World) -> None:
    await world.account("ana")
    await stranger(world, "away", feature_policy="public")
    browser = await browser_of(world, "ana")
    page = await browser.submit(await browser.open("/collections/new"), "form[action='/collections']", name="Far")
    number = page.path.split("/")[2]
    page = await browser.submit(page, f"form[action='/collections/{number}/items']", handle="@away@else.test")
    assert "Asked" in page.words("main ul")
    assert "@away" not in (await Browser(world.app).open(f"/collections/{number}")).words()
