"""The job that handles a received activity."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable

import structlog
from structlog.contextvars import bind_contextvars

from dassie.domain.errors import NotAllowed, NotFound, RemoteFailed, Retry
from dassie.domain.ids import AccountId
from dassie.domain.jobs import Inbound
from dassie.federation.inbound.registry import INBOUND, Dropped, Received
from dassie.federation.vocab.activities import ActivityDoc, read_activity
from dassie.federation.vocab.documents import Malformed, decode
from dassie.federation.vocab.values import host_of
from dassie.jobs.current import charge, current, spend
from dassie.jobs.registry import KINDS, handles
from dassie.server import Server

log = structlog.get_logger("inbound")

LASTING = frozenset({"malformed", "content_type", "blocked_address", "too_large", "redirects"})
READ_BEFORE = 256

_READ: OrderedDict[str, ActivityDoc] = OrderedDict()
"""What the gate has just read, by its text: mostly it is handled a moment later by the same process."""


def remember(body: str, activity: ActivityDoc) -> None:
    """Spare the handler reading this again."""
    _READ[body] = activity
    if len(_READ) > READ_BEFORE:
        _READ.popitem(last=False)


def read_again(body: str) -> ActivityDoc:
    """The activity in a body that the gate has read before; raises `Malformed` where a newer version is stricter."""
    return _READ.pop(body, None) or read_activity(decode(body.encode()))


@handles(Inbound)
async def handle(server: Server, job: Inbound) -> None:
    """Do what an activity says, once. What has no effect here is counted and forgotten."""
    try:
        activity = read_again(job.body)
    except Malformed:
        return  # the gate has read it before; a newer version may be stricter
    bind_contextvars(activity=activity.id)  # the job's own context: it ends with the job
    recipient = AccountId(job.recipient) if job.recipient is not None else None
    charge("host", host_of(activity.actor))
    spend(bytes=len(job.body))
    await dispatch(server, Received(activity, job.signer == activity.actor, recipient))


async def dispatch(server: Server, received: Received) -> None:
    """Hand an activity to the function for its type; raises `Retry` where another server did not answer."""
    name = received.activity.type
    why = await outcome(lambda: carry_out(server, received))
    if why is None:
        server.counters.add(f"inbox.handled.{name}")
        return
    server.counters.add(f"inbox.no_effect.{why}")
    log.debug("an activity had no effect", type=name, why=why, actor=received.activity.actor)


async def carry_out(server: Server, received: Received) -> None:
    """The same; raises what goes wrong as it is."""
    handler = INBOUND.get(received.activity.type)
    if handler is None:
        raise Dropped("ignored_type")
    await handler(server, received)


async def outcome(work: Callable[[], Awaitable[None]]) -> str | None:
    """Why `work` had no effect, in one word; None where it had one. Raises `Retry` where it is worth another try."""
    try:
        await work()
    except Dropped as dropped:
        return dropped.why
    except Malformed:
        return "malformed"
    except (NotFound, NotAllowed):
        return "not_given"
    except RemoteFailed as failed:
        if not _lasting(failed) and not last_try():
            # Not as it is: the failure may be that of a third server, and the sender's would be paused for it.
            raise Retry(failed.safe, after=failed.retry_after) from failed
        return f"remote_{failed.kind}"
    return None


def last_try() -> bool:
    """Whether the running job would be set aside now: what another server does not give is no fault to look into."""
    running = current.get()
    rules = KINDS.get(running.job.kind) if running is not None else None
    return running is not None and rules is not None and running.job.attempts >= rules.job.attempts


def _lasting(failed: RemoteFailed) -> bool:
    """Whether asking again would give the same."""
    refused = failed.code is not None and 400 <= failed.code < 500 and failed.code not in (401, 408, 429)
    return failed.kind in LASTING or refused
