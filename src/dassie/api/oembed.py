"""Posts of ours on other sites: what a site asks for that finds the link to one."""

from __future__ import annotations

from msgspec import Raw, json

from dassie.api.entities.oembed import OEmbed, show_oembed
from dassie.api.routing import Call, Reply, get
from dassie.domain.errors import NotFound
from dassie.domain.ids import StatusId
from dassie.door import taking as take
from dassie.services import embedding

WIDEST = 4096
NARROWEST = 220
NO_XML = "Only JSON is spoken here"


@get(
    "/api/oembed",
    takes=[
        take.text("url", "The address of a post of this server.", required=True, most=2_000),
        take.integer("maxwidth", "400 if not given."),
        take.integer("maxheight"),
        take.text("format", "Only `json`; anything else is answered with 501.", most=100),
    ],
    codes={501: "The format is not JSON"},
)
async def oembed(call: Call) -> Reply[OEmbed]:
    """oEmbed data of a public post of ours."""
    if (call.params.text("format", most=100) or "json") != "json":
        return Reply(Raw(json.encode({"error": NO_XML})), 501)  # type: ignore[arg-type]
    width = call.params.integer("maxwidth") or embedding.WIDTH
    height = call.params.integer("maxheight")
    async with call.server.read() as tx:
        address = call.params.text("url", required=True, most=2_000) or ""
        found = await embedding.by_address(tx, call.urls, address)
    if found is None:
        raise NotFound
    width = min(max(width, NARROWEST), WIDEST)
    return Reply(show_oembed(found, call.urls, width=width, height=_height(height)))


@get("/api/web/embeds/{id}", takes=[])
async def embed(call: Call, id: StatusId) -> OEmbed:
    """The same by id, for the web interface."""
    async with call.server.read() as tx:
        found = await embedding.embeddable(tx, id)
    if found is None:
        raise NotFound
    return show_oembed(found, call.urls)


def _height(asked: int | None) -> int | None:
    return None if asked is None or asked <= 0 else max(asked, embedding.LEAST)
