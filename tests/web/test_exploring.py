"""The page of what is talked of."""

from __future__ import annotations

from clicking import Browser
from dassie.services.trending import reckon_trends
from people import befriend, stranger, write
from worlds import World


async def test_explore_shows_trends_to_all_and_people_to_those_signed_in(idle_world: World) -> None:
    world = idle_world
    ana, bob = await world.account("ana"), await world.account("bob")
    eve = await stranger(world, "eve", discoverable=True)
    await befriend(world, ana, bob)
    await befriend(world, bob, eve)
    assert "Nothing is talked of much" in (await Browser(world.app).open("/explore")).words()
    post = await write(world, eve, "about stones", tags=[("rocks", "Rocks")])
    for one in (ana, bob):
        api = await world.api_as(one)
        await api.post(f"/api/v1/statuses/{post}/reblog")
    await reckon_trends(world.server)
    guest = await Browser(world.app).open("/explore")
    assert "#Rocks" in guest.words(".chips")
    assert "about stones" in guest.words("ol.posts")
    assert "People you might like" not in guest.words()
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/explore")
    assert "People you might like" in page.words()
    assert page.one(f"button[formaction^='/accounts/{eve.id}/follow']")
