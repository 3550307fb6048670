"""What a person can set for themselves."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class UserSettings(Struct, frozen=True, omit_defaults=True):
    """Kept as JSON beside the login; a missing key means the default."""

    default_visibility: Literal["public", "unlisted", "private", "direct"] = "public"
    default_sensitive: bool = False
    default_language: str | None = None
    default_quote_policy: Literal["public", "followers", "nobody"] = "public"
    expand_media: Literal["default", "show_all", "hide_all"] = "default"
    expand_spoilers: bool = False
    autoplay_gifs: bool = False
    aggregate_reblogs: bool = True
    show_application: bool = True
    color_scheme: Literal["auto", "light", "dark"] = "auto"
