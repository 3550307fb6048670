"""Remembering where somebody stopped reading."""

from __future__ import annotations

from collections.abc import Mapping

from dassie.domain.ids import UserId
from dassie.store import markers
from dassie.store.markers import Marker
from dassie.store.tx import Tx

TIMELINES = ("home", "notifications")


async def mark_read(tx: Tx, user_id: UserId, read: Mapping[str, int]) -> list[Marker]:
    """Set markers by timeline; raises `Conflict` where another device sets one at the same moment."""
    return [await markers.save(tx, user_id, timeline, id) for timeline, id in read.items()]
