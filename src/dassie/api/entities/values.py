"""How single values look in the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dassie.domain.urls import Urls
from dassie.store.views import EmojiView


def stamp(at: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds and Z."""
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def day(at: datetime | None) -> str | None:
    """The date alone."""
    return None if at is None else f"{at:%Y-%m-%d}"


def text_id(id: int | None) -> str | None:
    """An id as JSON shows it."""
    return None if id is None else str(id)


def emojis(found: Sequence[EmojiView], urls: Urls) -> list[dict[str, Any]]:
    """CustomEmoji entities of the emojis used in a text."""
    out = []
    for emoji in found:
        url = emoji.url if emoji.url.startswith(urls.base + "/") else urls.proxied(emoji.url, "emoji")
        still = emoji.static_url or url
        out.append({"shortcode": emoji.shortcode, "url": url, "static_url": still, "visible_in_picker": True})
    return out
