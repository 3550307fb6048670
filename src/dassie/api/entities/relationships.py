"""Relationship entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dassie.api.entities.values import stamp
from dassie.store import relationships
from dassie.store.relationships import Relationship
from dassie.store.tx import Tx


async def show_relationships(
    tx: Tx, viewer: int, ids: Sequence[int], *, with_suspended: bool = True
) -> list[dict[str, Any]]:
    """What `viewer` is to each of `ids`, in this order."""
    found = await relationships.of(tx, viewer, ids)
    return [show_relationship(one) for one in found if with_suspended or not one.suspended]


def show_relationship(found: Relationship) -> dict[str, Any]:
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
