"""Reading a change of one's profile from a request, in all the shapes that apps send."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import UNSET, UnsetType

from dassie.api.routing import Call
from dassie.domain.audience import POSTABLE
from dassie.domain.errors import Invalid
from dassie.domain.languages import valid_language
from dassie.domain.quotes import POLICY_WORDS
from dassie.door import taking as take
from dassie.services.profiles import ProfileChange

PICTURE_BYTES = 8_000_000
_FLAGS = ("locked", "bot", "discoverable", "indexable", "hide_collections")
TABS = ("show_media", "show_media_replies", "show_featured")
"""Parts of the profile, which newer apps may take off it."""
_TEXTS = ("display_name", "note", "avatar_description", "header_description")
_POSTING = [
    take.word("privacy", POSTABLE),
    take.flag("sensitive"),
    take.text("language"),
    take.word("quote_policy", POLICY_WORDS),
]
PROFILE = [
    *map(take.text, _TEXTS),
    *map(take.flag, _FLAGS),
    take.file("avatar"),
    take.file("header"),
    take.texts("attribution_domains", most=1000),
    take.objects("fields_attributes", [take.text("name"), take.text("value")]),
    take.object("source", _POSTING, "How one posts by default."),
]
"""What a change of a profile may say."""


def read_change(call: Call, more: Sequence[str] = ()) -> ProfileChange:
    """What is to be changed, `more` flags among it; raises `Invalid` for words that do not exist."""
    given: dict[str, Any] = {}
    for name in (*_FLAGS, *more):
        if (flag := call.params.flag(name)) is not None:
            given[name] = flag
    for name in _TEXTS:
        if (text := call.params.text(name)) is not None:
            given[name] = text
    if "attribution_domains" in call.params:
        given["attribution_domains"] = call.params.texts("attribution_domains", most=1000)
    return ProfileChange(
        **given,
        fields=_fields(call),
        avatar=_file(call, "avatar"),
        header=_file(call, "header"),
        settings=_settings(call),
    )


def _fields(call: Call) -> list[tuple[str, str]] | UnsetType:
    """A JSON array, an object by index, or form fields with indices."""
    if "fields_attributes" not in call.params:
        return UNSET
    found = call.params.children("fields_attributes")
    return [(field.text("name") or "", field.text("value") or "") for field in found]


def _file(call: Call, name: str) -> Path | UnsetType:
    upload = call.params.file(name)
    return UNSET if upload is None else upload.path


def _settings(call: Call) -> dict[str, Any]:
    source = call.params.child("source")
    found: dict[str, Any] = {}
    if source is None:
        return found
    if (privacy := source.word("privacy", POSTABLE)) is not None:
        found["default_visibility"] = privacy
    if (sensitive := source.flag("sensitive")) is not None:
        found["default_sensitive"] = sensitive
    if (policy := source.word("quote_policy", POLICY_WORDS)) is not None:
        found["default_quote_policy"] = policy
    if (language := source.text("language")) is not None:
        found["default_language"] = valid_language(language)
        if language and found["default_language"] is None:
            raise Invalid("Validation failed: Default language is not a known language")
    return found
