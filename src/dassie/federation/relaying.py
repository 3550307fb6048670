"""Taking part in relays on the wire: our Follow and its Undo, their answers, and our public posts (federation 9)."""

from __future__ import annotations

import msgspec

from dassie.domain.errors import DassieError, NotAllowed, NotFound, RemoteFailed
from dassie.domain.ids import INSTANCE_ACCOUNT_ID
from dassie.domain.jobs import TellRelay
from dassie.domain.relays import Relay
from dassie.federation.delivery import send
from dassie.federation.inbound.handling import last_try
from dassie.federation.outbound import activities
from dassie.federation.outbound.notes import Audience
from dassie.federation.outbound.terms import PUBLIC, Doc
from dassie.federation.vocab.values import host_of, same_host
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import keys
from dassie.services.admitting import admission_of
from dassie.services.looking_up import parse_handle
from dassie.store import accounts, relays
from dassie.store.tx import Tx
from dassie.store.views import StatusRow

RELAY_TYPES = frozenset({"Application", "Service", "Group"})

_encode = msgspec.json.Encoder().encode


@handles(TellRelay)
async def tell_relay(server: Server, job: TellRelay) -> None:
    """Send our Follow, or its Undo; a relay that is named by its actor is looked up first."""
    me = await keys.instance_actor(server)
    async with server.read() as tx:
        relay = await relays.by_id(tx, job.relay_id)
    if relay is None or (job.what == "follow" and relay.state != "pending"):
        return
    if not relay.inbox_url:
        if job.what == "undo":
            return  # it was never found, so it was never asked
        relay = await _found(server, relay)
        if relay is None:
            return
    target = PUBLIC if relay.kind == "mastodon" else relay.actor_uri or ""
    doc = activities.follow(relay.follow_uri, me.uri, target)
    if job.what == "undo":
        doc = activities.undo(doc)
    async with server.write() as tx:
        await send(tx, me.id, _encode(doc), [relay.inbox_url], order=f"relay {relay.id}")
        await finish_with(tx)


async def _found(server: Server, relay: Relay) -> Relay | None:
    """The relay with its actor's inbox; None where there is no relay at this address, which is noted."""
    try:
        id = await _actor_of(server, relay)
    except RemoteFailed as failed:
        if not last_try():
            await _note(server, relay, f"{failed.safe}. It will be asked again.")
            raise
        await _note(server, relay, failed.safe)
        return None
    except (NotFound, NotAllowed) as error:
        await _note(server, relay, error.safe)
        return None
    async with server.read() as tx:
        account = await accounts.by_id(tx, id)
        ends = (await accounts.endpoints(tx, [id])).get(id)
    if account is None or ends is None or not ends.inbox_url or account.actor_type not in RELAY_TYPES:
        await _note(server, relay, "At this address is no relay, but somebody's profile.")
        return None
    async with server.write() as tx:
        domain = host_of(account.uri)
        await relays.change(
            tx, relay.id, actor_uri=account.uri, inbox_url=ends.inbox_url, domain=domain, last_error=None
        )
        tx.after_commit(admission_of(server).changed)
        return await relays.by_id(tx, relay.id)


async def _actor_of(server: Server, relay: Relay) -> int:
    handle = parse_handle(relay.url, server.urls) if "://" not in relay.url else None
    if handle is not None:
        return await server.remote.account_by_handle(*handle)
    return await server.remote.account(relay.url)


async def _note(server: Server, relay: Relay, why: str) -> None:
    async with server.write() as tx:
        await relays.change(tx, relay.id, last_error=why[:500])


# Their answers ---------------------------------------------------------------------------------------


async def answered(tx: Tx, server: Server, actor: str, follow_uri: str | None, *, yes: bool) -> bool:
    """Take a relay's answer to our Follow; False where this Follow was to no relay, or the answer is not its own."""
    relay = await relays.by_follow(tx, follow_uri) if follow_uri else None
    if relay is None or not same_host(actor, relay.inbox_url):
        return False
    if relay.state == "left" or (relay.kind == "litepub" and relay.actor_uri not in (None, actor)):
        return True  # it answers what was taken back
    if yes:
        await relays.change(
            tx, relay.id, state="accepted", actor_uri=actor, accepted_at=tx.now, last_heard_at=tx.now, last_error=None
        )
    else:
        await relays.change(
            tx, relay.id, state="rejected", last_error="The relay does not take us in; ask who runs it."
        )
    tx.after_commit(admission_of(server).changed)
    return True


async def is_relay(tx: Tx, actor: str) -> bool:
    """Whether this actor is a relay in which we take part: it may follow our server."""
    return any(relay.actor_uri == actor and relay.state != "left" for relay in await relays.all_of_them(tx))


async def heard_from(server: Server, relay: Relay) -> None:
    """Something valid came from it just now; noted at most once an hour."""
    try:
        async with server.write() as tx:
            await relays.change(tx, relay.id, last_heard_at=tx.now)
    except DassieError:
        return  # such as a full disk: a figure is not worth an error


# Our posts -------------------------------------------------------------------------------------------


async def pass_to_relays(tx: Tx, server: Server, row: StatusRow) -> None:
    """Announce a new public status of ours to the relays that work by announcing."""
    if row.visibility != "public":
        return
    wanted = [relay for relay in await relays.all_of_them(tx) if _wants(relay)]
    me = await accounts.by_id(tx, INSTANCE_ACCOUNT_ID)
    if me is None:
        return
    for relay in wanted:
        doc = _announcement(me.uri, relay, row)
        await send(tx, me.id, _encode(doc), [relay.inbox_url], order=f"relay {relay.id}", object_uri=row.uri)


def _wants(relay: Relay) -> bool:
    return relay.kind == "litepub" and relay.state == "accepted" and relay.sends


def _announcement(actor: str, relay: Relay, row: StatusRow) -> Doc:
    to = Audience([relay.actor_uri or ""], [PUBLIC])
    return activities.announce(f"{actor}#announces/{row.id}", actor, row.uri, row.created_at, to)
