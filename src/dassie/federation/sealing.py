"""Public activities of ours carry their author's signature where somebody is going to pass them on.

It costs half a millisecond of signing and 450 bytes in every delivery, so it is left out where nobody needs it.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from msgspec import Struct

from dassie.domain.audience import REBLOGGABLE
from dassie.domain.errors import NotFound
from dassie.federation.outbound.terms import Doc
from dassie.federation.signatures import BadSignature
from dassie.federation.signatures.linked_data import sign_document
from dassie.federation.signing import OwnKey, signed_http
from dassie.server import Server
from dassie.store import relays, statuses
from dassie.store.views import StatusRow

log = structlog.get_logger("publishing")


class Seal(Struct, frozen=True):
    """Signs documents, or, without a key, leaves them as they are."""

    key: OwnKey | None = None
    at: datetime | None = None

    def on(self, doc: Doc) -> Doc:
        """The document as it is sent. Where an address in it is none that can be signed, it goes unsigned."""
        if self.key is None or self.at is None:
            return doc
        try:
            return sign_document(doc, self.key.key_id, self.key.private, self.at)
        except BadSignature as bad:
            log.info("not_signed", activity=doc.get("id"), because=bad.safe)
            return doc


UNSEALED = Seal()


async def seal_for_status(server: Server, id: int) -> Seal:
    """The seal for what is told about a status of ours. Answers to others always get one: their server passes
    them on to its followers.
    """
    async with server.read() as tx:
        row = await statuses.by_id(tx, id)
    if row is None or not row.local:
        return UNSEALED
    return await seal_for(server, row.account_id, row.visibility, passed_on=_answers_somebody(row))


async def seal_for(server: Server, account_id: int, visibility: str, *, passed_on: bool = False) -> Seal:
    """The seal for an activity of this account; to be had before the unit that writes.

    Without `passed_on` it signs only where a relay wants our posts. Where others must sign to read
    (`authorized_fetch`) nothing is signed: whoever has it could pass it on to anybody (federation.md 7.3).
    """
    if server.config.authorized_fetch or visibility not in REBLOGGABLE:
        return UNSEALED
    if not passed_on:
        async with server.read() as tx:
            if not await relays.sends_to_mastodon_relays(tx):
                return UNSEALED
    try:
        key = await signed_http(server).own_key(account_id)
    except NotFound:  # the account went meanwhile
        return UNSEALED
    return Seal(key, server.clock.now())


def _answers_somebody(row: StatusRow) -> bool:
    return row.in_reply_to_account_id is not None and row.in_reply_to_account_id != row.account_id
