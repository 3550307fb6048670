"""Relays and their figures, for our own admin API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from dassie.api.entities.values import stamp
from dassie.domain.relays import Relay
from dassie.services.reporting_relays import RelayReport, Slice
from dassie.store.costs import Cost


def show_relay(relay: Relay, last_day: Slice | None) -> dict[str, Any]:
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


def show_report(report: RelayReport) -> dict[str, Any]:
    """All figures about a relay. Sizes are bytes, times of the CPU microseconds."""
    return {
        "hours": [{"at": stamp(one.at), **_counts(one)} for one in report.hours],
        "days": [{"at": stamp(one.at), **_counts(one)} for one in report.days],
        "today": _cost(report.today),
        "month": _cost(report.month),
        "per_admitted_post": {what: report.each(what) for what in ("requests", "bytes", "jobs", "cpu_us")},
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


def _counts(counted: Slice) -> dict[str, Any]:
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


def _cost(cost: Cost) -> dict[str, int]:
    names = ("offered", "admitted", "requests", "bytes", "jobs", "cpu_us", "seen")
    return {name: getattr(cost, name) for name in names}


def _named(counts: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"name": name, "count": count} for name, count in counts]
