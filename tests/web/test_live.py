"""Events for open pages."""

from __future__ import annotations

import asyncio
from typing import Any

from clicking import Browser
from dassie.ports import Event
from dassie.services import signing_in
from dassie.store import logins
from test_reading import follow, say
from worlds import World


async def listen(browser: Browser, until: str, heard: list[str]) -> None:
    """Keep /live open until its text holds `until`, then leave."""
    done = asyncio.Event()

    async def receive() -> Any:
        await done.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            heard.append(str(message["status"]))
        heard.append(message.get("body", b"").decode())
        if until in "".join(heard):
            done.set()

    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = [(b"host", b"here.test"), (b"cookie", cookie.encode())]
    scope = {"type": "http", "method": "GET", "path": "/live", "headers": headers, "scheme": "https"}
    async with asyncio.timeout(10):
        await browser.app(scope, receive, send)


async def test_new_posts_and_unread_notifications_are_told(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    await follow(world, ana, ben)
    await world.settle()
    browser = Browser(world.app)
    await browser.sign_in("ana")
    heard: list[str] = []
    waiting = asyncio.create_task(listen(browser, "event: notifications", heard))
    while not world.server.streams.listeners(f"user:{ana.id}"):
        await asyncio.sleep(0.01)
    post = await say(world, ben, "@ana look, a stone")
    await waiting
    text = "".join(heard)
    assert "stone" not in text
    assert f'event: home\ndata: {{"id":"{post.id}"}}' in text or '"count":1' in text
    assert '"count":1' in text
    assert world.server.streams.listeners(f"user:{ana.id}") == 0


async def test_changes_of_posts_and_what_comes_to_an_open_page_are_told(world: World) -> None:
    ana = await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    heard: list[str] = []
    waiting = asyncio.create_task(listen(browser, "event: opened", heard))
    while not world.server.streams.listeners(f"user:{ana.id}"):
        await asyncio.sleep(0.01)
    for event in (
        Event("status.update", 11),
        Event("status.update", 12, extra={"only_counts": True}),
        Event("thread", 13, extra={"count": 3}),
    ):
        world.server.streams.publish(f"user:{ana.id}", event)
    await waiting
    text = "".join(heard)
    assert 'event: changed\ndata: {"id":"11"}' in text
    assert '"12"' not in text  # pages show no counters beside posts
    assert 'event: opened\ndata: {"id":"13","page":"thread","count":3}' in text


async def test_a_page_of_somebody_who_is_kept_out_hears_nothing_more(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    heard: list[str] = []
    waiting = asyncio.create_task(listen(browser, "never", heard))
    while not world.server.streams.listeners(f"user:{ana.id}"):
        await asyncio.sleep(0.01)
    async with world.server.write() as tx:
        mine, theirs = await logins.user_of(tx, ana.id), await logins.user_of(tx, ben.id)
        assert mine is not None
        assert theirs is not None
        await signing_in.set_disabled(tx, world.server, theirs, True)
    await say(world, ana, "still here")
    while "event: home" not in "".join(heard):
        await asyncio.sleep(0.01)
    async with world.server.write() as tx:
        await signing_in.set_disabled(tx, world.server, mine, True)
    await asyncio.wait_for(waiting, 5)
    assert world.server.streams.listeners(f"user:{ana.id}") == 0


async def test_posts_of_an_open_page_can_be_asked_for_anew(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    one, two = await say(world, ben, "one stone"), await say(world, ben, "two stones")
    hidden = await say(world, ana, "not for you", visibility="direct")
    browser = Browser(world.app)
    await browser.sign_in("ben")
    got = await browser.open(f"/live/posts?ids[]={one.id}&ids[]={hidden.id}&opened={two.id}")
    assert f'<li id="s-{one.id}"' in got.text
    assert f'<article class="post opened" id="s-{two.id}"' in got.text
    assert "not for you" not in got.text
    assert "<html" not in got.text
    assert (await Browser(world.app).open("/live/posts")).path.startswith("/auth/sign_in")


async def test_counts_can_be_asked_for(world: World) -> None:
    await world.account("ana")
    browser = Browser(world.app)
    await browser.sign_in("ana")
    assert (await browser.open("/live/counts")).text == '{"count":0}'
    assert (await Browser(world.app).open("/live/counts")).path.startswith("/auth/sign_in")
