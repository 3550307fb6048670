"""A relay on trial: what it brings is looked at and measured, never kept (`dassie relays try`)."""

from __future__ import annotations

from msgspec import structs

from dassie.domain.errors import DassieError
from dassie.domain.jobs import EndTrial, SampleRelayed
from dassie.domain.relays import Offer, Relay
from dassie.domain.trials import Sample
from dassie.federation import strangers
from dassie.federation.inbound.handling import outcome
from dassie.federation.relayed import offer_of_note
from dassie.federation.remote import remote_of
from dassie.federation.vocab.activities import ActivityDoc
from dassie.federation.vocab.attachments import read_attachments
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import subscribing
from dassie.services.admitting import admission_of
from dassie.services.sampling import samples_of
from dassie.store import relays, senders

LOOKED_AT = 300
"""Announced statuses fetched in one trial: enough to know the mixture."""
MEASURED = 40
"""Files whose size is asked."""
SAVED_EVERY = 2.0


async def sample(server: Server, relay: Relay, activity: ActivityDoc, offer: Offer) -> None:
    """Count what a relay on trial brought; of what is only named, some are fetched to look at."""
    counting = samples_of(server).of(relay.id, server.clock.now())
    counting.offered(offer)
    if activity.type != "Announce" and activity.object is not None:
        files = [one.url for one in read_attachments(activity.object.get("attachment")).media]
        counting.looked_at(offer, files, wanted=await _wanted(server, offer))
    elif counting.fetched < LOOKED_AT:
        counting.fetched += 1
        job = SampleRelayed(relay.id, offer.uri)
        await strangers.put_in(server, relay, job, host=offer.host, unique=f"sample {offer.uri}", order=None)
    if server.clock.monotonic() - counting.saved_at >= SAVED_EVERY:
        counting.saved_at = server.clock.monotonic()
        await _save(server, relay.id, counting.sample(server.clock.now()))


@handles(SampleRelayed)
async def look_at(server: Server, job: SampleRelayed) -> None:
    """Fetch a status to see what it is like; nothing is stored."""

    async def do() -> None:
        note = await remote_of(server).note(job.uri)
        offer = offer_of_note(note)
        counting = samples_of(server).of(job.relay_id, server.clock.now())
        counting.looked_at(offer, [one.url for one in note.attachments], wanted=await _wanted(server, offer))

    await outcome(do)


@handles(EndTrial)
async def end_trial(server: Server, job: EndTrial) -> None:
    """The time is over: measure some files, keep the sample, and leave."""
    async with server.read() as tx:
        relay = await relays.by_id(tx, job.relay_id)
    if relay is None or relay.trial_until is None:
        return  # left or taken for good meanwhile
    counting = samples_of(server).of(relay.id, server.clock.now())
    found = counting.sample(server.clock.now())
    for url in counting.urls[:MEASURED]:
        size = await _size(server, url)
        if size is not None:
            found.measured_files += 1
            found.measured_bytes += size
    found.done = True
    samples_of(server).forget(relay.id)
    async with server.write() as tx:
        await relays.change(tx, relay.id, trial=structs.asdict(found))
        await subscribing.leave(tx, server, relay)


async def _wanted(server: Server, offer: Offer) -> bool:
    if (offer.tags or frozenset()) & await admission_of(server).followed_tags(server):
        return True
    if offer.author is None:
        return False
    async with server.read() as tx:
        author = await senders.sender(tx, offer.author, offer.host.partition(":")[0])
    return author is not None and author.followed


async def _size(server: Server, url: str) -> int | None:
    """Bytes that a file's server announces for it; the file itself is not read."""
    try:
        async with server.http.download(url, accept="image/*, video/*, audio/*", max_bytes=1, timeout=8.0) as answer:
            said = answer.headers.get("content-length", "")
            return int(said) if answer.code == 200 and said.isascii() and said.isdigit() else None
    except DassieError:
        return None


async def _save(server: Server, relay_id: int, found: Sample) -> None:
    async with server.write() as tx:
        await relays.change(tx, relay_id, trial=structs.asdict(found))
