"""A part of a long list, as clients ask for it."""

from __future__ import annotations

from dataclasses import dataclass

from dassie.domain.ids import MAX_ID


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

    def bounds(self) -> dict[str, int]:
        """The ids between which the page lies, `page_above` and `page_below`; neither belongs to it."""
        above = max(self.min_id if self.min_id is not None else -MAX_ID, self.since_id or -MAX_ID)
        return {"page_above": above, "page_below": self.max_id if self.max_id is not None else MAX_ID}
