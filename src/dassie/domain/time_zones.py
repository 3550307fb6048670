"""Time zones by the names of the IANA database, as far as this machine knows them."""

from __future__ import annotations

from datetime import UTC, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones


@cache
def names() -> tuple[str, ...]:
    """The zones to choose from: those named for a place, in order."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def known(name: str | None) -> str:
    """The name, where it is one of `names`; else empty."""
    return name if name is not None and name in names() else ""


def zone(name: str) -> tzinfo:
    """The zone of a name; UTC where there is none of that name (any more)."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
