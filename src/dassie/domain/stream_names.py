"""The streams that clients can watch, by the names of the API (limits_and_rules section 13)."""

from __future__ import annotations

from dataclasses import dataclass

from dassie.domain.errors import BadRequest
from dassie.domain.ids import parse_id
from dassie.domain.text import normalise_tag

POSTS = frozenset({"update", "status.update", "delete"})
NOTICES = frozenset({"notification", "notifications_merged"})
NEWS = frozenset({"announcement", "announcement.reaction", "announcement.delete"})
ANNOUNCEMENTS = "announcements"
"""The channel of what everybody here is told; it belongs to each stream `user`."""
CONVERSATIONS = frozenset({"conversation"})
SETTINGS = frozenset({"filters_changed"})
"""These have no payload."""
MAX_TAG = 500

_PUBLIC = {
    "public": "public",
    "public:local": "public:local",
    "public:remote": "public:remote",
}


@dataclass(frozen=True, slots=True)
class Stream:
    """Something that can be watched."""

    name: str
    """As the API calls it."""
    channel: str
    """As `ports.Streams` calls it."""
    kinds: frozenset[str]
    """The events that belong to it."""
    scope: str
    """What a token needs to watch it."""
    argument: str | None = None
    """The tag, as the client wrote it, or the list's id."""
    only_media: bool = False
    open_to_all: bool = False
    """Not made for one person, so that the listener's blocks and mutes are applied when it is heard."""

    @property
    def channels(self) -> tuple[str, ...]:
        """All that it is fed by."""
        return (self.channel, ANNOUNCEMENTS) if self.name == "user" else (self.channel,)

    @property
    def label(self) -> list[str]:
        """As frames name it."""
        return [self.name] if self.argument is None else [self.name, self.argument]


def find_stream(name: str, *, me: int, tag: str | None = None, list_id: str | None = None) -> Stream:
    """The stream of this name for the account `me`. Raises `BadRequest` where there is none.

    Whether a list is one's own has to be looked up by whoever adds it.
    """
    if name == "user":
        return Stream(name, f"user:{me}", POSTS | NOTICES | SETTINGS | NEWS, "read:statuses")
    if name == "user:notification":
        return Stream(name, f"notifications:{me}", NOTICES | {"status.update"}, "read:notifications")
    if name == "direct":
        return Stream(name, f"direct:{me}", CONVERSATIONS, "read:statuses")
    public = _PUBLIC.get(name.removesuffix(":media"))
    if public is not None:
        media = name.endswith(":media")
        return Stream(name, public, POSTS, "read:statuses", only_media=media, open_to_all=True)
    if name == "list":
        number = parse_id(list_id or "")
        if number is None:
            raise BadRequest("Missing list name parameter")
        return Stream(name, f"list:{number}", POSTS, "read:statuses", argument=list_id)
    if name in ("hashtag", "hashtag:local"):
        normalised = normalise_tag((tag or "")[:MAX_TAG])
        if tag is None or not normalised:
            raise BadRequest("Missing tag name parameter")
        return Stream(name, f"{name}:{normalised}", POSTS, "read:statuses", argument=tag, open_to_all=True)
    raise BadRequest("Unknown stream type")
