"""What is stored, by kind, and how much of the disk it may take (design section 6)."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

OWN = "own"
"""Uploads and pictures of people here."""
POST = "post"
"""Statuses of other servers: rows of the database, weighed by `arrivals.weight`."""
FILES = ("original", "small", "avatar", "header", "emoji", "card")
"""Files of other servers, by the kind that `Urls.proxied` puts into an address."""
KINDS = (OWN, *FILES, POST)

LABELS = {
    OWN: "Files of people here",
    "original": "Others' pictures, videos and sounds",
    "small": "Previews",
    "avatar": "Avatars",
    "header": "Profile headers",
    "emoji": "Emoji",
    "card": "Link pictures",
    POST: "Posts of others",
    "database": "Database",
}
"""Kinds as people read them, in English."""

USUAL_FLOOR = 5_000_000_000
FLOOR_SHARE = 20
"""Where nothing else is set, the floor is no more than one part in so many of the disk."""
MOST_NEAR = 500_000_000
LEAST_NEAR = 8_000_000
MOST_SPARE = 1_000_000_000
SPARE_SHARE = 33


class StorageSettings(Struct, frozen=True, omit_defaults=True):
    """What an admin changed at run time; None: as configured."""

    budget: int | None = None
    floor: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds now, in bytes."""

    budget: int
    floor: int

    @property
    def near(self) -> int:
        """So little free space is near the floor."""
        return self.floor + min(max(self.floor // 10, LEAST_NEAR), MOST_NEAR)

    @property
    def spare(self) -> int:
        """Of the budget this is kept free, so that what comes in the next moment has room."""
        return min(self.budget // SPARE_SHARE, MOST_SPARE)

    @property
    def begin(self) -> int:
        """Above this the least recently seen goes."""
        return self.budget - self.spare // 2

    @property
    def target(self) -> int:
        """It goes until no more than this is used."""
        return self.budget - self.spare


def limits(budget: int, floor: int | None, changed: StorageSettings, disk: int) -> Limits:
    """What holds: what was changed at run time, else what is configured, else what suits a disk of this size."""
    wanted = changed.floor if changed.floor is not None else floor
    if wanted is None:
        wanted = min(USUAL_FLOOR, disk // FLOOR_SHARE)
    return Limits(changed.budget if changed.budget is not None else budget, wanted)
