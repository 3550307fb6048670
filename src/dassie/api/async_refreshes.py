"""How far background work is that an answer told of in its header `Mastodon-Async-Refresh`."""

from __future__ import annotations

from dassie.api.entities.async_refreshes import WrappedAsyncRefresh, show_async_refresh
from dassie.api.routing import Call, get
from dassie.domain.errors import NotFound
from dassie.store import thread_fetches

LONGEST = 64


@get("/api/v1_alpha/async_refreshes/{id}", scope="read", user=True, takes=[])
async def get_async_refresh(call: Call, id: str) -> WrappedAsyncRefresh:
    """Whether more may come, and how much came. The id cannot be guessed: who has it was given it with a thread."""
    async with call.server.read() as tx:
        fetch = await thread_fetches.by_token(tx, id) if len(id) <= LONGEST else None
    if fetch is None:
        raise NotFound
    return {"async_refresh": show_async_refresh(fetch, call.server.clock.now())}
