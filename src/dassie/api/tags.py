"""Hashtags, known here or not."""

from __future__ import annotations

from dassie.api.entities.tags import Tag, show_tags
from dassie.api.routing import Call, get
from dassie.domain.errors import NotFound
from dassie.domain.text import normalise_tag
from dassie.store import tag_uses
from dassie.store.tag_uses import TagView

MAX_NAME = 500


@get("/api/v1/tags/{name}", takes=[])
async def get_tag(call: Call, name: str) -> Tag:
    """One tag with its uses in the last days; one that nobody used has none."""
    normalised = normalise_tag(name[:MAX_NAME])
    if not normalised:
        raise NotFound
    async with call.server.read() as tx:
        known = await tag_uses.by_names(tx, [normalised])
        tag = known.get(normalised) or TagView(None, normalised, name.strip().lstrip("#＃"))
        return (await show_tags(tx, [tag], call.urls, viewer=call.viewer))[0]
