"""Relays: what we take of them, and how they stand."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from dassie.domain.errors import Invalid
from dassie.domain.media_limits import MIB

Kind = Literal["mastodon", "litepub"]
State = Literal["pending", "accepted", "rejected", "left"]
Media = Literal["any", "with", "without"]

MAX_LANGUAGES = 30
MOST_PER_HOUR = 1_000_000
MOST_BYTES = 1_000_000 * MIB


class RelayRules(Struct, frozen=True, kw_only=True):
    """What is admitted of a relay, decided on what an activity itself says. None: no limit."""

    posts_per_hour: int | None = 200
    bytes_per_day: int | None = 200 * MIB
    """Of activities and of what is fetched for them."""
    host_posts_per_hour: int | None = 60
    """Of any one server."""
    author_posts_per_hour: int | None = 12
    only_followed_tags: bool = False
    """Only statuses with a tag that somebody here follows."""
    languages: list[str] = []
    """Two or three letters; empty: all. What names no language is refused where there is a list."""
    media: Media = "any"
    bots: bool = True
    """Whether authors known to be bots are taken."""
    only_known_hosts: bool = False
    """Only servers that somebody here follows somebody on."""

    def checked(self) -> RelayRules:
        """Itself; raises `Invalid` that names the limit and what it takes."""
        for name in ("posts_per_hour", "host_posts_per_hour", "author_posts_per_hour"):
            value = getattr(self, name)
            if value is not None and not 1 <= value <= MOST_PER_HOUR:
                raise Invalid(f"{name} takes a number from 1 to {MOST_PER_HOUR}, or nothing for no limit.")
        if self.bytes_per_day is not None and not MIB <= self.bytes_per_day <= MOST_BYTES:
            raise Invalid("bytes_per_day takes a size from 1 MB up, or nothing for no limit.")
        if len(self.languages) > MAX_LANGUAGES or not all(_is_language(code) for code in self.languages):
            raise Invalid(f"languages takes up to {MAX_LANGUAGES} codes of two or three letters, such as en or de.")
        return self


class Offer(Struct, frozen=True, kw_only=True):
    """What an activity that a relay brought says about its status; nothing was fetched for this.

    Of a status that is only announced by its id, all but the addresses is unknown (None).
    """

    uri: str
    """Of the status."""
    host: str
    author: str | None
    bytes: int
    language: str | None
    tags: frozenset[str] | None
    """Normalised."""
    has_media: bool | None

    @property
    def announced(self) -> bool:
        """Whether it is only an id, to be fetched."""
        return self.tags is None


class Relay(Struct, frozen=True):
    """A relay as it stands."""

    id: int
    url: str
    kind: Kind
    state: State
    domain: str
    inbox_url: str
    actor_uri: str | None
    follow_uri: str
    sends: bool
    rules: RelayRules
    last_error: str | None
    paused_until: datetime | None
    trial_until: datetime | None
    """While it is only sampled, nothing of it is kept."""
    accepted_at: datetime | None
    last_heard_at: datetime | None
    created_at: datetime

    def takes(self, now: datetime) -> bool:
        """Whether something of it is let in now."""
        return self.state == "accepted" and (self.paused_until is None or self.paused_until <= now)


def _is_language(code: str) -> bool:
    return 2 <= len(code) <= 3 and code.isascii() and code.islower() and code.isalpha()
