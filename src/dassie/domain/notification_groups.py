"""Groups of notifications: which kinds are told together, and under which key (limits_and_rules section 15)."""

from __future__ import annotations

import re
from datetime import datetime

from dassie.domain.ids import parse_id, to_ms

GROUPABLE = frozenset({"favourite", "reblog", "follow", "admin.sign_up"})
"""Told together: many people do the same."""
SPAN_HOURS = 12
"""How long a group takes in new members; what comes later opens another."""
HOUR_MS = 3_600_000
ALONE = "ungrouped-"
_KEY = re.compile(r"[a-z_.]{1,40}(-[0-9]{1,20}){1,2}")


def possible_keys(type: str, status_id: int | None, at: datetime) -> list[str]:
    """The keys of groups that take in what happens at `at`; first the one to open where there is none."""
    about = type if status_id is None else f"{type}-{status_id}"
    hour = to_ms(at) // HOUR_MS
    return [f"{about}-{hour - ago}" for ago in range(SPAN_HOURS)]


def alone(id: int) -> str:
    """The key of a notification that stands for itself."""
    return f"{ALONE}{id}"


def id_of(key: str) -> int | None:
    """The notification that a key of one standing for itself names; None for the key of a group."""
    return parse_id(key.removeprefix(ALONE)) if key.startswith(ALONE) else None


def is_key(text: str) -> bool:
    """Whether this can be a key; nothing else is looked up."""
    return _KEY.fullmatch(text) is not None
