"""What a block of a server would do."""

from __future__ import annotations

from typing import TypedDict


class DomainBlockPreview(TypedDict):
    """How many follows would end."""

    following_count: int
    followers_count: int
