"""How single values look in the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NotRequired, TypedDict, overload

from dassie.api.entities.shapes import Url
from dassie.domain.urls import Urls
from dassie.store.views import EmojiView


class CustomEmoji(TypedDict):
    """A picture that stands for `:shortcode:` in texts."""

    shortcode: str
    url: Url
    static_url: Url
    visible_in_picker: bool
    category: NotRequired[str]


class OurEmoji(CustomEmoji):
    """One of ours."""

    featured: bool


@overload
def stamp(at: datetime) -> str: ...
@overload
def stamp(at: datetime | None) -> str | None: ...
def stamp(at: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds and Z."""
    return None if at is None else at.isoformat("T", "milliseconds")[:-6] + "Z"  # half the time of strftime


@overload
def day(at: datetime) -> str: ...
@overload
def day(at: datetime | None) -> str | None: ...
def day(at: datetime | None) -> str | None:
    """The date alone."""
    return None if at is None else f"{at:%Y-%m-%d}"


def text_id(id: int | None) -> str | None:
    """An id as JSON shows it."""
    return None if id is None else str(id)


def emojis(found: Sequence[EmojiView], urls: Urls) -> list[CustomEmoji]:
    """CustomEmoji entities of the emojis used in a text."""
    out: list[CustomEmoji] = []
    for emoji in found:
        url = emoji.url if emoji.url.startswith(urls.base + "/") else urls.proxied(emoji.url, "emoji")
        still = emoji.static_url or url
        out.append({"shortcode": emoji.shortcode, "url": url, "static_url": still, "visible_in_picker": True})
    return out
