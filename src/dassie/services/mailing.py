"""Letters to people, where this server sends mail at all. What each says is worked out when it goes out."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import structlog

from dassie.domain.errors import RemoteFailed
from dassie.domain.jobs import SendMail
from dassie.server import Server
from dassie.store import queue
from dassie.store.tx import Tx

log = structlog.get_logger("mail")

HOST = "smtp"
"""The queue's name for the mail server: only a few letters are on their way at once."""


async def send(
    tx: Tx,
    server: Server,
    letter: str,
    to: str,
    *,
    locale: str = "en",
    about: Mapping[str, str] | None = None,
    run_at: datetime | None = None,
    unique: str | None = None,
) -> bool:
    """Put a letter in with the change that causes it. False where no mail is sent here, or the same one waits.

    `letter` is one of those registered in `web/letters.py`, `about` what that one needs to know: short texts and ids,
    never a secret. `unique` stops a second one until the first has gone out.
    """
    if not server.mail.on:
        return False
    job = SendMail(letter=letter, to=to, locale=locale, about=dict(about or {}))
    return await queue.enqueue(tx, job, host=HOST, run_at=run_at, unique=unique)


def proof(secret: bytes, purpose: str, *parts: object) -> str:
    """What makes a link in a letter work. It follows from the server's secret: the database alone gives none away."""
    text = "\n".join([f"mail {purpose}", *map(str, parts)])
    return hmac.new(secret, text.encode(), sha256).hexdigest()[:40]


def proves(secret: bytes, given: str, purpose: str, *parts: object) -> bool:
    """Whether a link carries the right proof."""
    return hmac.compare_digest(given.encode(), proof(secret, purpose, *parts).encode())


async def look(server: Server) -> None:
    """Say in the log at once where mail cannot work, with what to do."""
    if not server.mail.on:
        return
    try:
        await server.mail.check()
    except RemoteFailed as error:
        log.warning("mail does not work", why=error.safe, cure=error.details.get("cure", ""))
