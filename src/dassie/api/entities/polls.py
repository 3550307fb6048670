"""Poll entities."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dassie.api.entities.values import emojis, stamp
from dassie.domain.urls import Urls
from dassie.store.views import EmojiView, PollView


def show_poll(poll: PollView, used: list[EmojiView], now: datetime, urls: Urls, viewer: int | None) -> dict[str, Any]:
    """A poll as `viewer` sees it; counts of an open poll are hidden where its author wants that."""
    expired = poll.expired(now)
    hidden = poll.hide_totals and not expired
    shown: dict[str, Any] = {
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
