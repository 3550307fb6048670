"""What comes by way of a relay: telling it from what comes from its author, and judging it at the gate.

Two kinds (federation 9): Mastodon-style relays pass the author's own activity on, byte for byte, and sign only the
request; LitePub-style ones announce the id of a status.
"""

from __future__ import annotations

import re
from typing import Any

from dassie.domain.errors import NotAllowed
from dassie.domain.relays import Offer, Relay
from dassie.domain.text import clean, normalise_tag
from dassie.door.request import Request
from dassie.federation.receiving import fits, hashtags
from dassie.federation.vocab.activities import ActivityDoc
from dassie.federation.vocab.addressing import read_audience
from dassie.federation.vocab.notes import NoteDoc
from dassie.federation.vocab.values import host_of, language, objects, same_host
from dassie.server import Server
from dassie.services.admitting import admission_of
from dassie.store import relays, senders
from dassie.store.tx import Tx

MAX_TAGS = 64

_KEY_ID = re.compile(r'keyid\s*=\s*"([^"]{1,2048})"', re.IGNORECASE)


async def claimed_relay(server: Server, request: Request) -> Relay | None:
    """The relay whose key seems to have signed a request.

    Only what the signature header claims is looked at: the signature is still to be checked, with `check_signer`.
    """
    admission = admission_of(server)
    await admission.load(server)
    key_id = _claimed_key(request)
    return admission.claimed_by(key_id, host_of(key_id)) if key_id else None


def is_relayed(relay: Relay, activity: ActivityDoc) -> bool:
    """Whether the relay brings it for somebody else, and does not speak for itself as when it answers our Follow."""
    if host_of(activity.actor) != relay.domain:
        return True
    return activity.type == "Announce" and activity.actor == relay.actor_uri


def check_signer(relay: Relay, signer: str) -> None:
    """Raises `NotAllowed` where the key that signed is not that of the relay."""
    if host_of(signer) != relay.domain or (relay.actor_uri is not None and signer != relay.actor_uri):
        raise NotAllowed("This key does not speak for the relay", signer=signer)


async def judge(server: Server, relay: Relay, activity: ActivityDoc, offer: Offer) -> str | None:
    """Why it is not let in, in one word; None where it is.

    Raises `TooMany` and `Busy` where the answer must be clear: a quota is used up, or there is no room.
    """
    admission = admission_of(server)
    if activity.type in ("Update", "Delete"):  # of what is here, or on its way: nothing new
        async with server.read() as tx:
            known = await senders.known_statuses(tx, activity.object_ids)
        takes = relay.takes(server.clock.now()) and relay.trial_until is None
        return None if takes and (known or admission.was_admitted(offer.uri)) else "unknown_object"
    admission.offered(server, relay, offer)
    why = _unfit(activity, offer) or admission.judge(server, relay, offer)
    if why is None and relay.trial_until is None:
        why = await _refused_here(server, relay, offer)
    if why is not None:
        admission.refuse(server, relay, why, offer)
    return why


def book(server: Server, relay: Relay, activity: ActivityDoc, offer: Offer, added: bool) -> None:
    """Count what was let in; changes of what is here already take nothing of a quota."""
    if activity.type in ("Update", "Delete"):
        return
    if added:
        admission_of(server).admit(server, relay, offer)
    else:
        admission_of(server).refuse(server, relay, "duplicate", offer)


def offer_of(activity: ActivityDoc, size: int) -> Offer:
    """What an activity of `size` bytes says about its status."""
    uri, doc = activity.object_id or "", activity.object
    if activity.type == "Announce" or doc is None:
        return Offer(uri=uri, host=host_of(uri), author=None, bytes=size, language=None, tags=None, has_media=None)
    return Offer(
        uri=uri,
        host=host_of(activity.actor),
        author=activity.actor,
        bytes=size,
        language=_language(doc),
        tags=frozenset(_tags(doc)),
        has_media=bool(doc.get("attachment")),
    )


def offer_of_note(note: NoteDoc) -> Offer:
    """The same for a status that was only announced, once it was fetched; its bytes were booked as they came."""
    return Offer(
        uri=note.uri,
        host=host_of(note.uri),
        author=note.author,
        bytes=0,
        language=note.language,
        tags=frozenset(name for name, _ in hashtags(note.hashtags)),
        has_media=bool(note.attachments),
    )


def _claimed_key(request: Request) -> str:
    for name in ("signature", "signature-input"):
        found = _KEY_ID.search(request.headers.get(name, ""))
        if found is not None:
            return found[1]
    return ""


def _unfit(activity: ActivityDoc, offer: Offer) -> str | None:
    """Why no relay may bring this."""
    if not offer.uri or not fits(offer.uri) or not fits(activity.actor):
        return "no_id"
    if activity.type == "Announce":
        return None if activity.inner is None else "ignored_type"
    if activity.type != "Create":
        return "ignored_type"  # boosts by strangers and the like
    if not same_host(offer.uri, activity.actor):
        return "foreign_object"
    audience = read_audience(activity.object, activity.audience) if activity.object else activity.audience
    return None if audience.is_public else "not_public"


async def _refused_here(server: Server, relay: Relay, offer: Offer) -> str | None:
    """What only the database knows: suspended servers and authors, bots, and what is here already."""
    domain = offer.host.partition(":")[0]
    async with server.read() as tx:
        known = (await senders.known_statuses(tx, [offer.uri])).get(offer.uri)
        why = None if known is not None else await _author_refused(tx, offer, domain)
    if known is None:
        return why
    if not known.local:
        async with server.write() as tx:  # so that undoing the other relay leaves it here
            await relays.brought(tx, relay.id, known.id)
    return "duplicate"


async def _author_refused(tx: Tx, offer: Offer, domain: str) -> str | None:
    if offer.author is not None:
        author = await senders.sender(tx, offer.author, domain)
        if author is not None:
            return "suspended" if author.suspended_at or author.server_suspended or not author.domain else None
    return "suspended" if await senders.is_suspended(tx, domain) else None


def _language(doc: dict[str, Any]) -> str | None:
    named = doc.get("contentMap")
    if type(named) is dict and named:
        return language(next(iter(named)))
    given = doc.get("language")  # Lemmy
    return language(given.get("identifier") if type(given) is dict else given)


def _tags(doc: dict[str, Any]) -> list[str]:
    found = [one.get("name") for one in objects(doc.get("tag"), MAX_TAGS) if one.get("type") == "Hashtag"]
    names = [normalise_tag(clean(name[:200])) for name in found if type(name) is str]
    return [name for name in names if name]
