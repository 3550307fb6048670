"""Whether an activity concerns anybody here: asked before any signature is checked or anything is fetched.

This is the cheapest protection against floods (federation 3.3): what nobody here can see is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dassie.domain.urls import Urls
from dassie.federation.inbound.ordering import of_object
from dassie.federation.receiving import fits, own_status_uri
from dassie.federation.vocab.activities import ActivityDoc
from dassie.federation.vocab.actors import ACTORS
from dassie.federation.vocab.addressing import read_audience
from dassie.federation.vocab.documents import plain
from dassie.federation.vocab.values import Ref, http_id, same_host
from dassie.store import collections, queue, quotes, senders
from dassie.store.senders import Sender
from dassie.store.tx import Tx

HANDLED = frozenset(
    {
        "Accept",
        "Add",
        "Announce",
        "Block",
        "Create",
        "Delete",
        "EmojiReact",
        "EmojiReaction",
        "FeatureRequest",
        "Flag",
        "Follow",
        "Like",
        "Move",
        "QuoteRequest",
        "Reject",
        "Remove",
        "Undo",
        "Update",
    }
)
LIKES = frozenset({"Like", "EmojiReact", "EmojiReaction"})
RELAYED = frozenset({"Create", "Update", "Delete"})
"""What may be wrapped in a group's Announce, or passed on by another server, and be worth asking its origin."""


async def why_dropped(
    tx: Tx, urls: Urls, activity: ActivityDoc, sender: Sender | None, *, personal: bool
) -> str | None:
    """One word for the figures where nobody here is concerned; None where the activity is to be taken in.

    `personal`: it came to the inbox of one of ours rather than to that for all.
    """
    if activity.type not in HANDLED:
        return "ignored_type"
    if not all(fits(uri) for uri in (activity.actor, *filter(None, (activity.id,)), *activity.object_ids)):
        return "too_long_id"
    if activity.type in ("Follow", "Block", "FeatureRequest", "QuoteRequest"):
        return None if _ours(urls, activity.object_id) else "nobody_here"
    if activity.type == "Flag":
        return None if any(_ours(urls, uri) for uri in activity.object_ids) else "nobody_here"
    if activity.type == "Delete":
        return await _delete(tx, activity, sender)
    if activity.type in ("Create", "Update"):
        return await _post(tx, urls, activity, sender, personal)
    if activity.type == "Announce":
        return await _announce(tx, urls, activity, sender)
    if activity.type in LIKES:
        uri = own_status_uri(urls, activity.object_id or "")
        return None if await senders.known_statuses(tx, [uri]) else "unknown_object"
    return None if sender is not None else "unknown_actor"


async def _delete(tx: Tx, activity: ActivityDoc, sender: Sender | None) -> str | None:
    """Deletes of unknown actors are most of a new server's traffic; their keys are gone too."""
    if sender is None:
        return "unknown_actor"
    if activity.is_self_delete or sender.followed:
        return None
    if await collections.concern(tx, activity.object_ids):
        return None
    if await quotes.concern(tx, activity.object_ids):
        return None
    return None if await _known_or_coming(tx, activity.object_ids) else "unknown_object"


async def _known_or_coming(tx: Tx, ids: Sequence[str]) -> bool:
    """Whether one of these is stored, or its Create waits in the queue: what follows it must not be dropped."""
    return bool(await senders.known_statuses(tx, ids)) or await queue.under_way(tx, [of_object(id) for id in ids])


async def _post(tx: Tx, urls: Urls, activity: ActivityDoc, sender: Sender | None, personal: bool) -> str | None:
    ids = activity.object_ids
    if not ids:
        return "no_id"
    if activity.object_type in ACTORS:
        return None if sender is not None and activity.object_id == activity.actor else "not_author"
    if not all(same_host(id, activity.actor) for id in ids):
        return "foreign_object"
    known = await senders.known_statuses(tx, ids)
    if activity.type == "Create" and len(known) == len(ids):
        return "duplicate"
    if known or personal or (sender is not None and sender.followed):
        return None
    if activity.type == "Update" and (await _known_or_coming(tx, ids) or await collections.concern(tx, ids)):
        return None
    if any(_ours(urls, uri) for uri in activity.audience.people):
        return None
    for ref in activity.objects:
        if ref.doc is not None and await _object_concerns(tx, urls, ref):
            return None
    return "nobody_here"


async def _object_concerns(tx: Tx, urls: Urls, ref: Ref) -> bool:
    """Whether a post addresses somebody here, or answers something known here."""
    doc: dict[str, Any] = plain(ref.doc or {})
    if any(_ours(urls, uri) for uri in read_audience(doc).people):
        return True
    parent = http_id(doc.get("inReplyTo"))
    return parent is not None and bool(await senders.known_statuses(tx, [own_status_uri(urls, parent)]))


async def _announce(tx: Tx, urls: Urls, activity: ActivityDoc, sender: Sender | None) -> str | None:
    if activity.inner is not None and activity.inner.type not in RELAYED:
        return "group_noise"
    if activity.id is not None and await senders.known_statuses(tx, [activity.id]):
        return "duplicate"
    if sender is not None and sender.followed:
        return None
    return None if any(_ours(urls, id) for id in activity.object_ids) else "nobody_here"


def _ours(urls: Urls, uri: str | None) -> bool:
    return uri is not None and uri.startswith(urls.base) and uri[len(urls.base) : len(urls.base) + 1] in ("/", "")
