"""What a name of ours may look like."""

from __future__ import annotations

import re

from dassie.domain.errors import Invalid

LONGEST = 30
_PATTERN = re.compile(r"[a-z0-9_]+", re.IGNORECASE | re.ASCII)


def check_username(text: str) -> str:
    """The name without spaces around it; raises `Invalid` where it cannot be one (as Mastodon's rules)."""
    name = text.strip().removeprefix("@")
    if not name:
        raise _problem("ERR_BLANK", "can't be blank")
    if len(name) > LONGEST:
        raise _problem("ERR_TOO_LONG", f"is too long (maximum is {LONGEST} characters)")
    if not _PATTERN.fullmatch(name):
        raise _problem("ERR_INVALID", "must contain only letters, numbers and underscores")
    return name


def name_taken() -> Invalid:
    """Somebody else has it."""
    return _problem("ERR_TAKEN", "has already been taken")


def _problem(code: str, words: str) -> Invalid:
    return Invalid(f"Validation failed: Username {words}", fields={"username": [(code, words)]})
