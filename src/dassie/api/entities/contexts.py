"""Threads around a status."""

from __future__ import annotations

from typing import TypedDict

from dassie.api.entities.status_shapes import EncodedStatus


class Context(TypedDict):
    """What a status answers, the first one first, and what answers it, branch by branch."""

    ancestors: list[EncodedStatus]
    descendants: list[EncodedStatus]
