"""Reblogs: showing a status to one's own followers, and who did."""

from __future__ import annotations

from dassie.api.entities.accounts import Account
from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.marking import clear_mark, list_people, shown_now
from dassie.api.routing import Call, Reply, get, post
from dassie.domain.ids import StatusId
from dassie.door import taking as take
from dassie.door.limits import DELETIONS, POSTS
from dassie.services import reblogging
from dassie.services.seeing import proper_status
from dassie.store import reblogs
from dassie.store.marks import rebloggers
from dassie.store.tx import Tx

AUDIENCES = frozenset({"public", "unlisted", "private"})


@post("/api/v1/statuses/{id}/reblog", scope="write:statuses", takes=[take.word("visibility", AUDIENCES)])
async def reblog(call: Call, id: StatusId) -> EncodedStatus:
    """Reblog a status; the answer is the reblog. Doing it twice gives the first one."""
    visibility = call.params.word("visibility", AUDIENCES)
    call.limit(POSTS)
    async with call.server.write() as tx:
        original = await proper_status(tx, call.me.id, id)
        made = await reblogging.reblog(tx, call.server, call.me, original, visibility)
    return await shown_now(call, made.id)


@post("/api/v1/statuses/{id}/unreblog", scope="write:statuses", takes=[])
async def unreblog(call: Call, id: StatusId) -> EncodedStatus:
    """Take it back; the answer is the status that was reblogged."""
    call.limit(DELETIONS)
    return await clear_mark(call, id, _reblogged, reblogging.unreblog)


@get("/api/v1/statuses/{id}/reblogged_by", scope="read:accounts?", takes=[*take.page(40, 80)])
async def list_rebloggers(call: Call, id: StatusId) -> Reply[list[Account]]:
    """Who openly reblogged a status, the latest first."""
    return await list_people(call, id, rebloggers)


async def _reblogged(tx: Tx, me: int, status_id: int) -> bool:
    return await reblogs.of(tx, me, status_id) is not None
