"""The figures of a status, likes and boosts: counted one by one, or where a post of ours is hot, from its rows."""

from __future__ import annotations

from dassie.domain.jobs import SettleMarks
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import notifying, surging
from dassie.store import notifications, statuses, tallies
from dassie.store.tx import Tx
from dassie.store.views import StatusRow

MARKS = ("favourite", "reblog")


async def count(tx: Tx, server: Server, status: StatusRow, name: str, by: int, *, at_once: bool = False) -> None:
    """Add to `favourites_count` or `reblogs_count`; where the status is hot, within about a second.

    `at_once`: whoever did it waits for the new figure.
    """
    hot = status.local and surging.heat_of(server).mark(status.id, server.clock.monotonic())
    await _count(tx, server, status.id, name, by, later=hot and not at_once)


async def boost_gone(tx: Tx, server: Server, boost: StatusRow, original_id: int) -> None:
    """Count a boost less, that is about to be removed."""
    later = not boost.local and surging.is_hot(server, original_id)
    await _count(tx, server, original_id, "reblogs_count", -1, later=later)


async def _count(tx: Tx, server: Server, status_id: int, name: str, by: int, *, later: bool) -> None:
    if later:
        await surging.settle_soon(tx, status_id)
        server.counters.add("surge.marks_batched")
    else:
        await statuses.count(tx, status_id, name, by)


@handles(SettleMarks)
async def settle(server: Server, job: SettleMarks) -> None:
    """Count the likes and boosts of a status, and tell its author of the newest of them.

    Counted from the rows, the figures come out right whatever was counted before, once or twice or not at all.
    """
    async with server.write() as tx:
        await tallies.close(tx, job.status_id)
        if await tallies.recount(tx, job.status_id):
            server.counters.add("surge.settled")
        await _tell_newest(tx, server, job)
        await finish_with(tx)


async def _tell_newest(tx: Tx, server: Server, job: SettleMarks) -> None:
    row = await statuses.by_id(tx, job.status_id)
    if row is None:
        return  # deleted meanwhile
    for type in MARKS:
        newest = await notifications.newest_about(tx, row.account_id, type, row.id, since=job.since)
        if newest is not None:
            await notifying.publish(tx, server, newest)
