"""Polls: the options of a Question."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from dassie.federation.vocab.values import count, line, objects, when

MAX_OPTIONS = 500
MAX_TITLE = 1000


class PollOption(Struct, frozen=True):
    """An answer: plain text, and the votes its author's server counted."""

    title: str
    votes: int


class PollDoc(Struct, frozen=True):
    """A poll. Tallies can only be trusted from the author's own server."""

    options: tuple[PollOption, ...]
    multiple: bool
    ends_at: datetime | None
    """None for a poll without an end (Misskey)."""
    closed: bool
    closed_at: datetime | None
    voters_count: int | None


def read_poll(doc: dict[str, Any]) -> PollDoc | None:
    """The poll in a Question; None where it has no options."""
    several = objects(doc.get("anyOf"), MAX_OPTIONS)
    entries = several or objects(doc.get("oneOf"), MAX_OPTIONS)
    options = tuple(option for entry in entries if (option := _read_option(entry)))
    if not options:
        return None
    closed = doc.get("closed")
    closed_at = when(closed)
    return PollDoc(
        options=options,
        multiple=bool(several),
        ends_at=when(doc.get("endTime")) or closed_at,
        closed=bool(closed) and closed != "false",
        closed_at=closed_at,
        voters_count=count(doc.get("votersCount")),
    )


def _read_option(entry: dict[str, Any]) -> PollOption | None:
    title = line(entry.get("name"), MAX_TITLE) or line(entry.get("content"), MAX_TITLE)
    replies = entry.get("replies")
    total = replies.get("totalItems") if type(replies) is dict else replies
    return PollOption(title, count(total) or 0) if title else None
