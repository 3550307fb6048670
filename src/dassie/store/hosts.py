"""How other servers do: one breaker per host for all who want something of it, and how long its answers take.

Closed: asked freely. Open: not asked until its time. Half open: one request of all goes as a probe; its answer
closes the breaker, its failure opens it for longer. Kept in memory, written now and then for the next start, for
people, and for the other processes.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from dassie.domain.breaking import (
    FAILURES_TO_OPEN,
    FIRST_PAUSE,
    LONGEST_WISH,
    SILENCES_TO_OPEN,
    opens_at_once,
    pause,
    reason_of,
)
from dassie.domain.errors import RemoteFailed
from dassie.domain.patience import FIRST_SECONDS, AnswerTimes
from dassie.ports import Clock
from dassie.store import host_rows
from dassie.store.counters import Counters
from dassie.store.host_rows import HostRow
from dassie.store.tx import Tx

REMEMBERED = 5_000
"""Hosts that fail, and as many whose answers were timed."""
PROBE_SECONDS = 10.0
"""Come again in so long, when somebody else's request is the probe."""
KNOCKS_EVERY = timedelta(minutes=10)
"""Anybody can say they are from a host; so often one look is spent on that."""
SAVED_EVERY = timedelta(hours=1)
"""So often the times of a host that answers are written."""
OVERLAP = timedelta(minutes=1)
"""Clocks of several processes, and units that are durable later than others, differ by less."""


@dataclass(slots=True)
class Health:
    """A server that fails."""

    failures: int = 0
    """In a row."""
    open_until: datetime | None = None
    failing_since: datetime | None = None
    last_success_at: datetime | None = None
    last_error: str | None = None
    reason: str | None = None
    """The last one: a word of `breaking.REASONS`."""
    probing: bool = False
    """A request is under way that decides."""
    heard_at: datetime | None = None
    """When something valid came from there and it was asked again because of that."""
    knocked_at: datetime | None = None


@dataclass(slots=True)
class _Timed:
    times: AnswerTimes
    saved_at: datetime


class Hosts:
    """The health of the servers that fail, and the answer times of those asked lately."""

    def __init__(self, clock: Clock, counters: Counters | None = None) -> None:
        self._clock = clock
        self._counters = counters or Counters()
        self._failing: OrderedDict[str, Health] = OrderedDict()
        self._timed: OrderedDict[str, _Timed] = OrderedDict()
        self._changed: set[str] = set()
        self._silent_since: datetime | None = None
        self._loaded_at: datetime | None = None
        self._reopened: deque[str] = deque(maxlen=REMEMBERED)
        self.on_reopened: Callable[[], None] = lambda: None
        """Called when a host that was left in peace may be asked again: see `take_reopened`."""

    # Before asking ----------------------------------------------------------------------------------

    def paused_until(self, host: str) -> datetime | None:
        """When an open breaker lets the next probe through; None where it is not open."""
        health = self._failing.get(host)
        if health is not None and health.open_until is not None and health.open_until > self._clock.now():
            return health.open_until
        return None

    def room(self, host: str, usual: int) -> int:
        """How many jobs of this host may run at once: none while it is left in peace, one as a probe."""
        health = self._failing.get(host)
        if health is None or health.open_until is None:
            return usual
        return 0 if health.open_until > self._clock.now() else min(1, usual)

    def reason(self, host: str) -> str | None:
        """Why this host fails, in one word; None where it does not."""
        health = self._failing.get(host)
        return health.reason if health is not None else None

    def check(self, host: str) -> None:
        """Raises `RemoteFailed` of kind breaker, with `retry_after`, where this host is not to be asked now."""
        health = self._failing.get(host)
        if health is None or health.open_until is None:
            return
        left = (health.open_until - self._clock.now()).total_seconds()
        if left > 0:
            said = f"{host} does not answer ({_in_words(health.reason)}) and is asked again in {_span(left)}"
            raise RemoteFailed(said, kind="breaker", retry_after=left)
        if health.probing:
            said = f"{host} did not answer lately and is being asked again just now"
            raise RemoteFailed(said, kind="breaker", retry_after=PROBE_SECONDS)

    def patience(self, host: str) -> float:
        """Seconds to wait for the head of its answer."""
        timed = self._timed.get(host)
        return FIRST_SECONDS if timed is None else timed.times.patience

    # Asking -----------------------------------------------------------------------------------------

    @contextmanager
    def asking(self, host: str) -> Iterator[None]:
        """Around a request, up to the head of its answer. Raises as `check` does; counts what fails inside.

        Where it does not fail, say `answered` inside.
        """
        self.check(host)
        began = self._clock.now()
        health = self._failing.get(host)
        probe = health is not None and health.open_until is not None
        if health is not None and probe:
            health.probing = True
        try:
            yield
        except RemoteFailed as error:
            self.failed(host, error, began=began)
            raise
        finally:
            if health is not None and probe:
                health.probing = False

    def answered(self, host: str, seconds: float | None = None) -> None:
        """It answered, whatever it said: all is forgiven. `seconds` teach how long to wait for it."""
        now = self._clock.now()
        self._end_silence(now)
        if seconds is not None:
            timed = self._time_of(host)
            timed.times.took(seconds)
            if now - timed.saved_at > SAVED_EVERY:
                timed.saved_at = now
                self._note(host)
        health = self._failing.pop(host, None)
        if health is not None:
            self._note(host)
            if health.open_until is not None or health.heard_at is not None:
                self._reopen(host)

    def failed(self, host: str, error: RemoteFailed, *, began: datetime | None = None) -> None:
        """A request failed that began at `began`; what says nothing about the host is its answer."""
        reason = reason_of(error)
        if reason is None:
            if error.kind not in ("breaker", "blocked_address"):
                self.answered(host)
            return
        self._counters.add(f"host.tries_failed.{reason}")
        now = self._clock.now()
        if reason == "timeout":
            self._time_of(host).times.timed_out()
        if error.code is not None:
            self._end_silence(now)
        elif self._silent_since is None:
            self._silent_since = now
        health = self._failing.get(host) or self._new(host)
        if (health.open_until is not None and health.open_until > now) or _older(began, health.heard_at):
            return  # it was under way before we knew, or before we heard of it
        health.failures += 1
        health.failing_since = health.failing_since or now
        health.reason, health.last_error = reason, error.safe[:500]
        health.open_until = self._until(host, health, error, now)
        self._failing.move_to_end(host)
        self._note(host)

    def heard_from(self, host: str) -> bool:
        """Something valid came from there, so it lives: ask it again, from now on. Whether that changes anything.

        A host that talks but does not listen is asked anew once a minute at most.
        """
        health = self._failing.get(host)
        if health is None or health.open_until is None:
            return False
        now = self._clock.now()
        if health.heard_at is not None and now - health.heard_at < FIRST_PAUSE:
            return False
        health.heard_at, health.open_until = now, None
        self._note(host)
        self._reopen(host)
        return True

    def knocked(self, host: str) -> None:
        """Somebody says they are from there, and only asking there can tell: let one request through now."""
        health = self._failing.get(host)
        now = self._clock.now()
        if health is None or health.open_until is None or health.open_until <= now:
            return
        if health.knocked_at is None or now - health.knocked_at >= KNOCKS_EVERY:
            health.knocked_at, health.open_until = now, now

    def take_reopened(self) -> list[str]:
        """Hosts that may be asked again since the last call; what waits for them may run now."""
        taken = list(dict.fromkeys(self._reopened))
        self._reopened.clear()
        return taken

    # Keeping ----------------------------------------------------------------------------------------

    @property
    def changed(self) -> bool:
        """Whether there is something to save."""
        return bool(self._changed)

    async def save(self, tx: Tx) -> None:
        """Write what changed, for the next start, for people and for other processes."""
        changed, self._changed = self._changed, set()
        await host_rows.save(tx, [self._row(host, tx.now) for host in changed])

    async def load(self, tx: Tx) -> None:
        """Take in what was known before the start, or what other processes have learned since the last call."""
        after = self._loaded_at - OVERLAP if self._loaded_at is not None else tx.now - timedelta(days=365)
        self._loaded_at = tx.now
        for row in await host_rows.since(tx, after):
            if row.host not in self._changed:
                self._adopt(row)

    def _adopt(self, row: HostRow) -> None:
        if row.mean_ms is not None and row.deviation_ms is not None and row.host not in self._timed:
            self._time_of(row.host).times = AnswerTimes(row.mean_ms / 1000, row.deviation_ms / 1000)
        health = self._failing.get(row.host)
        was_open = health is not None and health.open_until is not None
        if not row.failures:
            self._failing.pop(row.host, None)
        else:
            health = health or self._new(row.host)
            health.failures, health.failing_since = row.failures, row.failing_since
            health.open_until, health.last_success_at = row.open_until, row.last_success_at
            health.last_error, health.reason = row.last_error, row.reason
        if was_open and (not row.failures or row.open_until is None):
            self._reopen(row.host)

    def _row(self, host: str, now: datetime) -> HostRow:
        health = self._failing.get(host) or Health(last_success_at=now)
        timed = self._timed.get(host)
        times = timed.times if timed is not None else AnswerTimes()
        known = times.mean is not None
        return HostRow(
            host=host,
            failures=health.failures,
            open_until=health.open_until,
            failing_since=health.failing_since,
            last_success_at=health.last_success_at,
            last_error=health.last_error,
            reason=health.reason,
            mean_ms=round((times.mean or 0.0) * 1000) if known else None,
            deviation_ms=round(times.deviation * 1000) if known else None,
        )

    # Parts ------------------------------------------------------------------------------------------

    def _new(self, host: str) -> Health:
        if len(self._failing) >= REMEMBERED:
            self._failing.popitem(last=False)
        health = self._failing[host] = Health()
        return health

    def _time_of(self, host: str) -> _Timed:
        timed = self._timed.get(host)
        if timed is None:
            if len(self._timed) >= REMEMBERED:
                self._timed.popitem(last=False)
            timed = self._timed[host] = _Timed(AnswerTimes(), self._clock.now())
        self._timed.move_to_end(host)
        return timed

    def _note(self, host: str) -> None:
        if len(self._changed) < 2 * REMEMBERED:
            self._changed.add(host)

    def _end_silence(self, now: datetime) -> None:
        """Where nobody at all answered for a while, our own line was down: who failed only since may be asked."""
        since, self._silent_since = self._silent_since, None
        if since is None or now - since < FIRST_PAUSE:
            return
        for host, health in self._failing.items():
            began = health.failing_since
            if health.open_until is not None and began is not None and began >= since:
                health.open_until = min(health.open_until, now)
                self._note(host)
                self._reopen(host)

    def _ever_answered(self, host: str) -> bool:
        timed = self._timed.get(host)
        return timed is not None and timed.times.mean is not None

    def _reopen(self, host: str) -> None:
        self._reopened.append(host)
        self.on_reopened()

    def _until(self, host: str, health: Health, error: RemoteFailed, now: datetime) -> datetime | None:
        if error.retry_after is not None:
            return now + min(timedelta(seconds=error.retry_after), LONGEST_WISH)
        needed = FAILURES_TO_OPEN
        if opens_at_once(error):
            needed = 1
        elif health.reason == "timeout" and not self._ever_answered(host):
            needed = SILENCES_TO_OPEN
        if health.failures < needed:
            return None
        doublings = health.failures - needed
        failing_for = now - (health.failing_since or now)
        return now + pause(doublings, failing_for, secrets.randbelow(1001) / 1000)


def _older(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one < other


def _in_words(reason: str | None) -> str:
    return (reason or "unknown").replace("_", " ")


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{max(round(seconds), 1)} seconds"
    return f"{round(seconds / 60)} minutes" if seconds < 7200 else f"{round(seconds / 3600)} hours"
