"""Relays and their figures, for our own admin API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import msgspec

from dassie.api.entities.shapes import Id, Stamp, Url
from dassie.api.entities.values import stamp
from dassie.domain import relays
from dassie.services import reporting_relays
from dassie.services.reporting_relays import Slice
from dassie.store.costs import Cost


class RelayCounts(TypedDict):
    """What came by a relay in a while, and what became of it."""

    offered: int
    admitted: int
    refused: dict[str, int]
    dropped: dict[str, int]
    stored: int
    shed: int
    expired: int
    called_off: int


class RelayTime(RelayCounts):
    """An hour or a day."""

    at: Stamp


class RelayCost(TypedDict):
    """What it took; bytes, and microseconds of the CPU."""

    offered: int
    admitted: int
    requests: int
    bytes: int
    jobs: int
    cpu_us: int
    seen: int


class EachPost(TypedDict):
    """The same for each post that was let in; null where none was."""

    requests: float | None
    bytes: float | None
    jobs: float | None
    cpu_us: float | None


class NamedCount(TypedDict):
    """A server or a language, and how many posts."""

    name: str
    count: int


class RelayHeld(TypedDict):
    """Posts that are here by it, and those that are here by nothing else."""

    total: int
    alone: int


class RelayNewest(TypedDict):
    """What the newest posts are made of."""

    looked_at: int
    seen: int
    hosts: list[NamedCount]
    languages: list[NamedCount]


class RelayJobs(TypedDict):
    """Its work that waits, and that was given up."""

    waiting: int
    gave_up: int


class RelayReport(TypedDict):
    """All figures about a relay."""

    hours: list[RelayTime]
    days: list[RelayTime]
    today: RelayCost
    month: RelayCost
    per_admitted_post: EachPost
    share_seen: float | None
    held: RelayHeld
    newest: RelayNewest
    jobs: RelayJobs
    undoing: bool
    undone: dict[str, Any] | None


class Relay(TypedDict):
    """A relay as it stands."""

    id: Id
    url: Url
    kind: relays.Kind
    state: relays.State
    domain: str
    sends: bool
    rules: dict[str, Any]
    last_error: str | None
    paused_until: Stamp | None
    trial_until: Stamp | None
    accepted_at: Stamp | None
    last_heard_at: Stamp | None
    created_at: Stamp
    last_day: RelayCounts


class ReportedRelay(Relay):
    """With its figures."""

    report: RelayReport


def show_relay(relay: relays.Relay, last_day: Slice | None) -> Relay:
    """A relay as it stands; `last_day` is what came in the last 24 hours."""
    return {
        "id": str(relay.id),
        "url": relay.url,
        "kind": relay.kind,
        "state": relay.state,
        "domain": relay.domain,
        "sends": relay.sends,
        "rules": msgspec.to_builtins(relay.rules),
        "last_error": relay.last_error,
        "paused_until": stamp(relay.paused_until),
        "trial_until": stamp(relay.trial_until),
        "accepted_at": stamp(relay.accepted_at),
        "last_heard_at": stamp(relay.last_heard_at),
        "created_at": stamp(relay.created_at),
        "last_day": _counts(last_day) if last_day is not None else _counts(Slice(relay.created_at)),
    }


def show_report(report: reporting_relays.RelayReport) -> RelayReport:
    """All figures about a relay. Sizes are bytes, times of the CPU microseconds."""
    return {
        "hours": [{"at": stamp(one.at), **_counts(one)} for one in report.hours],
        "days": [{"at": stamp(one.at), **_counts(one)} for one in report.days],
        "today": _cost(report.today),
        "month": _cost(report.month),
        "per_admitted_post": {
            "requests": report.each("requests"),
            "bytes": report.each("bytes"),
            "jobs": report.each("jobs"),
            "cpu_us": report.each("cpu_us"),
        },
        "share_seen": report.share_seen,
        "held": {"total": report.held.total, "alone": report.held.alone},
        "newest": {
            "looked_at": report.made_of.looked_at,
            "seen": report.made_of.seen,
            "hosts": _named(report.made_of.hosts),
            "languages": _named(report.made_of.languages),
        },
        "jobs": {"waiting": report.waiting, "gave_up": report.gave_up},
        "undoing": report.undoing,
        "undone": msgspec.to_builtins(report.undone),
    }


def _counts(counted: Slice) -> RelayCounts:
    return {
        "offered": counted.offered,
        "admitted": counted.admitted,
        "refused": dict(counted.refused),
        "dropped": dict(counted.dropped),
        "stored": counted.stored,
        "shed": counted.shed,
        "expired": counted.expired,
        "called_off": counted.called_off,
    }


def _cost(cost: Cost) -> RelayCost:
    return {
        "offered": cost.offered,
        "admitted": cost.admitted,
        "requests": cost.requests,
        "bytes": cost.bytes,
        "jobs": cost.jobs,
        "cpu_us": cost.cpu_us,
        "seen": cost.seen,
    }


def _named(counts: Sequence[tuple[str, int]]) -> list[NamedCount]:
    return [{"name": name, "count": count} for name, count in counts]
