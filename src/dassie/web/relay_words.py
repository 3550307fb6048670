"""Relays in words: how one stands, why things were turned away, what a limit takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dassie.domain.media_limits import MIB
from dassie.domain.relays import Relay
from dassie.domain.sizes import parse_size, show_size
from dassie.web import filters
from dassie.web.texts import gettext as _

REASONS: dict[str, str] = {
    "quota": "More than its posts an hour",
    "bytes": "More than its bytes a day",
    "host_quota": "More than one server's posts an hour",
    "author_quota": "More than one author's posts an hour",
    "no_followed_tag": "No hashtag that somebody here follows",
    "unknown_host": "From a server that nobody here follows anybody on",
    "language": "In another language",
    "without_media": "Without pictures, sound or film",
    "with_media": "With pictures, sound or film",
    "bot": "By a bot",
    "paused": "The relay was paused",
    "not_accepted": "The relay had not taken this server in",
    "room": "No room on the disk for strangers' posts",
    "duplicate": "Came before",
    "known_or_deleted": "Known already, or deleted",
    "not_public": "Not public",
    "unknown_actor": "About somebody unknown here",
    "unknown_object": "About a post unknown here",
    "foreign_object": "Not from its author's own server",
    "addresses_nobody": "Meant for nobody",
    "suspended": "From somebody blocked here",
    "ignored_type": "No post",
    "unsupported_object": "Of a kind this server does not show",
}
WRONG: dict[str, str] = {
    "posts_per_hour": "Posts an hour: give a whole number from 1, or leave it empty for no limit.",
    "bytes_per_day": "Data a day: give a size from 1 MB, such as 200 MB, or leave it empty for no limit.",
    "host_posts_per_hour": "Posts an hour of one server: give a whole number from 1, or leave it empty.",
    "author_posts_per_hour": "Posts an hour of one author: give a whole number from 1, or leave it empty.",
    "languages": "Languages: give up to 30 codes of two or three letters, such as en, de.",
}
PATIENCE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a relay stands: a level as the macro `verdict` takes it, a sentence, and its cure, if it needs one."""

    level: str
    sentence: str
    cure: str = ""


def standing(relay: Relay, now: datetime) -> Standing:
    """How a relay stands now."""
    error = f" {relay.last_error}" if relay.last_error else ""
    if relay.state == "left":
        return Standing("info", _("Left. Nothing of it comes in, and our posts do not go there.") + error)
    if relay.state == "rejected":
        cure = _("Ask who runs the relay to let this server in, then ask it again.")
        return Standing("risk", _("The relay refused this server.") + error, cure)
    if relay.state == "pending":
        return _pending(relay, now, error)
    if relay.trial_until is not None:
        told = _("On trial until %(time)s: what it brings is counted, and nothing is kept.")
        return Standing("info", told % {"time": filters.full_time(relay.trial_until)} + error)
    if relay.paused_until is not None and relay.paused_until > now:
        told = _("Paused until %(time)s: nothing of it is let in.")
        return Standing("info", told % {"time": filters.full_time(relay.paused_until)} + error)
    if relay.last_error:
        return Standing("warn", _("Taking part, but something went wrong:") + error)
    return Standing("good", _("Taking part."))


def _pending(relay: Relay, now: datetime, error: str) -> Standing:
    if relay.last_error:
        cure = _(
            "Check the address. If it is right, wait: the relay is asked again by itself; or leave it and add it anew."
        )
        return Standing("warn", _("The relay could not be asked yet.") + error, cure)
    if now - relay.created_at > PATIENCE:
        cure = _("Some relays are opened by hand: ask who runs it.")
        return Standing("warn", _("The relay has not answered for more than a day."), cure)
    return Standing("info", _("Asked; the relay has not answered yet. Some answer within seconds, some by hand."))


def reason(name: str) -> str:
    """Why something was turned away."""
    return _(REASONS[name]) if name in REASONS else name.replace("_", " ").capitalize()


def size_text(size: int | None) -> str:
    """A size as a field shows it, so that it is read back as the same number."""
    if size is None:
        return ""
    if size % MIB == 0:
        return f"{size // MIB} MiB"
    shown = show_size(size)
    return shown if parse_size(shown) == size else str(size)
