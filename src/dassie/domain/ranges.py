"""Parts of a file, as browsers ask for them (RFC 9110 section 14)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes from `start` up to, not including, `end`."""

    start: int
    end: int

    @property
    def empty(self) -> bool:
        """Nothing of it is in the file: the request cannot be satisfied (416)."""
        return self.start >= self.end


def read_range(header: str, size: int) -> Part | None:
    """The one range of a `Range` header, cut to a file of `size` bytes; None where the whole file is to be sent.

    Several ranges, other units and unreadable headers count as not asked for, as section 14.2 allows.
    """
    unit, _, text = header.partition("=")
    first, dash, last = text.strip().partition("-")
    if unit.strip().lower() != "bytes" or not dash or "," in text:
        return None
    start, end = _number(first), _number(last)
    if first.strip() == "" and end is not None:
        return Part(max(size - end, 0) if end else size, size)
    if start is None or (last.strip() and end is None) or (end is not None and end < start):
        return None
    return Part(start, size if end is None else min(end + 1, size))


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
