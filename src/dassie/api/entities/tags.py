"""Tag entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from dassie.api.entities.shapes import Day, Digits, Id, Url
from dassie.domain.ids import AccountId
from dassie.domain.urls import Urls
from dassie.store import featured_tags, followed_tags, tag_uses
from dassie.store.kept_uses import KeptUses
from dassie.store.tag_uses import DayOfUse, TagView
from dassie.store.tx import Tx
from dassie.store.views import AccountView

_USES = KeptUses(tag_uses.uses)


class History(TypedDict):
    """How much a day brought."""

    day: Digits
    uses: Digits
    accounts: Digits


class Tag(TypedDict):
    """A hashtag, with its uses in the last seven days."""

    id: str
    name: str
    url: Url
    history: list[History]
    following: NotRequired[bool]
    featuring: NotRequired[bool]


class FeaturedTag(TypedDict):
    """A hashtag on a profile."""

    id: Id
    name: str
    url: Url
    statuses_count: Digits
    last_status_at: Day | None


async def show_tags(tx: Tx, found: Sequence[TagView], urls: Urls, *, viewer: AccountId | None = None) -> list[Tag]:
    """Tags with their uses in the last seven days, in this order; with a viewer, what these follow and feature."""
    ids = [tag.id for tag in found if tag.id is not None]
    used = await _USES.of(tx, ids, urls.base)
    unused = tag_uses.no_uses(tx.now)
    shown = [_show(tag, used.get(tag.id, unused) if tag.id is not None else unused, urls) for tag in found]
    if viewer is not None:
        followed = await followed_tags.among(tx, viewer, ids)
        featured = await featured_tags.among(tx, viewer, ids)
        for tag, one in zip(found, shown, strict=True):
            one["following"] = tag.id in followed
            one["featuring"] = tag.id in featured
    return shown


def _show(tag: TagView, days: Sequence[DayOfUse], urls: Urls) -> Tag:
    return {
        "id": str(tag.id) if tag.id is not None else "",
        "name": tag.display_name,
        "url": urls.tag(tag.name),
        "history": show_days(days),
    }


def show_days(days: Sequence[DayOfUse]) -> list[History]:
    """History entities, today first."""
    return [
        {"day": str(int(used.day.timestamp())), "uses": str(used.uses), "accounts": str(used.accounts)} for used in days
    ]


def show_featured_tag(one: featured_tags.FeaturedTag, owner: AccountView, urls: Urls) -> FeaturedTag:
    """A hashtag on the profile of `owner`."""
    return {
        "id": str(one.id),
        "name": one.name,
        "url": urls.tagged_by(owner.acct, one.tag),
        "statuses_count": str(one.statuses_count),
        "last_status_at": one.last_status_at.date().isoformat() if one.last_status_at is not None else None,
    }
