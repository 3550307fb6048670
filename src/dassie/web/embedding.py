"""A post alone, to stand in a frame on somebody else's page: without scripts, cookies, or a word of who looks."""

from __future__ import annotations

from msgspec import structs

from dassie.domain.errors import NotFound
from dassie.domain.ids import StatusId
from dassie.services import embedding
from dassie.web.answers import Answer, Go
from dassie.web.routing import page
from dassie.web.visits import Visit


@page("/@{username}/{id}/embed")
async def embed(visit: Visit, username: str, id: StatusId) -> Answer:
    """A public post of ours. Who is signed in sees the same as everybody."""
    visit.caller = None
    async with visit.server.read() as tx:
        found = await embedding.embeddable(tx, id)
        if found is None:
            raise NotFound
        if found.account.username != username:
            return Go(f"/@{found.account.username}/{id}/embed")
        around = await visit.page(tx)
    headers = [("cache-control", "public, max-age=180"), ("vary", "Accept-Language")]
    html = visit.html("pages/embed.html", structs.replace(around, notice=None), headers=headers, status=found)
    html.framed = True
    return html
