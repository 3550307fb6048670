"""The admin page of custom emoji with invented ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dassie.store.emojis import OwnEmoji
from dassie.store.views import EmojiView
from invented import NOW


def emoji(id: int, shortcode: str, **changes: Any) -> OwnEmoji:
    given: dict[str, Any] = {"static_key": None, "category": None, "visible_in_picker": True, "disabled": False}
    given |= {"file_type": "image/png", "file_size": 9_000, "featured": False, "updated_at": NOW} | changes
    return OwnEmoji(id=id, shortcode=shortcode, file_key=f"emoji/{shortcode}.png", **given)


def pages() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(name, template, path, values)"""
    empty = {"shortcode": "", "category": ""}
    rocks = [emoji(1, "stone"), emoji(2, "a_very_long_name" * 7, disabled=True)]
    full = {"groups": [("Rocks", rocks), ("", [emoji(3, "wave", visible_in_picker=False)])], "bytes": 27_000}
    full |= {"seen": [(EmojiView("hill", "https://hills.example/hill.png"), "hills.example")]}
    refused = {"shortcode": "is taken", "image": "is no picture", "copy": "is gone"}
    at = "/admin/custom_emojis"
    yield "emojis", "admin/emojis", at, full | {"typed": empty, "errors": {}}
    yield "emojis-refused", "admin/emojis", at, full | {"typed": empty, "errors": refused}
    yield "emojis-empty", "admin/emojis", at, {"groups": [], "bytes": 0, "seen": [], "typed": empty, "errors": {}}
