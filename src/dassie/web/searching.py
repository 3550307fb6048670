"""Search: people, hashtags and posts known here; handles and links bring in what is elsewhere."""

from __future__ import annotations

from dassie.services import finding, showing
from dassie.services.finding import Found, Sought
from dassie.web import profiles
from dassie.web.answers import Answer, Go
from dassie.web.routing import page
from dassie.web.visits import Visit

EACH = 10
LONGEST = 500


@page("/search")
async def search(visit: Visit) -> Answer:
    """What there is; a pasted link of a known post or profile leads straight to it."""
    text = (visit.params.text("q") or "").strip()[:LONGEST]
    me = visit.me if visit.viewer is not None else None
    found = Found()
    if text:
        found = await finding.find(visit.server, me, Sought(text, limit=EACH, resolve=True))
    async with visit.server.read() as tx:
        shown = await showing.show(tx, found.statuses, viewer=visit.viewer)
        standing = await profiles.relations(tx, visit, found.accounts)
        around = await visit.page(tx)
    if text.startswith(("https://", "http://")):
        if shown:
            return Go(f"/@{shown[0].proper.account.acct}/{shown[0].proper.id}")
        if found.accounts:
            return Go(f"/@{found.accounts[0].acct}")
        if found.collections:
            return Go(f"/collections/{found.collections[0].id}")
    visit.looked(found.statuses)
    return visit.html(
        "pages/search.html",
        around,
        query=text,
        accounts=found.accounts,
        tags=[tag.display_name for tag in found.tags],
        statuses=shown,
        relations=standing,
        problem="",
    )


@page("/authorize_interaction", signed_in=True)
async def interact(visit: Visit) -> Answer:
    """Coming from another server with something of theirs to follow or answer."""
    uri = (visit.params.text("uri") or "").strip().removeprefix("acct:")[:LONGEST]
    visit.params = type(visit.params)({"q": uri})
    return await search(visit)
