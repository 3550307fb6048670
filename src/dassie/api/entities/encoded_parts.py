"""Encoded parts of answers, kept in memory until they change or must make room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class EncodedParts(Generic[K]):
    """Encoded parts by a key that has the revision in it; the least recently used are the first to go."""

    def __init__(self, most: int) -> None:
        """`most`: bytes of all parts together."""
        self._most = most
        self._size = 0
        self._parts: OrderedDict[K, bytes] = OrderedDict()

    def get(self, key: K) -> bytes | None:
        """The part, if it is still here."""
        found = self._parts.get(key)
        if found is not None:
            self._parts.move_to_end(key)
        return found

    def put(self, key: K, part: bytes) -> None:
        """Keep a part, and let go of the oldest where there are too many."""
        self._size += len(part) - len(self._parts.pop(key, b""))  # two may have missed it at once
        self._parts[key] = part
        while self._size > self._most:
            _, gone = self._parts.popitem(last=False)
            self._size -= len(gone)
