"""What came of a day: the figures, and what they say about losses."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class Times(Struct, frozen=True):
    """How long something took."""

    count: int = 0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    max_ms: float = 0.0


def times(seconds: list[float]) -> Times:
    """The middle and the end of a distribution."""
    if not seconds:
        return Times()
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000, 1)

    return Times(len(ordered), at(0.5), at(0.99), round(ordered[-1] * 1000, 1))


class ByRelay(Struct, kw_only=True):
    """What became of what one relay brought."""

    offered: int = 0
    """Requests that were answered."""
    acknowledged: int = 0
    """Of them with 202."""
    admitted: int = 0
    stored: int = 0
    """Acknowledged posts that are in the database."""
    refused: dict[str, int] = field(default_factory=dict)
    """Reason → how many; for a quota or lack of room they were told so, else acknowledged."""
    let_go: dict[str, int] = field(default_factory=dict)
    """Admitted and not kept: shed, expired, called off, …"""
    gave_up: dict[str, int] = field(default_factory=dict)
    """Reason → how many could not be fetched or proved: dropped for that, or set aside."""
    missing_healthy: int = 0
    """Acknowledged posts that are not stored though nothing is wrong with their host."""
    waiting: int = 0
    fetches: dict[str, int] = field(default_factory=dict)
    """Requests that reached a host because of its authors, by what was asked for."""

    @property
    def unexplained(self) -> int:
        """Acknowledged, neither here nor counted anywhere: lost."""
        told = sum(count for reason, count in self.refused.items() if reason not in ANSWERED | {"duplicate"})
        known = self.stored + told + sum(self.let_go.values()) + sum(self.gave_up.values()) + self.waiting
        return max(self.acknowledged - known, 0)

    @property
    def gave_up_ours(self) -> int:
        """Of what was given up, how much was on hosts without fault: as much as nothing else explains."""
        told = sum(count for reason, count in self.refused.items() if reason not in ANSWERED)
        elsewhere = told + sum(self.let_go.values()) + self.waiting
        return min(max(self.missing_healthy - elsewhere, 0), sum(self.gave_up.values()))

    @property
    def gave_up_host(self) -> int:
        """How much was on hosts that the fleet made faulty."""
        return sum(self.gave_up.values()) - self.gave_up_ours

    @property
    def looked_at(self) -> int:
        """Profiles that were completed because somebody saw them: then WebFinger and counters are asked."""
        return self.fetches.get("followers", 0)

    @property
    def fetches_per_admitted(self) -> float:
        """Of notes and actors, and of WebFinger where nobody looked."""
        wanted = self.fetches.get("note", 0) + self.fetches.get("actor", 0)
        wanted += max(self.fetches.get("webfinger", 0) - self.looked_at, 0)
        return round(wanted / self.admitted, 2) if self.admitted else 0.0


ANSWERED = frozenset({"quota", "bytes", "room"})
"""Refusals that the relay is told with 429 or 503."""


class Storage(Struct, frozen=True):
    """What the server says that it stores, in bytes."""

    budget: int
    used: int
    kinds: dict[str, int]
    """Posts are a part of the database."""


class Outcome(Struct, kw_only=True):
    """All that is reported."""

    variant: str
    database: str
    machine: str
    authors: int
    hosts: int
    faulty_hosts: int
    flood_seconds: float
    drain_seconds: float
    waiting_after_flood: int
    """Jobs, with those that are tried again later."""
    codes: dict[int, int]
    """Answers to what relays sent."""
    gate: Times
    """How long a relay waited for its answer."""
    relays: dict[str, ByRelay]
    own: Times
    """From sending a friend's post until it is in the home timeline."""
    own_sent: int
    own_acknowledged_lost: int
    own_not_seen: int
    own_sent_again: int
    api: dict[str, Times]
    """Phase (idle, flood, drain) → one reader's requests."""
    api_failed: dict[str, int]
    cpu_seconds: float | None
    peak_rss_mb: float
    peak_rss_with_helpers_mb: float
    rss_curve: list[tuple[float, float]]
    peak_disk: int
    """Bytes in the data folder while it ran, journals included."""
    disk: dict[str, int] = field(default_factory=dict)
    """Kind → bytes, after the server has ended."""
    disk_growth: int = 0
    storage: Storage
    faults_met: dict[str, int]
    jobs: dict[str, int]
    """`kind state` → how many are left; and `tries failed`, `done` from the figures."""
    counted_while_killed: int
    """Acknowledged in the last seconds before a kill: their figures may be missing, themselves must not be."""
    remarks: list[str] = field(default_factory=list)

    @property
    def offered(self) -> int:
        return sum(relay.offered for relay in self.relays.values())

    @property
    def admitted(self) -> int:
        return sum(relay.admitted for relay in self.relays.values())

    @property
    def stored(self) -> int:
        return sum(relay.stored for relay in self.relays.values())

    @property
    def _unexplained(self) -> int:
        return sum(relay.unexplained for relay in self.relays.values())

    @property
    def uncertain(self) -> int:
        """So many may have been counted in the seconds before a kill, and are not explained otherwise."""
        return min(self._unexplained, self.counted_while_killed)

    @property
    def lost(self) -> int:
        """Acknowledged activities that are gone without a word."""
        return self.own_acknowledged_lost + self._unexplained - self.uncertain

    @property
    def offered_per_second(self) -> float:
        return self.offered / self.flood_seconds if self.flood_seconds else 0.0

    @property
    def stored_per_second(self) -> float:
        """Until the queue was empty."""
        seconds = self.flood_seconds + self.drain_seconds
        return self.stored / seconds if seconds else 0.0

    def cpu_per_1000(self, count: int) -> float | None:
        return round(self.cpu_seconds / count * 1000, 2) if self.cpu_seconds is not None and count else None

    def summary(self) -> dict[str, Any]:
        """What is reckoned from the figures, for the JSON report."""
        return {
            "offered": self.offered,
            "admitted": self.admitted,
            "stored": self.stored,
            "lost": self.lost,
            "uncertain_because_of_kill": self.uncertain,
            "offered_per_second": round(self.offered_per_second, 1),
            "stored_per_second": round(self.stored_per_second, 1),
            "cpu_seconds_per_1000_offered": self.cpu_per_1000(self.offered),
            "cpu_seconds_per_1000_admitted": self.cpu_per_1000(self.admitted),
            "fetches_per_admitted": {via: relay.fetches_per_admitted for via, relay in self.relays.items()},
            "gave_up_share": {via: gave_up_share(relay) for via, relay in self.relays.items()},
        }


def gave_up_share(relay: ByRelay) -> dict[str, float]:
    """Of what was admitted, by whose fault."""
    most = max(relay.admitted, 1)
    return {"host": round(relay.gave_up_host / most, 4), "ours": round(relay.gave_up_ours / most, 4)}
