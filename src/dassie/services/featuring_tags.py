"""Hashtags on profiles. Of ours, other servers are told that the profile changed, and read the list then."""

from __future__ import annotations

from collections.abc import Sequence

from dassie.domain.errors import Invalid, NotFound
from dassie.domain.jobs import PublishProfile
from dassie.services.following_tags import named
from dassie.store import featured_tags, queue, tag_uses, tags
from dassie.store.changes import changed
from dassie.store.featured_tags import FeaturedTag
from dassie.store.tag_uses import TagView
from dassie.store.tx import Tx
from dassie.store.views import AccountView

MOST = 10
MOST_OF_OTHERS = 20


async def feature(tx: Tx, me: AccountView, name: str) -> FeaturedTag:
    """Put a hashtag on the profile; it is there once. Raises `Invalid` for what is no tag, or one too many."""
    try:
        normalised, written = named(name)
    except NotFound as error:
        raise Invalid("Validation failed: Name is invalid") from error
    tag_id = (await tags.ids(tx, [(normalised, written)]))[normalised]
    there = await featured_tags.of(tx, me.id)
    known = next((one for one in there if one.tag_id == tag_id), None)
    if known is not None:
        return known
    if len(there) >= MOST:
        raise Invalid("Validation failed: You have already featured the maximum number of hashtags")
    await featured_tags.add(tx, me.id, tag_id, written)
    await _publish(tx, me)
    return next(one for one in await featured_tags.of(tx, me.id) if one.tag_id == tag_id)


async def unfeature(tx: Tx, me: AccountView, id: int) -> None:
    """Take one off, by its row; raises `NotFound` where there is none."""
    if not await featured_tags.remove(tx, me.id, id):
        raise NotFound
    await _publish(tx, me)


async def unfeature_name(tx: Tx, me: AccountView, name: str) -> TagView:
    """Take one off, by its name; the tag. One that is not there is not an error."""
    normalised, written = named(name)
    for one in await featured_tags.of(tx, me.id):
        if one.tag == normalised:
            await unfeature(tx, me, one.id)
    known = await tag_uses.by_names(tx, [normalised])
    return known.get(normalised) or TagView(None, normalised, written)


async def received(tx: Tx, account_id: int, named: Sequence[tuple[str, str]]) -> bool:
    """The hashtags, as (normalised, as written), that somebody of another server shows; whether that is news."""
    by_name = await tags.ids(tx, list(named)[:MOST_OF_OTHERS])
    there = {one.tag_id: one for one in await featured_tags.of(tx, account_id)}
    written = dict(named)
    new = {id: written[name] for name, id in by_name.items() if id not in there}
    gone = [one for id, one in there.items() if id not in by_name.values()]
    for one in gone:
        await featured_tags.remove(tx, account_id, one.id)
    for id, name in new.items():
        await featured_tags.add(tx, account_id, id, name)
    if new or gone:
        changed(tx, account_id)
    return bool(new or gone)


async def received_one(tx: Tx, account_id: int, normalised: str, written: str) -> None:
    """Somebody of another server shows one more."""
    if len(await featured_tags.of(tx, account_id)) < MOST_OF_OTHERS:
        tag_id = (await tags.ids(tx, [(normalised, written)]))[normalised]
        await featured_tags.add(tx, account_id, tag_id, written)


async def removed_one(tx: Tx, account_id: int, normalised: str, written: str) -> None:
    """They show it no longer."""
    for one in await featured_tags.of(tx, account_id):
        if one.tag == normalised:
            await featured_tags.remove(tx, account_id, one.id)


async def _publish(tx: Tx, me: AccountView) -> None:
    changed(tx, me.id)  # the list that other servers read is kept encoded
    await queue.enqueue(tx, PublishProfile(account_id=me.id), unique=str(me.id))
