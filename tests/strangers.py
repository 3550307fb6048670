"""Statuses of other servers, and when jobs are due: for tests of what leaves or enters this server."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select

from dassie.domain.ids import new_id
from dassie.services import writing
from dassie.services.writing import NewStatus
from dassie.store import statuses
from dassie.store.tables import jobs
from dassie.store.tx import Query, row
from dassie.store.views import AccountView, StatusRow
from worlds import World

_JOBS = Query(row, select(jobs.c.kind, jobs.c.args, jobs.c.run_at, jobs.c.unique_key).order_by(jobs.c.id))


async def remote_status(world: World, author: AccountView, text: str = "hi", **values: Any) -> StatusRow:
    """A status of another server that came in."""
    async with world.server.write() as tx:
        given: dict[str, Any] = {
            "author": author,
            "uri": f"{author.uri}/{new_id(tx.now)}",
            "visibility": "public",
            "content": f"<p>{text}</p>",
        }
        made = await writing.write_status(tx, world.server, NewStatus(**(given | values)))
    assert made is not None
    return made


async def status_row(world: World, id: str | int) -> StatusRow:
    """A status as stored."""
    async with world.server.read() as tx:
        found = await statuses.by_id(tx, int(id))
    assert found is not None
    return found


async def waiting_jobs(world: World, kind: str) -> list[dict[str, Any]]:
    """The arguments of the unfinished jobs of a kind, with `run_at` and `unique`, in order."""
    async with world.server.read() as tx:
        found = await tx.all(_JOBS)
    return [
        msgspec.json.decode(args) | {"run_at": run_at, "unique": unique}
        for name, args, run_at, unique in found
        if name == kind
    ]
