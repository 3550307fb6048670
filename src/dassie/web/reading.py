"""Lists of posts: home, public, what was saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dassie.domain.errors import Invalid, NotAuthenticated, NotFound
from dassie.domain.ids import StatusId
from dassie.services import feed_access, filtering, showing
from dassie.store import marks, timelines
from dassie.store.tx import Tx
from dassie.store.views import StatusView
from dassie.web import announced
from dassie.web.answers import Html
from dassie.web.routing import page
from dassie.web.shown import Page
from dassie.web.visits import Visit

PARTS = {
    "all": timelines.Public(),
    "local": timelines.Public(local=True),
    "remote": timelines.Public(remote=True),
}


@page("/home", signed_in=True)
async def home(visit: Visit) -> Html:
    """Posts of people one follows."""
    async with visit.server.read() as tx:
        ids = await timelines.home(tx, visit.me.id, visit.part())
        shown = await show(tx, visit, ids, "home")
        told = [] if visit.fragment or visit.part().max_id is not None else await announced.unread(tx, visit)
        around = await visit.page(tx)
    return feed(visit, "pages/home.html", around, shown, ids, told=told)


@page("/public")
async def public(visit: Visit) -> Html:
    """Public posts of all servers that are known here."""
    return await _public(visit, "all")


@page("/public/{scope}")
async def public_part(visit: Visit, scope: str) -> Html:
    """Public posts of this server, or of the others."""
    if scope not in ("local", "remote"):
        raise NotFound
    return await _public(visit, scope)


async def _public(visit: Visit, scope: str) -> Html:
    async with visit.server.read() as tx:
        part = await readable(tx, visit, "live", PARTS[scope])
        ids = await timelines.public(tx, visit.part(), visit.viewer, part) if part is not None else []
        shown = await show(tx, visit, ids, "public")
        around = await visit.page(tx)
    return feed(visit, "pages/public.html", around, shown, ids, scope=scope)


async def readable(
    tx: Tx, visit: Visit, kind: feed_access.Kind, which: timelines.Public = timelines.EVERYTHING
) -> timelines.Public | None:
    """The part of a feed that the reader may see; guests are asked to sign in where that takes a login."""
    try:
        return await feed_access.readable(tx, kind, visit.caller, which)
    except Invalid as error:
        raise NotAuthenticated from error


@page("/bookmarks", signed_in=True)
async def bookmarks(visit: Visit) -> Html:
    """Posts kept for later."""
    return await _saved(visit, "bookmarks", marks.bookmarks)


@page("/favourites", signed_in=True)
async def favourites(visit: Visit) -> Html:
    """Posts one liked."""
    return await _saved(visit, "favourites", marks.favourites)


async def _saved(visit: Visit, kind: str, kept: marks.Marks) -> Html:
    async with visit.server.read() as tx:
        found = await kept.newest(tx, visit.me.id, visit.part())
        shown = await showing.show(tx, [status for _, status in found], viewer=visit.viewer)
        around = await visit.page(tx)
    return feed(visit, "pages/saved.html", around, shown, [mark for mark, _ in found], kind=kind)


async def show(tx: Tx, visit: Visit, ids: Sequence[StatusId], context: str, *, hiding: bool = True) -> list[StatusView]:
    """Posts as the reader sees them in this place: their filters for it are applied."""
    shown = await showing.show(tx, ids, viewer=visit.viewer)
    return await filtering.screen(tx, shown, viewer=visit.viewer, base=visit.urls.base, context=context, hiding=hiding)


def feed(
    visit: Visit, template: str, around: Page, shown: list[StatusView], cursors: Sequence[int], **more: Any
) -> Html:
    """The page, or for htmx the posts with the link to older ones."""
    going_up = "min_id" in visit.params
    older = None if going_up else visit.older(cursors)
    if visit.fragment:
        html = visit.html("fragments/posts.html", around, statuses=shown, older=older)
    else:
        html = visit.html(template, around, statuses=shown, older=older, **more)
    visit.looked([one.id for one in shown])
    return html
