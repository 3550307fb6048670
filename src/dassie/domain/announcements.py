"""What announcements and reactions to them may be."""

from __future__ import annotations

import regex

LONGEST = 5_000
"""Characters of an announcement."""
MOST_REACTIONS = 8
"""Different ones to one announcement."""
_ONE = regex.compile(r"\X", regex.VERSION1)
_PICTURE = regex.compile(r"[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3]", regex.VERSION1)


def is_emoji(name: str) -> bool:
    """Whether this is one Unicode emoji, of however many characters (UTS #51)."""
    return len(name) <= 40 and _ONE.fullmatch(name) is not None and _PICTURE.search(name) is not None
