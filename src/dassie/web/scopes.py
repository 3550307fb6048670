"""What OAuth scopes allow, in sentences for the person who is asked."""

from __future__ import annotations

from collections.abc import Sequence

from dassie.web.shown import ScopeGroup
from dassie.web.texts import gettext as _

THINGS = {
    "accounts": "your account, and profiles",
    "blocks": "whom you block",
    "bookmarks": "your bookmarks",
    "collections": "your collections",
    "conversations": "your conversations",
    "favourites": "your favourites",
    "filters": "your filters",
    "follows": "whom you follow",
    "lists": "your lists",
    "media": "media files",
    "mutes": "whom you mute",
    "notifications": "your notifications",
    "reports": "reports to the moderators",
    "search": "search, on your behalf",
    "statuses": "your posts and timelines",
}


def groups(scopes: Sequence[str]) -> list[ScopeGroup]:
    """The scopes as groups of sentences; what touches the server itself is marked with a warning."""
    found = [
        ScopeGroup(_("Read"), _sentences(scopes, "read", _("Read everything in your account"), _("Read: %s"))),
        ScopeGroup(_("Write"), _sentences(scopes, "write", _("Change everything in your account"), _("Change: %s"))),
        ScopeGroup(_("Follow"), [_("Change whom you follow, mute and block")] if "follow" in scopes else []),
        ScopeGroup(_("Other"), _other(scopes)),
        ScopeGroup(_("Administration"), _admin(scopes), warned=True),
    ]
    return [group for group in found if group.sentences]


def _sentences(scopes: Sequence[str], way: str, everything: str, one: str) -> list[str]:
    if way in scopes:
        return [everything]
    parts = [scope.removeprefix(f"{way}:") for scope in scopes if scope.startswith(f"{way}:")]
    return [one % _(THINGS.get(part, part)) for part in parts]


def _other(scopes: Sequence[str]) -> list[str]:
    sentences = {"profile": _("See who you are: name, handle and picture"), "push": _("Send you push messages")}
    return [sentence for scope, sentence in sentences.items() if scope in scopes]


def _admin(scopes: Sequence[str]) -> list[str]:
    asked = [scope for scope in scopes if scope.startswith("admin:")]
    return [_("Look after this server as you can: %s") % ", ".join(asked)] if asked else []
