"""What is talked of: hashtags, posts and links."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import urlencode

from dassie.api.entities.cards import TrendsLink, show_card
from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.entities.statuses import show_statuses
from dassie.api.entities.tags import Tag, show_days, show_tags
from dassie.api.paging import OFFSET, read_offset
from dassie.api.routing import Call, Reply, get
from dassie.door import taking as take
from dassie.store import trends
from dassie.store.kept_uses import KeptUses

T = TypeVar("T")
_LINK_USES = KeptUses(trends.link_uses)

OLD_SINCE = "@1648598400"
"""30 March 2022, when posts and links came beside hashtags (Mastodon 3.5); RFC 9745."""


def part(default: int, most: int) -> list[take.Take]:
    """What all of them take: they are paged by offsets."""
    return [take.limit(default, most), OFFSET]


@get("/api/v1/trends/tags", takes=part(10, 20))
async def trending_tags(call: Call) -> Reply[list[Tag]]:
    """Hashtags, the most talked of first."""
    limit, offset = _part(call, 10, 20)
    async with call.server.read() as tx:
        found = await trends.trending_tags(tx, limit=limit, offset=offset)
        shown = await show_tags(tx, found, call.urls, viewer=call.viewer)
    return _paged(call, shown, limit, offset)


@get("/api/v1/trends", takes=part(10, 20), deprecated=OLD_SINCE)
async def old_trends(call: Call) -> Reply[list[Tag]]:
    """The old name of the same."""
    return await trending_tags(call)


@get("/api/v1/trends/statuses", takes=part(20, 40))
async def trending_statuses(call: Call) -> Reply[list[EncodedStatus]]:
    """Posts, the most talked of first."""
    limit, offset = _part(call, 20, 40)
    async with call.server.read() as tx:
        ids = await trends.trending_statuses(tx, call.viewer, limit=limit, offset=offset)
        shown = await show_statuses(tx, ids, viewer=call.viewer, urls=call.urls)
    call.looked(ids)
    return _paged(call, shown, limit, offset)


@get("/api/v1/trends/links", takes=part(10, 20))
async def trending_links(call: Call) -> Reply[list[TrendsLink]]:
    """Pages that posts link to, the most talked of first."""
    limit, offset = _part(call, 10, 20)
    async with call.server.read() as tx:
        found = await trends.trending_links(tx, limit=limit, offset=offset)
        used = await _LINK_USES.of(tx, [card.status_id for card in found], call.urls.base)
    shown: list[TrendsLink] = [
        {**show_card(card, call.urls), "history": show_days(used[card.status_id])} for card in found
    ]
    return _paged(call, shown, limit, offset)


def _part(call: Call, default: int, most: int) -> tuple[int, int]:
    # No more are kept: what is asked for behind them is nothing, and no error.
    return call.params.limit(default, most), min(read_offset(call.params), trends.KEPT)


def _paged(call: Call, shown: list[T], limit: int, offset: int) -> Reply[list[T]]:
    """With a Link header of offsets; nothing follows a page that is not full."""
    base = call.urls.base + call.request.path
    links = []
    if shown and len(shown) == limit:
        links.append(f'<{base}?{urlencode({"limit": limit, "offset": offset + limit})}>; rel="next"')
    if offset:
        links.append(f'<{base}?{urlencode({"limit": limit, "offset": max(offset - limit, 0)})}>; rel="prev"')
    return Reply(shown, headers=[("link", ", ".join(links))] if links else [])
