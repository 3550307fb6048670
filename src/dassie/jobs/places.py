"""How many jobs run for each host in each lane, and how many more may.

What was done for a host and is not written down yet is done again after a crash. So that this is never more than
`AGAIN` times its share, a host has no place while so many ends wait to be written: only where the database is slow.
"""

from __future__ import annotations

from collections import Counter

from dassie.store.hosts import Hosts

AGAIN = 2
"""Shares of a host that a crash may repeat: one that runs, and one that ended and is being written down."""


class Places:
    """Counts jobs under way; a host that is left in peace has no place, one that is probed has one."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._taken: Counter[tuple[int, str]] = Counter()
        self._unwritten: Counter[tuple[int, str]] = Counter()
        self._held: set[tuple[int, str]] = set()

    def room(self, lane: int, host: str, per_host: int, *, asks: bool) -> int:
        """How many more jobs of this host may run now; `asks`: they ask it something."""
        most = self._hosts.room(host, per_host) if asks else per_host
        key = lane, host
        taken = self._taken[key]
        left = AGAIN * per_host - taken - self._unwritten[key]
        if left < most - taken:
            self._held.add(key)
        return max(min(most - taken, left), 0)

    def take(self, lane: int, host: str) -> None:
        self._taken[lane, host] += 1

    def leave(self, lane: int, host: str) -> None:
        self._taken[lane, host] -= 1
        if self._taken[lane, host] <= 0:
            del self._taken[lane, host]

    def end(self, lane: int, host: str) -> None:
        """A job is done, and that is not written down yet."""
        self._unwritten[lane, host] += 1

    def written(self, lane: int, host: str) -> bool:
        """Its end is written down; whether the host waited for that."""
        key = lane, host
        self._unwritten[key] -= 1
        if self._unwritten[key] <= 0:
            del self._unwritten[key]
        held = key in self._held
        self._held.discard(key)
        return held
