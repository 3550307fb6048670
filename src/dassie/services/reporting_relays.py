"""What a relay brought, cost and gave: the report on one, and a line on each."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from msgspec import Struct, field

from dassie.domain.relays import Relay
from dassie.services import undoing_relays
from dassie.services.subscribing import cause_of
from dassie.services.undoing_relays import Undone
from dassie.store import costs, counters, relay_figures
from dassie.store.costs import Cost
from dassie.store.relay_figures import Held, Made
from dassie.store.tx import Tx

HOURS = 24
DAYS = 30


class Slice(Struct):
    """An hour or a day."""

    at: datetime
    """Its start, in UTC."""
    offered: int = 0
    admitted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """By reason, before any work."""
    dropped: Counter[str] = field(default_factory=Counter)
    """By reason, after it was looked at: only what was fetched or proved could tell."""
    stored: int = 0
    shed: int = 0
    """Of what was admitted, let go because newer things waited."""
    expired: int = 0
    called_off: int = 0

    @property
    def turned_away(self) -> int:
        return self.refused.total()

    @property
    def let_go(self) -> int:
        return self.shed + self.expired + self.called_off


class RelayReport(Struct, frozen=True):
    """All figures about one relay. Counting runs up to a few seconds behind."""

    hours: list[Slice]
    """The last 24, oldest first; this hour is the last."""
    days: list[Slice]
    """The last 30, oldest first; today is the last."""
    today: Cost
    month: Cost
    """Of the last 30 days."""
    held: Held
    made_of: Made
    waiting: int
    """Jobs because of it that wait or run."""
    gave_up: int
    """Jobs because of it that gave up."""
    undoing: bool
    """Whether what only it brought is being removed now."""
    undone: Undone | None = None
    """What was removed so far, where somebody asked for it."""

    @property
    def last_day(self) -> Slice:
        """The 24 hours added up."""
        return _sum(self.hours)

    @property
    def share_seen(self) -> float | None:
        """Of what was admitted in 30 days, the share that somebody here has seen; None where nothing was."""
        return min(self.month.seen / self.month.admitted, 1.0) if self.month.admitted else None

    def each(self, what: str) -> float | None:
        """`requests`, `bytes`, `jobs` or `cpu_us` per admitted post in 30 days; None where nothing was admitted."""
        return getattr(self.month, what) / self.month.admitted if self.month.admitted else None


async def relay_report(tx: Tx, relay: Relay, now: datetime) -> RelayReport:
    """The report on one relay."""
    waiting, gave_up = await relay_figures.jobs_of(tx, cause_of(relay.id))
    return RelayReport(
        hours=await _slices(tx, relay.id, "hour", now, HOURS),
        days=await _slices(tx, relay.id, "day", now, DAYS),
        today=await costs.of(tx, "relay", relay.id, now),
        month=await costs.of(tx, "relay", relay.id, now - timedelta(days=DAYS - 1)),
        held=await relay_figures.held(tx, relay.id),
        made_of=await relay_figures.made_of(tx, relay.id),
        waiting=waiting,
        gave_up=gave_up,
        undoing=await relay_figures.undoing(tx, relay.id),
        undone=await undoing_relays.progress(tx, relay.id),
    )


async def last_days(tx: Tx, now: datetime) -> dict[int, Slice]:
    """The last 24 hours of every relay in one, by id; relays without figures are missing."""
    start = counters.floor(now, "hour") - timedelta(hours=HOURS - 1)
    found: defaultdict[int, Slice] = defaultdict(lambda: Slice(start))
    for _at, name, value in await counters.beginning_with(tx, "hour", start, "relay."):
        id, _, what = name.removeprefix("relay.").partition(".")
        if id.isdigit():
            _book(found[int(id)], what, value)
    return dict(found)


async def _slices(tx: Tx, relay_id: int, span: str, now: datetime, most: int) -> list[Slice]:
    length = timedelta(milliseconds=counters.SPANS[span])
    start = counters.floor(now, span) - (most - 1) * length
    slices = {start + n * length: Slice(start + n * length) for n in range(most)}
    beginning = f"relay.{relay_id}."
    for at, name, value in await counters.beginning_with(tx, span, start, beginning):
        if at in slices:  # not what a clock that was wrong has counted in the future
            _book(slices[at], name.removeprefix(beginning), value)
    return list(slices.values())


def _book(into: Slice, what: str, value: int) -> None:
    kind, _, reason = what.partition(".")
    if kind in ("refused", "dropped"):
        getattr(into, kind)[reason] += value
    elif kind in ("offered", "admitted", "stored", "shed", "expired", "called_off"):
        setattr(into, kind, getattr(into, kind) + value)


def _sum(slices: list[Slice]) -> Slice:
    whole = Slice(slices[0].at)
    for one in slices:
        whole.refused.update(one.refused)
        whole.dropped.update(one.dropped)
        for name in ("offered", "admitted", "stored", "shed", "expired", "called_off"):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
    return whole
