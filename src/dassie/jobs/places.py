"""How many jobs run for each host in each lane, and how many more may."""

from __future__ import annotations

from collections import Counter

from dassie.store.hosts import Hosts


class Places:
    """Counts jobs under way; a host that is left in peace has no place, one that is probed has one."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._taken: Counter[tuple[int, str]] = Counter()

    def room(self, lane: int, host: str, per_host: int, *, asks: bool) -> int:
        """How many more jobs of this host may run now; `asks`: they ask it something."""
        most = self._hosts.room(host, per_host) if asks else per_host
        return max(most - self._taken[lane, host], 0)

    def take(self, lane: int, host: str) -> None:
        self._taken[lane, host] += 1

    def leave(self, lane: int, host: str) -> None:
        self._taken[lane, host] -= 1
        if self._taken[lane, host] <= 0:
            del self._taken[lane, host]
