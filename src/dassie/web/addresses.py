"""Other addresses that lead to pages: habits from Mastodon, things shared from elsewhere, robots."""

from __future__ import annotations

from urllib.parse import urlencode

from dassie.web.answers import Answer, File, Go, Moved
from dassie.web.routing import page
from dassie.web.visits import Visit

ROBOTS = b"""User-agent: *
Disallow: /media_proxy/
Disallow: /search
Disallow: /auth/
Disallow: /oauth/
Disallow: /settings/
"""


@page("/settings")
async def settings(visit: Visit) -> Answer:
    """The first page of settings."""
    return Go("/settings/profile")


@page("/web/{rest:rest}")
async def web(visit: Visit) -> Answer:
    """Where Mastodon's own pages once were: `/web/@name/1` and the like."""
    rest = visit.request.path.removeprefix("/web/")
    known = rest.startswith("@") or rest.split("/")[0] in ("home", "notifications", "bookmarks", "favourites")
    return Moved(f"/{rest}" if known else "/home")


@page("/share", signed_in=True)
async def share(visit: Visit) -> Answer:
    """Something to post about, handed over by another site or app."""
    parts = [visit.params.text(name, most=5_000) or "" for name in ("title", "text", "url")]
    return Go(f"/publish?{urlencode({'text': ' '.join(part for part in parts if part)})}")


@page("/robots.txt")
async def robots(visit: Visit) -> File:
    """What crawlers are asked to leave alone."""
    return File(ROBOTS, "text/plain; charset=utf-8", [("cache-control", "public, max-age=86400")])
