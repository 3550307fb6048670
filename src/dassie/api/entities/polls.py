"""Poll entities."""

from __future__ import annotations

from datetime import datetime
from typing import NotRequired, TypedDict

from dassie.api.entities.shapes import Id, Stamp
from dassie.api.entities.values import CustomEmoji, emojis, stamp
from dassie.domain.urls import Urls
from dassie.store.views import EmojiView, PollView


class PollOption(TypedDict):
    """One answer of a poll."""

    title: str
    votes_count: int | None


class Poll(TypedDict):
    """A poll."""

    id: Id
    expires_at: Stamp | None
    expired: bool
    multiple: bool
    votes_count: int
    voters_count: int | None
    options: list[PollOption]
    emojis: list[CustomEmoji]
    voted: NotRequired[bool]
    own_votes: NotRequired[list[int]]


def show_poll(poll: PollView, used: list[EmojiView], now: datetime, urls: Urls, viewer: int | None) -> Poll:
    """A poll as `viewer` sees it; counts of an open poll are hidden where its author wants that."""
    expired = poll.expired(now)
    hidden = poll.hide_totals and not expired
    shown: Poll = {
        "id": str(poll.id),
        "expires_at": stamp(poll.expires_at),
        "expired": expired,
        "multiple": poll.multiple,
        "votes_count": poll.votes_count,
        "voters_count": poll.voters_count,
        "options": [
            {"title": option.title, "votes_count": None if hidden else option.votes} for option in poll.options
        ],
        "emojis": emojis(used, urls),
    }
    if viewer is not None:
        own = poll.own_votes or []
        shown["voted"] = bool(own) or poll.account_id == viewer
        shown["own_votes"] = own
    return shown
