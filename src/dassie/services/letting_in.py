"""What the owner decides about signing up: who may, from which age, and what the others are told."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import structs

from dassie.domain.errors import Invalid
from dassie.domain.long_texts import render_long
from dassie.domain.settings import InstanceSettings
from dassie.domain.text import clean, normalise_tag
from dassie.server import Server
from dassie.store import settings
from dassie.store.tx import Tx

Mode = Literal["none", "approved", "open"]
MODES: tuple[Mode, ...] = ("none", "approved", "open")
OLDEST = 120
LONGEST_MESSAGE = 2_000


async def change(
    tx: Tx,
    server: Server,
    *,
    mode: str | None = None,
    reason_required: bool | None = None,
    min_age: int | None = None,
    message: str | None = None,
) -> InstanceSettings:
    """Keep what is given. `min_age` 0: no minimum. Raises `Invalid` with the fields that are wrong."""
    said = await settings.instance(tx)
    if mode is not None:
        if mode not in MODES:
            raise _wrong("registrations", f"must be one of {', '.join(MODES)}")
        said = structs.replace(said, registrations=msgspec.convert(mode, Mode))
    if reason_required is not None:
        said = structs.replace(said, reason_required=reason_required)
    if min_age is not None:
        if not 0 <= min_age <= OLDEST:
            raise _wrong("min_age", f"must be a number from 0 to {OLDEST}")
        said = structs.replace(said, min_age=min_age or None)
    if message is not None:
        typed = clean(message).strip()
        if len(typed) > LONGEST_MESSAGE:
            raise _wrong("message", f"is too long (maximum is {LONGEST_MESSAGE} characters)")
        html = render_long(typed, lambda name: server.urls.tag(normalise_tag(name))) if typed else ""
        said = structs.replace(said, closed_message=html, closed_source=typed)
    await settings.save_instance(tx, said)
    return said


def read_age(text: str) -> int:
    """The number that was typed; nothing: 0."""
    text = text.strip()
    if text and not (text.isascii() and text.isdigit()):
        raise _wrong("min_age", f"must be a number from 0 to {OLDEST}")
    return int(text or 0)


def _wrong(name: str, why: str) -> Invalid:
    return Invalid(f"Validation failed: {name} {why}", fields={name: [("ERR_INVALID", why)]})
