"""What the fleet saw: fetches by what and for whom, deliveries, and how often each fault was met."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct, field


class Ledger(Struct):
    """Counted since the start. `via` in names is mastodon, litepub, friend, relay or nobody."""

    fetches: dict[str, int] = field(default_factory=Counter)
    """`kind via` → requests that reached a host, well or badly answered; kinds: note, actor, webfinger, …"""
    faults: dict[str, int] = field(default_factory=Counter)
    """`fault` → requests or connections that met it."""
    received: dict[str, int] = field(default_factory=Counter)
    """`type where` → activities in the inboxes of the fleet; where: relay name or `host`."""
    hosts: dict[str, int] = field(default_factory=Counter)
    """Host → requests."""
    connections: int = 0
    bytes_out: int = 0

    def fetched(self, kind: str, via: str, host: str) -> None:
        self.fetches[f"{kind} {via}"] = self.fetches.get(f"{kind} {via}", 0) + 1
        self.hosts[host] = self.hosts.get(host, 0) + 1

    def met(self, fault: str) -> None:
        self.faults[fault] = self.faults.get(fault, 0) + 1

    def got(self, type: str, where: str) -> None:
        self.received[f"{type} {where}"] = self.received.get(f"{type} {where}", 0) + 1

    def fetches_for(self, via: str) -> int:
        """Requests that posts of this way caused."""
        return sum(count for name, count in self.fetches.items() if name.endswith(f" {via}"))
