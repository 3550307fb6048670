"""What a person can set for themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct, field


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


class Rule(Struct, frozen=True):
    """One of the server's rules."""

    id: int
    text: str
    hint: str = ""


class InstanceSettings(Struct, frozen=True, omit_defaults=True):
    """What the owner says about this server; kept as JSON, a missing key means the default."""

    title: str = ""
    """Empty: the server's domain."""
    short_description: str = ""
    extended_description: str = ""
    """HTML, sanitised."""
    extended_description_at: datetime | None = None
    contact_email: str = ""
    contact_username: str = ""
    """Empty: the first Owner."""
    rules: list[Rule] = []
    languages: list[str] = field(default_factory=lambda: ["en"])
    status_page_url: str = ""
    closed_message: str = ""
    """HTML, sanitised: why nobody can sign up here."""
