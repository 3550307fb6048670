"""Numbers of bytes as people write and read them: `20 GB`, `1.5GB`, `512 MiB`."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(\d{1,18}(?:[.,]\d{1,6})?)\s*([kmgtp]?)(i?)(b?|bytes?)", re.IGNORECASE | re.ASCII)
_STEPS = "kMGTP"


def parse_size(text: str | int) -> int:
    """Bytes of a size such as `20 GB` (1000s) or `20 GiB` (1024s); raises `ValueError` with what it takes."""
    if isinstance(text, int) and not isinstance(text, bool):
        if text < 0:
            raise ValueError("a size is not negative")
        return text
    found = _SIZE.fullmatch(str(text).strip().replace("_", ""))
    if found is None:
        raise ValueError("it takes a size such as 20 GB or 500 MB")
    number, step, binary, _ = found.groups()
    power = _STEPS.lower().index(step.lower()) + 1 if step else 0
    factor: int = (1024 if binary else 1000) ** power
    return round(float(number.replace(",", ".")) * factor)


def show_size(size: int) -> str:
    """Bytes for people, with three figures at most: `20 GB`, `1.35 MB`, `0 bytes`."""
    value, name = float(abs(size)), "bytes"
    for step in _STEPS:
        if value < 999.5:
            break
        value, name = value / 1000, f"{step}B"
    digits = 0 if name == "bytes" else max(0, 2 - len(str(int(value))) + 1)
    shown = f"{value:.{digits}f}"
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return f"{'-' if size < 0 else ''}{shown} {name}"
