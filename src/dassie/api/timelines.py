"""Timelines: home, public, of a hashtag, and of a link."""

from __future__ import annotations

from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.entities.statuses import show_statuses
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, get
from dassie.domain.cards import card_url
from dassie.domain.errors import NotFound
from dassie.domain.ids import StatusId
from dassie.domain.text import normalise_tag
from dassie.door import taking as take
from dassie.services import feed_access
from dassie.store import cards, timelines
from dassie.store.timelines import MOST_TAGS, Public
from dassie.store.tx import Tx

PARTS = [*map(take.flag, ("local", "remote", "only_media"))]


@get("/api/v1/timelines/home", scope="read:statuses", takes=[*take.page(20, 40)])
async def home(call: Call) -> Reply[list[EncodedStatus]]:
    """What the people the caller follows wrote: the newest 800 of it."""
    async with call.server.read() as tx:
        ids = await timelines.home(tx, call.me.id, call.page(20, 40))
        shown = await show_statuses(tx, ids, viewer=call.viewer, urls=call.urls)
    call.looked(ids)
    return paged(call, shown, ids)


@get("/api/v1/timelines/public", scope="read:statuses?", takes=[*take.page(20, 40), *PARTS])
async def public(call: Call) -> Reply[list[EncodedStatus]]:
    """Public statuses of this server, of the others, or of both."""
    async with call.server.read() as tx:
        part = await feed_access.readable(tx, "live", call.caller, _part(call))
        ids = await timelines.public(tx, call.page(20, 40), call.viewer, part) if part is not None else []
        shown = await show_statuses(tx, ids, viewer=call.viewer, urls=call.urls)
    call.looked(ids)
    return paged(call, shown, ids, keep=("local", "remote", "only_media"))


@get(
    "/api/v1/timelines/tag/{hashtag}",
    scope="read:statuses?",
    takes=[*take.page(20, 40), *PARTS, take.texts("any"), take.texts("all"), take.texts("none")],
)
async def tagged(call: Call, hashtag: str) -> Reply[list[EncodedStatus]]:
    """Public statuses with a hashtag; `any`, `all` and `none` name further ones."""
    async with call.server.read() as tx:
        part = await feed_access.readable(tx, "topic", call.caller, _part(call))
        ids = await _tagged(tx, call, normalise_tag(hashtag), part) if part is not None else []
        shown = await show_statuses(tx, ids, viewer=call.viewer, urls=call.urls)
    call.looked(ids)
    return paged(call, shown, ids, keep=("local", "remote", "only_media", "any", "all", "none"))


@get("/api/v1/timelines/link", scope="read:statuses?", takes=[*take.page(20, 40), take.text("url", required=True)])
async def linked(call: Call) -> Reply[list[EncodedStatus]]:
    """Public statuses that are shown with the card of a page, by people who may be discovered."""
    url = card_url(call.params.text("url") or "")
    async with call.server.read() as tx:
        links = await cards.link_ids(tx, url) if url is not None else []
        if not links:
            raise NotFound
        part = await feed_access.readable(tx, "topic", call.caller)
        ids = await timelines.linked(tx, links, call.page(20, 40), call.viewer, part) if part is not None else []
        shown = await show_statuses(tx, ids, viewer=call.viewer, urls=call.urls)
    call.looked(ids)
    return paged(call, shown, ids, keep=("url",))


async def _tagged(tx: Tx, call: Call, name: str, part: Public) -> list[StatusId]:
    return await timelines.tagged(
        tx,
        name,
        call.page(20, 40),
        call.viewer,
        part,
        any_names=_names(call, "any"),
        all_names=_names(call, "all"),
        no_names=_names(call, "none"),
    )


def _part(call: Call) -> Public:
    flags = (call.params.flag(name) or False for name in ("local", "remote", "only_media"))
    local, remote, only_media = flags
    # Both are all there is, as neither.
    return Public(local=local and not remote, remote=remote and not local, only_media=only_media)


def _names(call: Call, parameter: str) -> list[str]:
    names = [normalise_tag(name) for name in call.params.texts(parameter)[:MOST_TAGS]]
    return [name for name in names if name]
