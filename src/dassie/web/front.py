"""Pages about this server: its front, about, privacy."""

from __future__ import annotations

from dassie.domain.paging import Page as Part
from dassie.domain.privacy import INTRODUCTION, LINES
from dassie.services import blocking_servers, feed_access, showing
from dassie.store import settings, timelines
from dassie.web.answers import Answer, Go, Html
from dassie.web.routing import page
from dassie.web.visits import Visit

FRONT_POSTS = Part(limit=10)


@page("/")
async def front(visit: Visit) -> Answer:
    """What a passer-by sees; people who are signed in go home."""
    if visit.viewer is not None:
        return Go("/home")
    async with visit.server.read() as tx:
        is_open = feed_access.halves(await settings.instance(tx), "live")[0] == "public"
        ids = await timelines.public(tx, FRONT_POSTS, None, timelines.Public(local=True)) if is_open else []
        shown = await showing.show(tx, ids, viewer=None)
        around = await visit.page(tx)
    return visit.html("pages/front.html", around, statuses=shown)


@page("/about")
async def about(visit: Visit) -> Html:
    """What this server is, its rules, help and shortcuts."""
    async with visit.server.read() as tx:
        said = await settings.instance(tx)
        blocks = await blocking_servers.published(tx, signed_in=visit.viewer is not None)
        around = await visit.page(tx)
    return visit.html(
        "pages/about.html", around, extended=said.extended_description, terms=bool(said.terms), blocks=blocks
    )


@page("/privacy-policy")
async def privacy(visit: Visit) -> Html:
    """What is kept about people."""
    async with visit.server.read() as tx:
        said = await settings.instance(tx)
        around = await visit.page(tx)
    return visit.html("pages/privacy.html", around, written=said.privacy_policy, introduction=INTRODUCTION, lines=LINES)
