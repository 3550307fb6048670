"""What happens to a poll in time: new tallies go out now and then, and its end is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from dassie.domain.ids import StatusId, to_ms
from dassie.domain.jobs import ClosePoll, PublishPoll, RefreshPoll
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import notifying
from dassie.store import polls, queue, statuses, votes
from dassie.store.tx import Tx
from dassie.store.views import PollView, StatusRow

BETWEEN_UPDATES = timedelta(minutes=3)
FRESH = timedelta(minutes=1)
"""How long the tallies of another server's poll are believed to be the newest."""
REMOTE_GRACE = timedelta(minutes=5)
"""Until the final tallies of another server's poll are here."""


async def plan_close(tx: Tx, status_id: StatusId) -> None:
    """Tell the end of the poll of this status when it comes."""
    poll = (await polls.of_statuses(tx, [status_id], viewer=None)).get(status_id)
    if poll is not None:
        await plan_close_of(tx, poll, timedelta())


async def plan_close_of(tx: Tx, poll: PollView, grace: timedelta = REMOTE_GRACE) -> None:
    """The same for a poll at hand; each end is planned once."""
    if poll.expires_at is None:
        return
    await queue.enqueue(
        tx,
        ClosePoll(poll_id=poll.id),
        run_at=poll.expires_at + grace,
        unique=f"{poll.id} {to_ms(poll.expires_at)}",
    )


async def plan_update(tx: Tx, poll: PollView) -> None:
    """Send new tallies to other servers, at most every few minutes; none while they are hidden."""
    if not poll.hide_totals:
        await queue.enqueue(
            tx, PublishPoll(poll_id=poll.id), run_at=tx.now + BETWEEN_UPDATES, unique=f"tallies {poll.id}"
        )


def is_stale(poll: PollView, row: StatusRow, now: datetime) -> bool:
    """Whether another server may have newer tallies than we do."""
    return not row.local and is_old(poll, now, FRESH)


def is_old(poll: PollView, now: datetime, fresh: timedelta) -> bool:
    """Whether the tallies of another server's poll were read longer ago than that, and may still change."""
    if poll.fetched_at is None:
        return True
    ended = poll.expires_at is not None and poll.fetched_at > poll.expires_at
    return not ended and now - poll.fetched_at > fresh


async def refresh(server: Server, poll: PollView) -> None:
    """Ask its server for new tallies, in the background. No unit may be open."""
    async with server.write() as tx:
        await queue.enqueue(tx, RefreshPoll(poll_id=poll.id), unique=f"refresh {poll.id}")


@handles(ClosePoll)
async def close_poll(server: Server, job: ClosePoll) -> None:
    """Tell the author and those of ours who voted, once; of our own polls send the final tallies."""
    async with server.write() as tx:
        poll = await polls.by_id(tx, job.poll_id)
        row = await statuses.by_id(tx, poll.status_id) if poll is not None else None
        if poll is None or row is None or not poll.expired(tx.now):
            return  # gone, or its end was moved: that one is planned too
        if not await votes.close(tx, poll.id):
            return
        await finish_with(tx)
        for voter in await votes.local_voters(tx, poll.id):
            await notifying.notify(tx, server, voter, "poll", poll.account_id, row.id)
        if row.local:
            await notifying.notify(tx, server, poll.account_id, "poll", poll.account_id, row.id)
            await queue.enqueue(tx, PublishPoll(poll_id=poll.id))
