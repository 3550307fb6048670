"""How old somebody is."""

from __future__ import annotations

from datetime import date


def age_on(born: date, today: date) -> int:
    """Full years; who was born on 29 February has their birthday on 1 March in other years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def read_day(text: str) -> date | None:
    """A day such as 2001-12-31 (what follows it, such as a time, does not matter); None where it is none."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
