"""Where scripts, styles and icons lie: their built names carry a hash, so that browsers may keep them for good."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

DIST = Path(__file__).parent / "static" / "dist"


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Plain name to built name; empty where `python web/build.py` has not run."""
    try:
        found = json.loads((DIST / "assets.json").read_bytes())
    except FileNotFoundError:
        return {}
    return dict(found["names"])


def asset(name: str) -> str:
    """The address of a script, style or icon."""
    return f"/static/{names().get(name, name)}"


def is_hashed(name: str) -> bool:
    """Whether the file never changes under this name."""
    return name in names().values()
