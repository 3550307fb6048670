"""Marker entities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict, cast

from dassie.api.entities.shapes import Id, Stamp
from dassie.api.entities.values import stamp
from dassie.store import markers


class Marker(TypedDict):
    """Where somebody stopped reading."""

    last_read_id: Id
    version: int
    updated_at: Stamp


class Markers(TypedDict, total=False):
    """The markers that there are, by timeline."""

    home: Marker
    notifications: Marker


def show_markers(found: Iterable[markers.Marker]) -> Markers:
    """Markers by timeline."""
    shown = {one.timeline: _show(one) for one in found}
    return cast(Markers, shown)


def _show(one: markers.Marker) -> Marker:
    return {"last_read_id": str(one.last_read_id), "version": one.version, "updated_at": stamp(one.updated_at)}
