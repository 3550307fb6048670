"""Hashtags on profiles."""

from __future__ import annotations

from dassie.api.entities.shapes import Empty
from dassie.api.entities.tags import FeaturedTag, Tag, show_featured_tag, show_tags
from dassie.api.routing import Call, delete, get, post
from dassie.domain.errors import NotFound
from dassie.domain.ids import AccountId
from dassie.door import taking as take
from dassie.services import featuring_tags
from dassie.store import accounts, featured_tags, tag_uses

SUGGESTED = 10


@get("/api/v1/featured_tags", scope="read:accounts", user=True, takes=[])
async def own_featured_tags(call: Call) -> list[FeaturedTag]:
    """The caller's tags, those with the most posts first."""
    async with call.server.read() as tx:
        return [show_featured_tag(one, call.me, call.urls) for one in await featured_tags.of(tx, call.me.id)]


@get("/api/v1/featured_tags/suggestions", scope="read:accounts", user=True, takes=[])
async def suggested_tags(call: Call) -> list[Tag]:
    """What the caller used lately, and could put there."""
    async with call.server.read() as tx:
        found = await featured_tags.recent(tx, call.me.id, SUGGESTED)
        return await show_tags(tx, found, call.urls, viewer=call.me.id)


@post("/api/v1/featured_tags", scope="write:accounts", takes=[take.text("name", required=True, most=2_000)])
async def feature_tag(call: Call) -> FeaturedTag:
    """Put a tag on the profile."""
    name = call.params.text("name", required=True, most=2_000) or ""
    async with call.server.write() as tx:
        return show_featured_tag(await featuring_tags.feature(tx, call.me, name), call.me, call.urls)


@delete("/api/v1/featured_tags/{id}", scope="write:accounts", takes=[])
async def unfeature_tag(call: Call, id: int) -> Empty:
    """Take it off."""
    async with call.server.write() as tx:
        await featuring_tags.unfeature(tx, call.me, id)
    return {}


@post("/api/v1/tags/{name}/feature", scope="write:accounts", takes=[])
async def feature_by_name(call: Call, name: str) -> Tag:
    """The same, with the tag as the answer."""
    async with call.server.write() as tx:
        one = await featuring_tags.feature(tx, call.me, name)
        known = await tag_uses.by_names(tx, [one.tag])
        return (await show_tags(tx, [known[one.tag]], call.urls, viewer=call.me.id))[0]


@post("/api/v1/tags/{name}/unfeature", scope="write:accounts", takes=[])
async def unfeature_by_name(call: Call, name: str) -> Tag:
    """Take it off, with the tag as the answer."""
    async with call.server.write() as tx:
        tag = await featuring_tags.unfeature_name(tx, call.me, name)
        return (await show_tags(tx, [tag], call.urls, viewer=call.me.id))[0]


@get("/api/v1/accounts/{id}/featured_tags", takes=[])
async def featured_tags_of(call: Call, id: AccountId) -> list[FeaturedTag]:
    """What somebody shows; of others as far as this server has read it, which it does when a profile is looked at."""
    async with call.server.read() as tx:
        account = await accounts.by_id(tx, id)
        if account is None:
            raise NotFound
        if account.suspended_at is not None:
            return []
        return [show_featured_tag(one, account, call.urls) for one in await featured_tags.of(tx, id)]
