"""Token buckets: so much at once, so much an hour in the long run. Times are seconds of a clock that only grows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable


class Bucket:
    """Fills by `rate` a second up to `capacity`; begins full, or with what `level` says."""

    __slots__ = ("_at", "_level", "capacity", "rate")

    def __init__(self, rate: float, capacity: float, now: float, level: float | None = None) -> None:
        self.rate = rate
        self.capacity = capacity
        self._level = capacity if level is None else min(level, capacity)
        self._at = now

    def level(self, now: float) -> float:
        """What is in it now."""
        return min(self.capacity, self._level + max(now - self._at, 0.0) * self.rate)

    def wait(self, amount: float, now: float) -> float:
        """Seconds until it holds `amount`; zero where it does."""
        missing = min(amount, self.capacity) - self.level(now)
        return 0.0 if missing <= 0 else missing / self.rate

    def spend(self, amount: float, now: float) -> bool:
        """Take out `amount` where it is there; whether it was."""
        if self.wait(amount, now) > 0:
            return False
        self.take(amount, now)
        return True

    def take(self, amount: float, now: float) -> None:
        """Take out `amount`, even what is not there: then it stays empty for longer."""
        self._level = self.level(now) - amount
        self._at = now


class Buckets:
    """One bucket per key, the least used forgotten first: a forgotten one begins full again."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._buckets: OrderedDict[Hashable, Bucket] = OrderedDict()

    def of(self, key: Hashable, rate: float, capacity: float, now: float) -> Bucket:
        """The bucket of `key`, made anew where its rule has changed."""
        bucket = self._buckets.get(key)
        if bucket is None or bucket.rate != rate or bucket.capacity != capacity:
            bucket = self._buckets[key] = Bucket(rate, capacity, now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        return bucket
