"""What happens while a page is open, as server-sent events. They carry ids and counts, never a text."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec

from dassie.domain.errors import TooMany
from dassie.domain.ids import StatusId, parse_id
from dassie.ports import Event, Subscription
from dassie.services import showing
from dassie.store import logins
from dassie.web import reading
from dassie.web.answers import Answer, Data, Html, Sent
from dassie.web.routing import page
from dassie.web.visits import Visit, unread

QUIET_SECONDS = 25
LASTS_SECONDS = 900
"""Then the browser connects anew, and shows that it is still signed in."""
MOST = 20
"""Connections of one person."""
POSTS_AT_ONCE = 40
CONTEXTS = {
    "home": "home",
    "lists": "home",
    "notifications": "notifications",
    "public": "public",
    "explore": "public",
    "tags": "public",
}
"""Which filters work where, by the first part of the path."""


@page("/live", signed_in=True)
async def live(visit: Visit) -> Answer:
    """New posts at home, changed and deleted ones, what came to an open page, and how many notifications are unread."""
    channel = f"user:{visit.me.id}"
    if visit.server.streams.listeners(channel) >= MOST:
        raise TooMany
    heard = visit.server.streams.subscribe(frozenset({channel, f"notifications:{visit.me.id}", "tokens"}))
    headers = [
        ("content-type", "text/event-stream; charset=utf-8"),
        ("cache-control", "no-cache, no-transform"),
        ("x-accel-buffering", "no"),
    ]
    try:
        await visit.request.start(200, headers)
        await visit.request.more(b"retry: 5000\n\n")
        async with asyncio.timeout(LASTS_SECONDS):
            await _relay(visit, heard)
    except TimeoutError:
        pass
    finally:
        heard.close()
    with suppress(OSError, RuntimeError):
        await visit.request.finish()
    return Sent()


@page("/live/posts", signed_in=True)
async def posts(visit: Visit) -> Html:
    """Some posts as they are now, for pages that have them: `ids`, and `opened` for the one in the middle of a page."""
    ids = [StatusId(id) for id in visit.params.ids("ids", most=POSTS_AT_ONCE)]
    opened = parse_id(str(visit.params.get("opened", "")))
    async with visit.server.read() as tx:
        listed = await reading.show(tx, visit, ids, context_of(visit.back("/")), hiding=False)
        middle = await showing.show(tx, [opened], viewer=visit.viewer) if opened is not None else []
        around = await visit.page(tx)
    return visit.html("fragments/changed.html", around, statuses=listed, opened=middle[0] if middle else None)


@page("/live/counts", signed_in=True)
async def counts(visit: Visit) -> Data:
    """For browsers that cannot keep a connection: how many notifications are unread."""
    async with visit.server.read() as tx:
        return Data({"count": await unread(tx, visit.user)})


def context_of(path: str) -> str:
    """Which filters work on the page at this path; none where it is no list of posts that filters speak of."""
    first, _, rest = path.partition("?")[0].lstrip("/").partition("/")
    if first.startswith("@"):
        return "thread" if parse_id(rest) is not None else "account"
    return CONTEXTS.get(first, "")


async def _relay(visit: Visit, heard: Subscription) -> None:
    gone = asyncio.ensure_future(_until_gone(visit))
    events = aiter(heard)
    following = asyncio.ensure_future(anext(events))
    try:
        while not gone.done():
            done, _ = await asyncio.wait({gone, following}, timeout=QUIET_SECONDS, return_when="FIRST_COMPLETED")
            if following in done:
                told, event = following.result()
                if told == "tokens" and await _kept_out(visit, event):
                    return
                line = await _line(visit, event)
                following = asyncio.ensure_future(anext(events))
                if line:
                    await visit.request.more(line)
            elif not done:
                await visit.request.more(b":\n\n")
    except StopAsyncIteration:
        pass  # the server stops
    finally:
        for task in (gone, following):
            task.cancel()
        await asyncio.gather(gone, following, return_exceptions=True)


async def _until_gone(visit: Visit) -> None:
    while (await visit.request.receive())["type"] != "http.disconnect":
        pass


async def _kept_out(visit: Visit, event: Event) -> bool:
    """Whether this login may not read any more."""
    if event.kind != "all" and event.id != visit.user.id:
        return False
    async with visit.server.read() as tx:
        found = await logins.by_session(tx, visit.session)
    return found is None or found[0].disabled


async def _line(visit: Visit, event: Event) -> bytes | None:
    match event.kind:
        case "update":
            return _event("home", {"id": str(event.id)})
        case "status.update":
            # Counters of an account that apps show with every post, and pages do not.
            return None if event.extra.get("only_counts") else _event("changed", {"id": str(event.id)})
        case "thread" | "profile":
            return _event("opened", {"id": str(event.id), "page": event.kind, "count": event.extra.get("count", 0)})
        case "delete":
            return _event("deleted", {"id": str(event.id)})
        case "notification" | "notifications_merged":
            async with visit.server.read() as tx:
                return _event("notifications", {"count": await unread(tx, visit.user)})
    return None


def _event(kind: str, data: dict[str, object]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), msgspec.json.encode(data))
