"""People's requests under way, so that strangers can wait for them (`federation/turnstile.py`)."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager

from dassie.server import PerServer

SHORT_SECONDS = 0.03
"""So long a request counts: one that takes longer waits for something else than the processor."""


class Attending:
    """The requests of people that began a moment ago and are not answered yet."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._began: dict[int, float] = {}

    @contextmanager
    def to_somebody(self) -> Iterator[None]:
        """Around the answering of one request."""
        number = next(self._numbers)
        self._began[number] = time.monotonic()
        try:
            yield
        finally:
            del self._began[number]

    @property
    def busy(self) -> bool:
        """Whether somebody waits for the processor."""
        newest = next(reversed(self._began.values()), None)
        return newest is not None and newest > time.monotonic() - SHORT_SECONDS


attending_of = PerServer(lambda _: Attending())
"""Whom this running server attends to."""
