"""A part of a long list, as clients ask for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """Bounds are exclusive. `since_id`: newer, the newest page of them; `min_id`: the page directly above."""

    limit: int = 20
    max_id: int | None = None
    since_id: int | None = None
    min_id: int | None = None

    @property
    def upwards(self) -> bool:
        """Whether the page is read from its lower end."""
        return self.min_id is not None
