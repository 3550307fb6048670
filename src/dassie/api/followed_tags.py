"""Hashtags that the caller follows."""

from __future__ import annotations

from dassie.api.entities.tags import Tag, show_tags
from dassie.api.paging import paged
from dassie.api.routing import Call, Reply, get, post
from dassie.door import taking as take
from dassie.door.limits import FOLLOWS
from dassie.services import following_tags
from dassie.store import followed_tags


@get("/api/v1/followed_tags", scope="read:follows|follow", takes=[*take.page(100, 200)])
async def list_followed_tags(call: Call) -> Reply[list[Tag]]:
    """Followed tags, the latest first."""
    page = call.page(100, 200)
    async with call.server.read() as tx:
        found = await followed_tags.of(tx, call.me.id, page)
        shown = await show_tags(tx, [tag for _, tag in found], call.urls, viewer=call.me.id)
    return paged(call, shown, [id for id, _ in found], prev="since_id", full=len(found) >= page.limit)


@post("/api/v1/tags/{name}/follow", scope="write:follows|follow", takes=[])
async def follow_tag(call: Call, name: str) -> Tag:
    """Follow a tag. Following it twice is not an error."""
    call.limit(FOLLOWS)
    async with call.server.write() as tx:
        tag = await following_tags.follow(tx, call.server, call.me, name)
        return (await show_tags(tx, [tag], call.urls, viewer=call.me.id))[0]


@post("/api/v1/tags/{name}/unfollow", scope="write:follows|follow", takes=[])
async def unfollow_tag(call: Call, name: str) -> Tag:
    """Follow it no longer."""
    async with call.server.write() as tx:
        tag = await following_tags.unfollow(tx, call.server, call.me, name)
        return (await show_tags(tx, [tag], call.urls, viewer=call.me.id))[0]
