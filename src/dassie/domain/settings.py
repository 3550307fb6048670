"""What a person can set for themselves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct, field

from dassie.domain.mailed import DEFAULT_MAILED


class UserSettings(Struct, frozen=True, omit_defaults=True):
    """Kept as JSON beside the login; a missing key means the default."""

    default_visibility: Literal["public", "unlisted", "private", "direct"] = "public"
    default_sensitive: bool = False
    default_language: str | None = None
    default_quote_policy: Literal["public", "followers", "nobody"] = "public"
    expand_media: Literal["default", "show_all", "hide_all"] = "default"
    expand_spoilers: bool = False
    autoplay_gifs: bool = False
    email_types: tuple[str, ...] = DEFAULT_MAILED
    """Notifications that are also sent by mail, where mail is sent at all."""
    always_send_emails: bool = False
    """Also to somebody who is looking, or whose app is told."""
    time_zone: str = ""
    """As the IANA names it; empty: not said."""
    show_application: bool = True
    color_scheme: Literal["auto", "light", "dark"] = "auto"


LiveAccess = Literal["public", "authenticated", "disabled"]
TopicAccess = Literal["public", "authenticated"]


class Rule(Struct, frozen=True):
    """One of the server's rules."""

    id: int
    text: str
    hint: str = ""


class Terms(Struct, frozen=True):
    """A version of the terms of service."""

    effective_on: date
    text: str
    """As typed."""
    content: str
    """HTML."""
    published_at: datetime


class InstanceSettings(Struct, frozen=True, omit_defaults=True):
    """What the owner says about this server; kept as JSON, a missing key means the default."""

    title: str = ""
    """Empty: the server's domain."""
    short_description: str = ""
    extended_description: str = ""
    """HTML, sanitised."""
    extended_description_at: datetime | None = None
    extended_source: str = ""
    """As typed, like `privacy_source`."""
    privacy_policy: str = ""
    """HTML; empty: the words of `domain/privacy.py`."""
    privacy_policy_at: datetime | None = None
    privacy_source: str = ""
    terms: list[Terms] = []
    """Those of the latest day first."""
    contact_email: str = ""
    contact_username: str = ""
    """Empty: the first Owner."""
    rules: list[Rule] = []
    show_domain_blocks: Literal["disabled", "users", "all"] = "disabled"
    """Who may see which servers are blocked."""
    show_domain_blocks_rationale: Literal["disabled", "users", "all"] = "disabled"
    """Who may see why."""
    languages: list[str] = field(default_factory=lambda: ["en"])
    status_page_url: str = ""
    registrations: Literal["none", "approved", "open"] = "none"
    """Who may sign up: nobody without an invitation, whom the staff approves, everybody."""
    reason_required: bool = False
    """Whether those who wait for approval must say why they want to be here."""
    min_age: int | None = None
    """In years."""
    closed_message: str = ""
    """HTML, sanitised: why nobody can sign up here."""
    closed_source: str = ""
    """As typed."""
    local_live_feed_access: LiveAccess = "public"
    """Who may read the public timeline of people here."""
    remote_live_feed_access: LiveAccess = "public"
    """And of the others."""
    local_topic_feed_access: TopicAccess = "public"
    """Who may read the timelines of hashtags and links, of people here."""
    remote_topic_feed_access: LiveAccess = "public"


def terms_now(terms: list[Terms], today: date) -> Terms | None:
    """The terms in force, or else the first that will be."""
    begun = [one for one in terms if one.effective_on <= today]
    if begun:
        return max(begun, key=lambda one: one.effective_on)
    return min(terms, key=lambda one: one.effective_on, default=None)


def next_terms(terms: list[Terms], one: Terms) -> Terms | None:
    """Those that follow these."""
    later = [other for other in terms if other.effective_on > one.effective_on]
    return min(later, key=lambda other: other.effective_on, default=None)
