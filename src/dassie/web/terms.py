"""The pages of the terms of service."""

from __future__ import annotations

from dassie.domain.errors import NotFound
from dassie.domain.settings import next_terms, terms_now
from dassie.store import settings
from dassie.web.answers import Html
from dassie.web.routing import page
from dassie.web.visits import Visit


@page("/terms-of-service")
async def terms(visit: Visit) -> Html:
    """The terms in force, or the first that will be."""
    return await _page(visit, None)


@page("/terms-of-service/{date}")
async def terms_of_date(visit: Visit, date: str) -> Html:
    """Those that came into force on a day."""
    return await _page(visit, date)


async def _page(visit: Visit, date: str | None) -> Html:
    async with visit.server.read() as tx:
        said = await settings.instance(tx)
        today = tx.now.date()
        around = await visit.page(tx)
    if date is None:
        found = terms_now(said.terms, today)
    else:
        found = next((one for one in said.terms if one.effective_on.isoformat() == date), None)
    if found is None:
        raise NotFound
    return visit.html("pages/terms.html", around, terms=found, after=next_terms(said.terms, found))
