"""Does a document prove by itself who wrote it? Asked where somebody else brings it, as relays do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from dassie.domain.errors import DassieError
from dassie.federation.signatures import load_public
from dassie.federation.signatures.integrity import Proof, proof_of, verify_proof
from dassie.federation.signatures.linked_data import EmbeddedSignature, embedded_signature, verify_embedded
from dassie.federation.vocab.documents import Doc, plain
from dassie.federation.vocab.values import http_id, same_host


class ActorKey(Protocol):
    """A key as its actor lists it; `keyring.KnownKey` is one."""

    @property
    def owner(self) -> str: ...
    @property
    def text(self) -> str: ...


KeyOf = Callable[[str], Awaitable[ActorKey | None]]
"""Finds a key by its id. It is asked only for keys on the actor's own host; a `DassieError` counts as no key."""


async def prove(doc: Doc, actor: str, key_of: KeyOf, now: datetime) -> bool:
    """Whether a proof or signature in `doc`, as decoded, shows that `actor` wrote it just as we read it.

    The key is on the actor's host and is the actor's own. Never raises because of what the document holds. Takes
    below half a millisecond for a usual post, and tens of milliseconds at most, for a megabyte made to be slow.
    """
    named = doc["actor"] if "actor" in doc else plain(doc).get("actor")  # the plain spelling wins in `plain` as well
    if http_id(named) != actor:
        return False
    for claim in (proof_of(doc), embedded_signature(doc)):
        if claim is not None and same_host(claim.key_id, actor) and await _holds(doc, claim, actor, key_of, now):
            return True
    return False


async def _holds(doc: Doc, claim: Proof | EmbeddedSignature, actor: str, key_of: KeyOf, now: datetime) -> bool:
    try:
        claim.check(now)  # before anybody is asked for a key
        key = await key_of(claim.key_id)
        if key is None or key.owner != actor:
            return False
        public = load_public(key.text)
        if isinstance(claim, Proof):
            verify_proof(doc, claim, public, now)
        else:
            verify_embedded(doc, claim, public, now)
    except (DassieError, RecursionError):
        return False
    return True
