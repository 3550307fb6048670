"""Send our activities to other servers: each delivery is a job with its own tries, and leaves a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from msgspec.json import decode

from dassie.domain.errors import GiveUp, NotFound, RemoteFailed, Retry
from dassie.domain.jobs import Deliver, Job
from dassie.federation.signing import signed_http
from dassie.jobs.current import current, finish_with
from dassie.jobs.registry import Outcome, handles, records, recurs
from dassie.ports import Answer
from dassie.server import Server
from dassie.store import activities, queue, senders
from dassie.store.queue import Claimed
from dassie.store.tx import Tx

KEPT = timedelta(days=30)
FIRST_SECONDS = 12.0
"""Patience with a server that may be dead; later tries, when it has been slow, get more."""
LATER_SECONDS = 25.0
WAIT = frozenset({408, 429, 503})
GONE = frozenset({404, 410})


class Refused(GiveUp):
    """The other server does not want it, and will not tomorrow."""

    def __init__(self, reason: str, code: int) -> None:
        super().__init__(reason)
        self.code = code


class AskAgain(Retry):
    """The other server answered, but did not take it yet."""

    def __init__(self, reason: str, code: int, *, after: float | None = None) -> None:
        super().__init__(reason, after=after)
        self.code = code


async def send(
    tx: Tx, account_id: int, body: bytes, inboxes: Sequence[str], *, order: str, object_uri: str | None = None
) -> None:
    """Put one delivery per inbox into the queue.

    What has the same `order` arrives in order at each server: an edit never overtakes its post.
    """
    if not inboxes:
        return
    activity_id = await activities.add(tx, account_id, body, object_uri)
    targets = [(inbox, host_of(inbox)) for inbox in dict.fromkeys(inboxes)]
    await activities.expect(tx, activity_id, targets)
    jobs: list[tuple[Job, str]] = [(Deliver(activity_id, account_id, inbox), host) for inbox, host in targets]
    await queue.enqueue_many(tx, jobs, order=order)


@handles(Deliver)
async def deliver(server: Server, job: Deliver) -> None:
    """Send one activity to one inbox. Sending it twice is harmless, since it keeps its id.

    What the answer means is in federation.md section 10. Raises `Retry`, `GiveUp` or `RemoteFailed`; the last
    counts against the host, which is paused after some in a row.
    """
    async with server.read() as tx:
        body = await activities.body(tx, job.activity_id)
        refused = await senders.is_suspended(tx, host_of(job.inbox).partition(":")[0])
    if body is None or refused:
        await _drop(server, job, "we do not talk with this server any more" if refused else "its sender is gone")
        return
    try:
        answer = await signed_http(server).post(job.inbox, body, account_id=job.account_id, timeout=_patience())
    except NotFound as error:
        raise GiveUp("the account that sends it has no key any more") from error
    except RemoteFailed as error:
        if error.kind == "blocked_address":
            raise GiveUp(error.safe) from error
        raise
    judge(answer, host_of(job.inbox), answer.retry_after(server.clock.now()))


def judge(answer: Answer, host: str, wait: float | None) -> None:
    """Nothing where the answer means that it arrived; raises what it means otherwise."""
    code = answer.code
    if answer.ok:
        return
    said = f"{host} answered {code}"
    if code in WAIT or (code >= 500 and code != 501):
        raise RemoteFailed(said, kind="http", code=code, retry_after=wait if code in WAIT else None)
    if 300 <= code < 400:  # not followed: a moved inbox is told by the actor document
        raise AskAgain(f"{said}: it sends us elsewhere", code)
    if code == 401:  # it could not fetch our key just now, or its clock is wrong: worth another try
        raise AskAgain(f"{said}: our signature was not accepted", code)
    if code in GONE:
        raise Refused(f"{said}: this inbox is gone", code)
    raise Refused(said, code)


@records(Deliver)
async def record(tx: Tx, job: Deliver, outcome: Outcome) -> None:
    """Write the receipt in the unit in which the queue learns of it."""
    await activities.record(
        tx,
        job.activity_id,
        job.inbox,
        state="delivered" if outcome.state == "done" else outcome.state,
        tries=outcome.tries,
        code=outcome.code,
        error=outcome.why,
        next_at=outcome.next_at,
    )


@recurs(timedelta(hours=1))
async def give_up_on_silent_servers(server: Server) -> None:
    """Let go of deliveries that waited as long as they are kept; the receipt says so."""
    assert Deliver.keeps is not None
    while True:
        async with server.read() as tx:
            waited = await queue.waited_since(tx, Deliver.__name__, tx.now - Deliver.keeps)
        if not waited:
            return
        async with server.write() as tx:
            dropped = await queue.let_go(tx, waited)
            for job in dropped:
                await _silent(tx, job)
        for job in dropped:
            server.counters.add(f"jobs.gave_up.{job.kind}")
            server.counters.add(f"host.gave_up.{server.hosts.reason(job.host) or 'other'}")


async def _silent(tx: Tx, job: Claimed) -> None:
    told = decode(job.args, type=Deliver)
    why = f"{job.host} did not answer in {(tx.now - job.created_at).days} days"
    await activities.record(tx, told.activity_id, told.inbox, state="gave_up", tries=job.attempts, error=why)


@recurs(timedelta(hours=6))
async def forget_deliveries(server: Server) -> None:
    """Drop activities and receipts older than a month, some at a time."""
    while True:
        async with server.write() as tx:
            if not await activities.forget_old(tx, tx.now - KEPT):
                return


def host_of(inbox: str) -> str:
    """The server an inbox is on, with its port where that is named: pauses and breakers go by it."""
    return urlsplit(inbox).netloc.rpartition("@")[2].lower()


async def _drop(server: Server, job: Deliver, why: str) -> None:
    """Not sent, and nobody needs to look at it."""
    async with server.write() as tx:
        await activities.record(tx, job.activity_id, job.inbox, state="gave_up", tries=_tries(), error=why)
        await finish_with(tx)


def _patience() -> float:
    return FIRST_SECONDS if _tries() <= 1 else LATER_SECONDS


def _tries() -> int:
    running = current.get()
    return running.job.attempts if running is not None else 1
