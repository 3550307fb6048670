"""What is talked of, and whom one might like to follow."""

from __future__ import annotations

from dassie.services import suggesting
from dassie.store import accounts, trends
from dassie.store.views import AccountView
from dassie.web.answers import Html
from dassie.web.profiles import relations
from dassie.web.reading import show
from dassie.web.routing import page
from dassie.web.visits import Visit

TAGS, LINKS, POSTS, PEOPLE = 10, 5, 20, 5


@page("/explore")
async def explore(visit: Visit) -> Html:
    """Hashtags, links and posts that trend here; for people who are signed in also people."""
    suggested = await suggesting.suggest(visit.server, visit.viewer) if visit.viewer is not None else []
    async with visit.server.read() as tx:
        tags = await trends.trending_tags(tx, limit=TAGS, offset=0)
        links = await trends.trending_links(tx, limit=LINKS, offset=0)
        ids = await trends.trending_statuses(tx, visit.viewer, limit=POSTS, offset=0)
        shown = await show(tx, visit, ids, "public")
        known = await accounts.by_ids(tx, [one.account_id for one in suggested[:PEOPLE]])
        people: list[AccountView] = [known[one.account_id] for one in suggested[:PEOPLE] if one.account_id in known]
        standing = await relations(tx, visit, people)
        around = await visit.page(tx)
    html = visit.html(
        "pages/explore.html",
        around,
        tags=tags,
        links=links,
        statuses=shown,
        people=people,
        relations=standing,
    )
    visit.looked([one.id for one in shown])
    return html
