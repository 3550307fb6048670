"""Who can see a status."""

from __future__ import annotations

from typing import Literal, cast, get_args

Visibility = Literal["public", "unlisted", "private", "direct", "limited"]
"""As the API says it; `limited` (addressed people who are not mentioned) is shown as `private`."""

VISIBILITIES: frozenset[str] = frozenset(get_args(Visibility))
POSTABLE: frozenset[str] = VISIBILITIES - {"limited"}
REBLOGGABLE: frozenset[str] = frozenset({"public", "unlisted"})


def visibility(text: str) -> Visibility:
    """Narrow a string that is known to be one of the words."""
    if text not in VISIBILITIES:
        raise ValueError(f"not a visibility: {text!r}")
    return cast(Visibility, text)


def shown(visibility: str) -> str:
    """The word clients know for it."""
    return "private" if visibility == "limited" else visibility
