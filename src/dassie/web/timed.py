"""Dates that people type into a form: in their own zone where a script told it, else in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dassie.domain.errors import Invalid
from dassie.web.texts import gettext as _


def read(typed: str, zone: int) -> datetime | None:
    """The moment in UTC; None where nothing was typed. `zone`: minutes that the clock of its reader is behind UTC."""
    if not typed.strip():
        return None
    try:
        at = datetime.fromisoformat(typed.strip())
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC) + timedelta(minutes=zone)
    except (ValueError, OverflowError):
        words = _("This is no date and time.")
        raise Invalid(words, fields={"scheduled_at": [("ERR_INVALID", words)]}) from None


def field(at: datetime) -> str:
    """A moment as a date field has it, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M}"
