"""Following hashtags: public posts with one come into the home feed (limits_and_rules section 16)."""

from __future__ import annotations

from dassie.domain.errors import NotFound
from dassie.domain.text import find_tags, normalise_tag
from dassie.server import Server
from dassie.services.admitting import admission_of
from dassie.store import followed_tags, tag_uses, tags
from dassie.store.tag_uses import TagView
from dassie.store.tx import Tx
from dassie.store.views import AccountView

MAX_NAME = 500


def named(name: str) -> tuple[str, str]:
    """(normalised, as written) of a tag as people name it, with or without its sign; raises `NotFound`."""
    written = name.strip().lstrip("#＃")
    found = find_tags(f"#{written}") if len(written) <= MAX_NAME else []
    if [tag.name for tag in found] != [written]:
        raise NotFound("This cannot be a hashtag")
    return normalise_tag(written), written


async def follow(tx: Tx, server: Server, me: AccountView, name: str) -> TagView:
    """Follow a tag, known here or not; what comes from now on is shown. Following twice is not an error."""
    normalised, written = named(name)
    tag_id = (await tags.ids(tx, [(normalised, written)]))[normalised]
    if await followed_tags.add(tx, me.id, tag_id):
        tx.after_commit(admission_of(server).changed)
    return (await tag_uses.by_names(tx, [normalised]))[normalised]


async def unfollow(tx: Tx, server: Server, me: AccountView, name: str) -> TagView:
    """Follow a tag no longer: what it alone had brought leaves the home feed. Not following is not an error."""
    normalised, written = named(name)
    known = (await tag_uses.by_names(tx, [normalised])).get(normalised)
    if known is None or known.id is None:
        return TagView(None, normalised, written)
    if await followed_tags.remove(tx, me.id, known.id):
        await followed_tags.take_out(tx, me.id, known.id)
        tx.after_commit(admission_of(server).changed)
    return known
