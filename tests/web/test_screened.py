"""Notifications that are held back, in a browser without scripts."""

from __future__ import annotations

from clicking import Browser
from dassie.domain.ids import AccountId
from dassie.domain.paging import Page
from dassie.services import severing
from dassie.store import notification_policies, notifications
from dassie.store.notifications import Notification, Wanted
from dassie.store.views import AccountView
from people import stranger, write
from test_reading import ids_of
from worlds import World


async def whisper(world: World, sender: AccountView, to: AccountView, text: str = "psst") -> int:
    return await write(world, sender, text, visibility="direct", mentions=[(AccountId(to.id), False)])


async def told(world: World, me: AccountView) -> list[Notification]:
    async with world.server.read() as tx:
        return await notifications.newest(tx, me.id, Wanted(filtered=True), Page())


async def test_who_is_held_back_is_let_through_or_dismissed(world: World) -> None:
    ana = await world.account("ana")
    people = [await stranger(world, name) for name in ("eve", "mal", "zoe")]
    for person in people:
        await whisper(world, person, ana, f"I am {person.username}")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/notifications")
    assert "notifications of 3 people" in page.words()
    assert not page.tree.css("ol.posts li")
    page = await browser.open(str(page.one("a[href='/notifications/requests']").attributes["href"]))
    names = [one.text() for one in page.tree.css("form .names b")]
    assert names == ["zoe", "mal", "eve"]
    assert "I am mal" in page.words("main form")
    boxes = [str(one.attributes["value"]) for one in page.tree.css("input[name=id]")]
    wrong = await browser.submit(page, "main form", do="accept")
    assert (wrong.code, "Choose somebody first" in wrong.words()) == (422, True)
    page = await browser.submit(page, "main form", do="dismiss", id=boxes[1])
    assert "What was held back of them is gone" in page.words("body")
    assert len(page.tree.css("input[name=id]")) == 2
    one = await browser.open(f"/notifications/requests/{boxes[2]}")
    assert len(ids_of(one)) == 1
    assert "I am eve" in one.words("ol.posts")
    page = await browser.submit(one, "main form", do="accept")
    assert page.path == "/notifications/requests"
    await world.settle()
    assert [one.text() for one in page.tree.css("form .names b")] == ["zoe"]
    assert {one.from_account_id: one.filtered for one in await told(world, ana)} == {
        people[0].id: False,
        people[2].id: True,
    }
    page = await browser.open("/notifications")
    assert "notifications of 1 person" in page.words()
    assert "I am eve" in page.words("ol.posts")
    assert (await browser.open(f"/notifications/requests/{boxes[1]}")).code == 404


async def test_one_who_is_dismissed_leaves_nobody(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    await whisper(world, eve, ana)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/notifications/requests")
    link = str(page.one("form .names a").attributes["href"])
    page = await browser.submit(await browser.open(link), "main form", do="dismiss")
    assert "Nobody is held back" in page.words()
    assert await told(world, ana) == []


async def test_the_requests_of_others_are_not_shown(world: World) -> None:
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    await world.account("ben")
    await whisper(world, eve, ana)
    browser, other = Browser(world.app), Browser(world.app)
    await browser.sign_in("ana")
    await other.sign_in("ben")
    link = str((await browser.open("/notifications/requests")).one("form .names a").attributes["href"])
    assert (await other.open(link)).code == 404
    assert "Nobody is held back" in (await other.open("/notifications/requests")).words()
    assert (await Browser(world.app).open("/notifications/requests")).path.startswith("/auth/sign_in")


async def test_the_settings_decide_what_is_held_back(world: World) -> None:
    ana = await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/settings/notifications")
    chosen = {
        str(one.attributes["id"]): str(one.css_first("option[selected]").attributes["value"])  # type: ignore[union-attr]
        for one in page.tree.css("main select")
    }
    assert chosen["for_private_mentions"] == chosen["for_limited_accounts"] == "filter"
    assert set(chosen.values()) == {"accept", "filter"}
    page = await browser.submit(page, "main form", for_bots="drop", for_private_mentions="accept")
    assert page.path == "/settings/notifications"
    assert "Your changes are saved" in page.words("body")
    async with world.server.read() as tx:
        policy = await notification_policies.read(tx, ana.id)
    assert (policy.for_bots, policy.for_private_mentions, policy.for_limited_accounts) == ("drop", "accept", "filter")
    refused = await browser.submit(page, "main form", for_bots="perhaps")
    assert refused.code == 422


async def test_what_ended_with_the_block_of_a_server_is_told(world: World) -> None:
    ana = await world.account("ana")
    async with world.server.write() as tx:
        await severing.tell(tx, world.server, ana.id, "else.test", followers=2, following=1)
    browser = Browser(world.app)
    await browser.sign_in("ana")
    page = await browser.open("/notifications")
    assert "You blocked else.test. You lost 2 followers, and follow 1 account less." in page.words()
