"""The thread around a status; one of another server is read as a whole because somebody with a login opened it."""

from __future__ import annotations

from dassie.api.entities.async_refreshes import refresh_header
from dassie.api.entities.contexts import Context
from dassie.api.entities.statuses import show_statuses
from dassie.api.routing import Call, Reply, get
from dassie.domain.ids import StatusId
from dassie.services import fetching_threads
from dassie.services.seeing import proper_status
from dassie.store import threads

DEEP = 4096
"""How much of a thread somebody with a login gets."""
MOST_LOOKED_AT = 60
"""Of a long thread, so many above and below count as looked at."""
ANONYMOUS = (40, 60, 20)
"""Ancestors, descendants and depth for everybody else."""


@get("/api/v1/statuses/{id}/context", scope="read:statuses?", takes=[])
async def get_context(call: Call, id: StatusId) -> Reply[Context]:
    """What a status answers, and what answers it. Where more of it is being looked for elsewhere, the header
    `Mastodon-Async-Refresh` says by which id to ask how that goes."""
    viewer = call.viewer
    above, below, depth = (DEEP, DEEP, DEEP) if viewer is not None else ANONYMOUS
    async with call.server.read() as tx:
        status = await proper_status(tx, viewer, id)
        before = await threads.ancestors(tx, status.id, viewer, most=above)
        after = await threads.descendants(tx, status.id, viewer, most=below, depth=depth)
        shown: Context = {
            "ancestors": await show_statuses(tx, before, viewer=viewer, urls=call.urls),
            "descendants": await show_statuses(tx, after, viewer=viewer, urls=call.urls),
        }
    fetch = await fetching_threads.begin(call.server, viewer, status)
    call.looked([*before[-MOST_LOOKED_AT:], *after[:MOST_LOOKED_AT]], thread=status.id)
    return Reply(shown, headers=[refresh_header(fetch)] if fetch is not None else [])
