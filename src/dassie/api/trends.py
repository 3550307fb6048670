"""What is talked of: hashtags, posts and links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from dassie.api.entities.cards import show_card
from dassie.api.entities.statuses import show_statuses
from dassie.api.entities.tags import show_days, show_tags
from dassie.api.routing import Call, Reply, get
from dassie.store import trends

OLD_SINCE = "@1648598400"
"""30 March 2022, when posts and links came beside hashtags (Mastodon 3.5); RFC 9745."""


@get("/api/v1/trends/tags")
async def trending_tags(call: Call) -> Reply:
    """Hashtags, the most talked of first."""
    limit, offset = _part(call, 10, 20)
    async with call.server.read() as tx:
        found = await trends.trending_tags(tx, limit=limit, offset=offset)
        shown = await show_tags(tx, found, call.urls, viewer=call.viewer)
    return _paged(call, shown, limit, offset)


@get("/api/v1/trends")
async def old_trends(call: Call) -> Reply:
    """The old name of the same."""
    reply = await trending_tags(call)
    reply.headers.append(("deprecation", OLD_SINCE))
    return reply


@get("/api/v1/trends/statuses")
async def trending_statuses(call: Call) -> Reply:
    """Posts, the most talked of first."""
    limit, offset = _part(call, 20, 40)
    async with call.server.read() as tx:
        ids = await trends.trending_statuses(tx, call.viewer, limit=limit, offset=offset)
        shown: list[msgspec.Raw] = await show_statuses(tx, ids, viewer=call.viewer, urls=call.urls)
    call.looked(ids)
    return _paged(call, shown, limit, offset)


@get("/api/v1/trends/links")
async def trending_links(call: Call) -> Reply:
    """Pages that posts link to, the most talked of first."""
    limit, offset = _part(call, 10, 20)
    async with call.server.read() as tx:
        found = await trends.trending_links(tx, limit=limit, offset=offset)
        used = await trends.link_uses(tx, [card.status_id for card in found])
    shown: list[dict[str, Any]] = [
        show_card(card, call.urls) | {"history": show_days(used[card.status_id])} for card in found
    ]
    return _paged(call, shown, limit, offset)


def _part(call: Call, default: int, most: int) -> tuple[int, int]:
    offset = call.params.integer("offset", least=0, most=trends.KEPT) or 0
    return call.page(default, most).limit, offset


def _paged(call: Call, shown: Sequence[Any], limit: int, offset: int) -> Reply:
    """With a Link header of offsets; nothing follows a page that is not full."""
    base = call.urls.base + call.request.path
    links = []
    if shown and len(shown) == limit:
        links.append(f'<{base}?{urlencode({"limit": limit, "offset": offset + limit})}>; rel="next"')
    if offset:
        links.append(f'<{base}?{urlencode({"limit": limit, "offset": max(offset - limit, 0)})}>; rel="prev"')
    return Reply(shown, headers=[("link", ", ".join(links))] if links else [])
