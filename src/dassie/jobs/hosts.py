"""How other servers do: requests under way, and a breaker that stops asking those who fail.

Closed: asked freely. Open: not asked until its time. Half open: one request goes as a probe; its success
closes the breaker, its failure opens it for twice as long.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from dassie.domain.errors import RemoteFailed
from dassie.store.dialect import put_or_set
from dassie.store.tables import job_hosts
from dassie.store.tx import Query, Statement, Tx

FAILURES_TO_OPEN = 5
FIRST_PAUSE = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(hours=2)
REMEMBERED = 5_000
DOWN_KINDS = frozenset({"name", "connect", "tls", "timeout", "breaker"})

_COLUMNS = ("host", "failures", "open_until", "failing_since", "last_success_at", "last_error", "updated_at")
_SAVE = Statement(put_or_set(job_hosts, _COLUMNS, key=("host",)))


@dataclass(slots=True)
class Health:
    """One server, as the queue sees it."""

    host: str
    failures: int = 0
    """In a row."""
    open_until: datetime | None = None
    failing_since: datetime | None = None
    last_success_at: datetime | None = None
    last_error: str | None = None


_LOAD = Query(
    Health,
    select(
        job_hosts.c.host,
        job_hosts.c.failures,
        job_hosts.c.open_until,
        job_hosts.c.failing_since,
        job_hosts.c.last_success_at,
        job_hosts.c.last_error,
    )
    .where(job_hosts.c.failures > 0)
    .order_by(job_hosts.c.updated_at.desc())
    .limit(bindparam("limit")),
)


class Hosts:
    """The health of all servers that fail or are being asked; the rest is not remembered."""

    def __init__(self) -> None:
        self.in_flight: Counter[tuple[int, str]] = Counter()
        self._health: dict[str, Health] = {}
        self._changed: set[str] = set()

    async def load(self, tx: Tx) -> None:
        """Remember what was known before the restart."""
        for health in await tx.all(_LOAD, limit=REMEMBERED):
            self._health[health.host] = health

    def room(self, lane: int, host: str, per_host: int, now: datetime) -> int:
        """How many more jobs of this host may run now: none while it is paused, one as a probe."""
        health = self._health.get(host)
        busy = self.in_flight[lane, host]
        if health is None or health.open_until is None:
            return max(per_host - busy, 0)
        if health.open_until > now:
            return 0
        return 1 - min(busy, 1)

    def paused_until(self, host: str, now: datetime) -> datetime | None:
        """When an open breaker lets the next probe through."""
        health = self._health.get(host)
        if health is not None and health.open_until is not None and health.open_until > now:
            return health.open_until
        return None

    def started(self, lane: int, host: str) -> None:
        self.in_flight[lane, host] += 1

    def ended(self, lane: int, host: str) -> None:
        self.in_flight[lane, host] -= 1
        if self.in_flight[lane, host] <= 0:
            del self.in_flight[lane, host]

    def succeeded(self, host: str, now: datetime) -> None:
        """The host answered: all is forgiven."""
        health = self._health.pop(host, None)
        if health is not None:
            self._health[host] = Health(host, last_success_at=now)
            self._changed.add(host)

    def failed(self, host: str, error: str, now: datetime, *, retry_after: float | None = None) -> None:
        """The host did not answer, or asked us to wait."""
        health = self._health.get(host)
        if health is None:
            if len(self._health) >= REMEMBERED:
                self._health.pop(next(iter(self._health)))
            health = self._health[host] = Health(host)
        health.failures += 1
        health.failing_since = health.failing_since or now
        health.last_error = error[:500]
        if retry_after is not None:
            health.open_until = now + timedelta(seconds=retry_after)
        elif health.failures >= FAILURES_TO_OPEN:
            doubled = min(health.failures - FAILURES_TO_OPEN, 12)
            health.open_until = now + min(FIRST_PAUSE * 2**doubled, LONGEST_PAUSE)
        self._changed.add(host)

    async def save(self, tx: Tx) -> None:
        """Write what changed, for the next start and for people."""
        changed, self._changed = self._changed, set()
        rows = []
        for host in changed:
            health = self._health.get(host)
            if health is not None:
                rows.append({name: getattr(health, name) for name in _COLUMNS[:-1]} | {"updated_at": tx.now})
                if health.failures == 0:
                    del self._health[host]
        await tx.run_many(_SAVE, rows)

    @property
    def changed(self) -> bool:
        return bool(self._changed)


def host_is_down(error: RemoteFailed) -> bool:
    """Whether this says something about the host, not only about the one request."""
    return error.kind in DOWN_KINDS or (error.code is not None and (error.code >= 500 or error.code == 429))
