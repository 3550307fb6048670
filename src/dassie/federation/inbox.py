"""The inboxes. A cheap gate, the signature, one row, 202; the work is done by a job (design 3, federation 10).

202 means that the activity is kept durably, or that we know it to be of no consequence here.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import timedelta
from hashlib import sha256

import structlog
from structlog.contextvars import bind_contextvars

from dassie.domain.errors import (
    BadRequest,
    Busy,
    DassieError,
    Gone,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TooLarge,
    TooMany,
)
from dassie.domain.ids import INSTANCE_ACCOUNT_ID, AccountId, to_ms
from dassie.domain.jobs import FetchRelayed, Inbound, Job, RefreshAccount, Relayed
from dassie.domain.relays import Relay
from dassie.door.limits import INBOX_BAD, Limits
from dassie.door.request import Request
from dassie.federation import relayed, relaying, sampling, strangers
from dassie.federation.inbound.handling import remember
from dassie.federation.inbound.ordering import order_key
from dassie.federation.keyring import Keyring
from dassie.federation.relevance import RELAYED, why_dropped
from dassie.federation.requests import own_hosts, signed_request
from dassie.federation.routing import Document, Visit, post
from dassie.federation.signatures import BadSignature, parse
from dassie.federation.turnstile import turn
from dassie.federation.vocab.activities import ActivityDoc, read_activity
from dassie.federation.vocab.documents import Malformed, decode
from dassie.federation.vocab.values import host_of, same_host
from dassie.server import PerServer, Server
from dassie.services.admitting import admission_of
from dassie.store import accounts, queue, senders
from dassie.store.senders import Sender

log = structlog.get_logger("inbox")

MAX_BYTES = 1_000_000
BODY_SECONDS = 30.0
KEPT_SIGNATURES = 100_000
RECOUNT_SECONDS = 5.0
SEEN_SECONDS = 3600.0
STALE = timedelta(days=7)
KEPT_HOSTS = 5_000
ACCEPTED = Document(b"", 202, "text/plain; charset=utf-8")


class Gate:
    """What the inboxes of this process remember; losing it is harmless."""

    def __init__(self, limits: bool) -> None:
        self.keyring = Keyring()
        self.limits = Limits(on=limits)
        self._signatures: OrderedDict[bytes, None] = OrderedDict()
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._waiting = 0
        self._counted_at = -RECOUNT_SECONDS

    async def check_room(self, server: Server) -> None:
        """Raises `Busy` where as many activities wait as may."""
        now = server.clock.monotonic()
        if now - self._counted_at >= RECOUNT_SECONDS:
            self._counted_at = now
            async with server.read() as tx:
                self._waiting = await senders.waiting(tx)
        if self._waiting >= server.config.inbox_limit:
            raise Busy("Too many activities are waiting here. Please try again later.", retry_after=60)

    def check_new(self, signature: bytes) -> None:
        """Raises `BadSignature` for a request that was taken before, byte for byte."""
        if _short(signature) in self._signatures:
            raise BadSignature("expired", "This very request was received before")

    def took(self, signature: bytes, *, waits: bool = False) -> None:
        """A request was taken; `waits`: as an activity in the queue."""
        self._waiting += waits
        self._signatures[_short(signature)] = None
        if len(self._signatures) > KEPT_SIGNATURES:
            self._signatures.popitem(last=False)

    def unseen(self, host: str, now: float) -> bool:
        """True at most once an hour for a host."""
        if now - self._seen.get(host, -SEEN_SECONDS) < SEEN_SECONDS:
            return False
        self._seen[host] = now
        self._seen.move_to_end(host)
        if len(self._seen) > KEPT_HOSTS:
            self._seen.popitem(last=False)
        return True


gate_of = PerServer(lambda server: Gate(server.config.rate_limits))
"""The gate of this running server."""


@post("/inbox")
async def shared_inbox(visit: Visit) -> Document:
    """The inbox for everybody here."""
    return await _receive(visit.server, visit.request, None)


@post("/users/{username}/inbox")
async def personal_inbox(visit: Visit, username: str) -> Document:
    """The inbox of one of ours: who gets something there may read it."""
    async with visit.server.read() as tx:
        account = await accounts.by_name(tx, username)
    if account is None:
        raise NotFound
    if account.suspended_at is not None:
        raise Gone
    return await _receive(visit.server, visit.request, account.id)


@post("/actor/inbox")
async def instance_inbox(visit: Visit) -> Document:
    """The inbox of the server itself."""
    return await _receive(visit.server, visit.request, INSTANCE_ACCOUNT_ID)


async def _receive(server: Server, request: Request, recipient: AccountId | None) -> Document:
    try:
        dropped = await _take(server, request, recipient)
    except DassieError as error:
        server.counters.add(f"inbox.refused.{_reason(error)}")
        if isinstance(error, TooMany | Busy) and "reason" in error.details:
            return _full(error)
        if isinstance(error, BadSignature):
            raise NotAuthenticated(error.safe, kind=error.kind, client=request.client, **error.details) from error
        if isinstance(error, Malformed):
            raise BadRequest(error.safe, client=request.client) from error
        raise
    server.counters.add(f"inbox.dropped.{dropped}" if dropped else "inbox.accepted")
    return ACCEPTED


def _full(error: TooMany | Busy) -> Document:
    """The clear answer to a relay; it is counted and listed, and no line in the log each time."""
    headers = [("retry-after", str(error.retry_after))]
    return Document({"error": error.safe}, 429 if isinstance(error, TooMany) else 503, "application/json", headers)


async def _take(server: Server, request: Request, recipient: AccountId | None) -> str | None:
    """Keep the activity; where it is of no consequence here, why not."""
    gate = gate_of(server)
    body = await _body(request)
    claimed = await relayed.claimed_relay(server, request)
    if claimed is not None:
        await turn(server)
    activity = read_activity(decode(body))
    bind_contextvars(activity=activity.id)  # the request's own context: it ends with the request
    if claimed is not None and relayed.is_relayed(claimed, activity):
        return await _take_relayed(server, gate, request, body, activity, claimed)
    personal = recipient is not None and recipient != INSTANCE_ACCOUNT_ID
    domain = host_of(activity.actor).partition(":")[0]
    async with server.read() as tx:
        sender = await senders.sender(tx, activity.actor, domain)
        if sender is None and activity.type == "Delete":
            return "unknown_actor"  # they come by the thousand: one look-up, and no matter from where
        if sender.server_suspended if sender is not None else await senders.is_suspended(tx, domain):
            raise NotAllowed("We do not talk with this server", domain=domain)
        if sender is not None and not sender.domain:
            raise NotAllowed("An actor of ours does not come in from outside", actor=activity.actor)
        if sender is not None and sender.suspended_at is not None:
            raise NotAllowed("This account is suspended here", actor=activity.actor)
        dropped = await why_dropped(tx, server.urls, activity, sender, personal=personal)
    if dropped == "unknown_actor" and _answers_relay(server, activity):
        dropped = None
    if dropped is not None:
        return dropped
    await gate.check_room(server)
    signer, signature = await _signer(server, gate, request, body, activity)
    if signer != activity.actor and (activity.type not in RELAYED or not activity.object_id):
        return "not_signed_by_actor"
    job = Inbound(
        signer=signer,
        body=body.decode(),
        received_at=to_ms(server.clock.now()),
        recipient=recipient if personal else None,
    )
    return await _keep(server, gate, job, activity, sender, signature)


def _answers_relay(server: Server, activity: ActivityDoc) -> bool:
    """Whether a relay answers our Follow: nobody has met it before."""
    named = (activity.object_id, activity.inner.id if activity.inner is not None else None)
    return activity.type in ("Accept", "Reject") and any(map(admission_of(server).expects, named))


async def _take_relayed(
    server: Server, gate: Gate, request: Request, body: bytes, activity: ActivityDoc, relay: Relay
) -> str | None:
    """Keep what a relay brings, where it is let in; why not, where it is of no consequence here."""
    offer = relayed.offer_of(activity, len(body))
    refused = await relayed.judge(server, relay, activity, offer)
    if refused is not None:
        return f"relay_{refused}"
    signer, signature = await _signer(server, gate, request, body, activity)
    relayed.check_signer(relay, signer)
    gate.took(signature)
    if relay.trial_until is not None:
        await sampling.sample(server, relay, activity, offer)
        return "relay_trial"
    announced = activity.type == "Announce"
    job: Job = FetchRelayed(relay.id, offer.uri) if announced else Relayed(relay.id, body.decode())
    unique = (offer.uri if announced else activity.id) or sha256(body).hexdigest()
    order = None if announced else order_key(activity)
    added = await strangers.put_in(server, relay, job, host=offer.host, unique=unique, order=order)
    relayed.book(server, relay, activity, offer, added)
    if gate.unseen(relay.domain, server.clock.monotonic()):
        await relaying.heard_from(server, relay)
    return None if added else "relay_duplicate"


async def _body(request: Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.body(MAX_BYTES)
    except TimeoutError:
        raise BadRequest("The request took too long to come.") from None


async def _signer(
    server: Server, gate: Gate, request: Request, body: bytes, activity: ActivityDoc
) -> tuple[str, bytes]:
    """Who signed, and the signature. Too many bad ones from one address are not looked at any more."""
    now = server.clock.now()
    gate.limits.count(INBOX_BAD, request.client_group, now, amount=0)
    try:
        signed = signed_request(server, request, body)
        parsed = parse(signed, hosts=own_hosts(server), now=now)
        gate.check_new(parsed.signature)
        signer = await gate.keyring.signer(server, parsed, signed, activity.actor)
    except (BadSignature, NotAuthenticated):
        gate.limits.count(INBOX_BAD, request.client_group, now)
        raise
    server.hosts.heard_from(host_of(signer))
    return signer, parsed.signature


async def _keep(
    server: Server, gate: Gate, job: Inbound, activity: ActivityDoc, sender: Sender | None, signature: bytes
) -> str | None:
    host = host_of(job.signer)
    own_id = activity.id if same_host(activity.id, activity.actor) else None
    async with server.write() as tx:
        added = await queue.enqueue(
            tx,
            job,
            host=host,
            unique=own_id or sha256(job.body.encode()).hexdigest(),
            order=order_key(activity),
        )
        if gate.unseen(host, server.clock.monotonic()):
            await senders.seen(tx, host)
        if sender is not None and sender.fetched_at is not None and sender.fetched_at < tx.now - STALE:
            await queue.enqueue(tx, RefreshAccount(uri=sender.uri), host=host, unique=sender.uri)
    gate.took(signature, waits=True)
    if added:
        remember(job.body, activity)
    return None if added else "duplicate"


def _reason(error: DassieError) -> str:
    if isinstance(error, BadSignature):
        return f"signature_{error.kind}"
    if isinstance(error, TooMany | Busy) and "reason" in error.details:
        return str(error.details["reason"])
    names: list[tuple[type[DassieError], str]] = [
        (NotAuthenticated, "no_key"),
        (NotAllowed, "suspended"),
        (Malformed, "malformed"),
        (BadRequest, "malformed"),
        (TooLarge, "too_large"),
        (TooMany, "too_many_bad"),
        (Busy, "full"),
    ]
    return next((name for kind, name in names if isinstance(error, kind)), "other")


def _short(signature: bytes) -> bytes:
    return sha256(signature).digest()[:16]
