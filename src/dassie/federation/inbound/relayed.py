"""What relays brought and the gate let in: passed on activities, and statuses that are only named.

A stranger is one row: of the author only the actor document is asked, which has the key; nothing else is fetched
before somebody looks.
"""

from __future__ import annotations

from dassie.domain.jobs import FetchRelayed, Relayed
from dassie.domain.relays import Relay
from dassie.federation.inbound import posts
from dassie.federation.inbound.handling import carry_out, outcome, read_again
from dassie.federation.inbound.registry import Dropped, Received, last_change, remote_account
from dassie.federation.keyring import stored_key
from dassie.federation.proofs import KeyOf, prove
from dassie.federation.receiving import fits
from dassie.federation.relayed import offer_of_note
from dassie.federation.remote import remote_of
from dassie.federation.turnstile import turn
from dassie.federation.vocab.documents import decode
from dassie.federation.vocab.notes import NoteDoc
from dassie.federation.vocab.values import host_of, same_host
from dassie.jobs.current import charge
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services.admitting import admission_of
from dassie.store import relays, senders, statuses

BOTS = frozenset({"Service", "Application"})


@handles(Relayed)
async def handle_relayed(server: Server, job: Relayed) -> None:
    """Do what an activity says that a relay passed on: proved by what its author signed into it, or else confirmed
    by the author's own server."""
    charge("relay", job.relay_id)

    async def do() -> None:
        activity, now = read_again(job.body), server.clock.now()
        relay = admission_of(server).relay(job.relay_id)
        charge("host", host_of(activity.actor))
        known = await _author_may(server, relay, activity.actor)
        if activity.type == "Delete" and not known:
            raise Dropped("unknown_actor")
        await turn(server)
        proved = await prove(decode(job.body.encode()), activity.actor, _keys(server, activity.actor), now)
        server.counters.add(f"relay.{job.relay_id}.{'proved' if proved else 'to_confirm'}")
        await turn(server)
        await carry_out(server, Received(activity, by_actor=proved, relay_id=job.relay_id))

    _count(server, job.relay_id, await outcome(do))


@handles(FetchRelayed)
async def fetch_relayed(server: Server, job: FetchRelayed) -> None:
    """Fetch a status that a relay named, judge it by what only it could tell, and store it."""
    charge("relay", job.relay_id)
    charge("host", host_of(job.uri))

    async def do() -> None:
        async with server.read() as tx:
            known = (await senders.known_statuses(tx, [job.uri])).get(job.uri)
            buried = await statuses.is_buried(tx, job.uri)
        if buried:
            raise Dropped("known_or_deleted")
        if known is None:
            await turn(server)  # before each request too: signing it and the TLS to a new host are work as well
            await _take(server, job.relay_id, await remote_of(server).note(job.uri))
        else:
            async with last_change(server) as tx:
                await relays.brought(tx, job.relay_id, known.id)

    _count(server, job.relay_id, await outcome(do))


async def _take(server: Server, relay_id: int, note: NoteDoc) -> None:
    author_uri = note.author
    if author_uri is None or not same_host(author_uri, note.uri) or not fits(note.uri):
        raise Dropped("foreign_object")
    if not note.audience.is_public:
        raise Dropped("not_public")
    relay = admission_of(server).relay(relay_id)
    if relay is not None:
        why = admission_of(server).against_content(relay.rules, offer_of_note(note))
        if why is not None:
            raise Dropped(why)
    await _author_may(server, relay, author_uri)
    await turn(server)
    async with last_change(server) as tx:
        author = await remote_account(tx, author_uri)
        await posts.take_new(tx, server, note, author, relay_id=relay_id)


async def _author_may(server: Server, relay: Relay | None, uri: str) -> bool:
    """Have the author's account here; whether it was before. Raises `Dropped` for a bot where none are taken."""
    async with server.read() as tx:
        known = await senders.sender(tx, uri, host_of(uri).partition(":")[0])
    if known is None:
        await turn(server)
        await remote_of(server).stranger(uri)
    elif known.suspended_at is not None or known.server_suspended or not known.domain:
        raise Dropped("suspended")
    if relay is not None and not relay.rules.bots:
        async with server.read() as tx:
            account = await remote_account(tx, uri)
        if account.actor_type in BOTS:
            raise Dropped("bot")
    return known is not None


def _keys(server: Server, actor: str) -> KeyOf:
    """Keys as they are stored: the actor document that brought them was just read, or is known."""
    return lambda key_id: stored_key(server, key_id, actor)


def _count(server: Server, relay_id: int, why: str | None) -> None:
    server.counters.add(f"relay.{relay_id}.dropped.{why}" if why else f"relay.{relay_id}.stored")
