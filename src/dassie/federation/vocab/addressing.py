"""Addressing: who a document is for, and the visibility that follows from it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from msgspec import Struct

from dassie.domain.audience import Visibility
from dassie.federation.vocab.values import optional_flag, refs

MAX_ADDRESSED = 1000
PUBLIC = frozenset(
    {
        "https://www.w3.org/ns/activitystreams#Public",
        "as:Public",
        "Public",
        "http://www.w3.org/ns/activitystreams#Public",  # old Pleroma
    }
)


class Audience(Struct, frozen=True):
    """The addressed, as sent: ids of actors and collections, once each, at most 1000 per list."""

    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    direct_message: bool | None = None
    """litepub's `directMessage`; Mastodon sends false for what is not public."""

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody addressed, without the public."""
        return tuple(dict.fromkeys(uri for uri in (*self.to, *self.cc) if uri not in PUBLIC))

    @property
    def is_public(self) -> bool:
        """Whether the public is named at all."""
        return not PUBLIC.isdisjoint(self.to) or not PUBLIC.isdisjoint(self.cc)

    def visibility(self, followers_uri: str | None, mention_hrefs: Collection[str] = ()) -> Visibility:
        """See `visibility_of`."""
        return visibility_of(self.to, self.cc, followers_uri, mention_hrefs, self.direct_message)


def read_audience(doc: dict[str, Any], outer: Audience | None = None) -> Audience:
    """Who `doc` is for; each list it lacks is taken from `outer`, the activity around it."""
    to, cc = doc.get("to"), doc.get("cc")
    return Audience(
        to=outer.to if to is None and outer else refs(to, MAX_ADDRESSED),
        cc=outer.cc if cc is None and outer else refs(cc, MAX_ADDRESSED),
        direct_message=optional_flag(doc.get("directMessage")),
    )


def visibility_of(
    to: Collection[str],
    cc: Collection[str],
    followers_uri: str | None,
    mention_hrefs: Collection[str],
    direct_message: bool | None = None,
) -> Visibility:
    """The visibility of a post with these addresses.

    `followers_uri` comes from the author's actor document, never from the look of a URL. It is honoured
    in `cc` too, as the Pleroma family means it. Nobody addressed at all is direct.
    """
    if not PUBLIC.isdisjoint(to):
        return "public"
    if not PUBLIC.isdisjoint(cc):
        return "unlisted"
    if followers_uri and (followers_uri in to or followers_uri in cc):
        return "private"
    mentioned = set(mention_hrefs)
    if direct_message is not True and not mentioned.issuperset((*to, *cc)):
        return "limited"
    return "direct"
