"""Relationship entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from dassie.api.entities.shapes import Id, Stamp
from dassie.api.entities.values import stamp
from dassie.store import relationships
from dassie.store.tx import Tx


class Relationship(TypedDict):
    """What somebody is to the caller."""

    id: Id
    following: bool
    showing_reblogs: bool
    notifying: bool
    languages: list[str] | None
    followed_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool
    muting_expires_at: Stamp | None
    requested: bool
    requested_by: bool
    domain_blocking: bool
    endorsed: bool
    note: str


async def show_relationships(
    tx: Tx, viewer: int, ids: Sequence[int], *, with_suspended: bool = True
) -> list[Relationship]:
    """What `viewer` is to each of `ids`, in this order."""
    found = await relationships.of(tx, viewer, ids)
    return [show_relationship(one) for one in found if with_suspended or not one.suspended]


def show_relationship(found: relationships.Relationship) -> Relationship:
    """What the viewer is to one account."""
    return {
        "id": str(found.id),
        "following": found.following,
        "showing_reblogs": bool(found.show_reblogs),
        "notifying": bool(found.notify),
        "languages": found.languages,
        "followed_by": found.followed_by,
        "blocking": found.blocking,
        "blocked_by": found.blocked_by,
        "muting": found.muting,
        "muting_notifications": bool(found.muting_notifications),
        "muting_expires_at": stamp(found.mute_expires_at),
        "requested": found.requested,
        "requested_by": found.requested_by,
        "domain_blocking": found.domain_blocking,
        "endorsed": found.endorsed,
        "note": found.note or "",
    }
