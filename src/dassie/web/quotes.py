"""Posts that quote one, and taking one's own post out of them."""

from __future__ import annotations

from dassie.domain.errors import NotFound
from dassie.domain.ids import StatusId
from dassie.services import quoting, seeing
from dassie.store import accounts, quotes, statuses
from dassie.web.answers import Answer, Go
from dassie.web.reading import feed, show
from dassie.web.routing import form, page
from dassie.web.visits import Visit


@page("/@{username}/{id}/quotes")
async def quotes_of(visit: Visit, username: str, id: StatusId) -> Answer:
    """Posts that quote this one with its author's consent: those the reader may see.

    The author can also end those they cannot read, as of somebody who blocked them.
    """
    part = visit.part()
    async with visit.server.read() as tx:
        status = await seeing.proper_status(tx, visit.viewer, id)
        author = await accounts.by_id(tx, status.account_id)
        if author is None or author.acct != username:
            raise NotFound
        own = status.account_id == visit.viewer
        found = await quotes.quoting_page(tx, status.id, part, viewer=visit.viewer, every=own)
        shown = await show(tx, visit, found, "thread")
        seen = await statuses.visible(tx, found, viewer=visit.viewer) if own else found
        around = await visit.page(tx)
    hidden = [one for one in found if one not in seen]
    return feed(visit, "pages/quotes.html", around, shown, found, quoted=status, author=author, own=own, hidden=hidden)


@form("/statuses/{id}/quotes/{quoting_id}/revoke")
async def revoke(visit: Visit, id: StatusId, quoting_id: StatusId) -> Answer:
    """Take one's own post out of one that quotes it."""
    async with visit.server.write() as tx:
        await quoting.revoke(tx, visit.server, visit.me, id, quoting_id)
    return Go(visit.back(f"/@{visit.me.username}/{id}/quotes"), "quote_revoked")
