"""Runs jobs: each lane has its own slots, so a flood in one never starves another.

Started once per process. `stop` lets running jobs end, then gives the remaining leases back.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from dassie.domain.errors import Busy, DassieError, GiveUp, RemoteFailed, Retry
from dassie.domain.jobs import Job, Lane
from dassie.jobs import figures
from dassie.jobs.current import Current, current
from dassie.jobs.metering import Metered
from dassie.jobs.places import Places
from dassie.jobs.registry import KINDS, RECORDERS, Kind, Outcome
from dassie.jobs.reopening import bring_forward
from dassie.server import Server
from dassie.store import queue
from dassie.store.queue import Claimed
from dassie.store.tx import Tx

log = structlog.get_logger("jobs")

HEARTBEAT = 10.0
LONGEST_SLEEP = 3600.0
SAVE_PAUSE = 5.0
HOSTS_AT_ONCE = 64
GATHER = 0.004
PAUSE_AFTER_FAILURE = 2.0
WAIT_WHEN_BUSY = 30.0
PARK_SPREAD = 10
"""Seconds after a pause in which jobs of the host come back."""


@dataclass(frozen=True, slots=True)
class LaneRules:
    """A lane's guaranteed share: how many of its jobs run at once, in all and for one host."""

    slots: int
    per_host: int
    newest_first: bool = False
    asks: bool = False
    """Its jobs ask the host they are named for, so they wait while it is left in peace."""


LANES: dict[Lane, LaneRules] = {
    Lane.LOCAL: LaneRules(slots=8, per_host=8),
    Lane.INBOX: LaneRules(slots=24, per_host=12),
    Lane.DELIVER: LaneRules(slots=64, per_host=4, asks=True),
    Lane.FETCH: LaneRules(slots=16, per_host=2, asks=True),
    Lane.BULK: LaneRules(slots=2, per_host=2),
    Lane.STRANGERS: LaneRules(slots=64, per_host=2, newest_first=True, asks=True),
    Lane.THREADS: LaneRules(slots=3, per_host=1, asks=True),
}


class Runner:
    """The workers of one process."""

    def __init__(self, server: Server, *, alone: bool) -> None:
        """`alone`: no other process works on this database, so leases found at the start are dead."""
        self._server = server
        self._alone = alone
        self._worker = secrets.token_hex(6)
        self._hosts = server.hosts
        self._places = Places(server.hosts)
        self._reopened = asyncio.Event()
        self._wake = {lane: asyncio.Event() for lane in LANES}
        self._due = asyncio.Event()
        self._running: dict[int, tuple[Claimed, asyncio.Task[None]]] = {}
        self._busy = dict.fromkeys(LANES, 0)
        self._done: list[tuple[Lane, Claimed]] = []
        self._flushing: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    async def start(self) -> None:
        """Take back dead leases, then begin to work."""
        async with self._server.write() as tx:
            recovered = await queue.recover(tx, all_leases=self._alone)
            await queue.free_orphans(tx)
            await self._hosts.load(tx)
        if recovered:
            log.info("jobs returned", count=recovered, why="their worker ended without finishing them")
        self._server.db.on_jobs = self.wake
        self._hosts.on_reopened = self._reopened.set
        loops = [self._lane(lane, rules) for lane, rules in LANES.items()]
        for coroutine in (*loops, self._clockwork(), self._heartbeat(), self._reopening()):
            self._tasks.append(asyncio.create_task(coroutine))

    @property
    def busy(self) -> bool:
        """Whether a job is running, or finished ones are not removed yet."""
        return bool(self._running or self._done or (self._flushing is not None and not self._flushing.done()))

    def wake(self, lanes: Collection[int | None] = frozenset((None, *Lane))) -> None:
        """There may be something to do in these lanes; None: something is due at another time than before."""
        for lane in lanes:
            if lane is None:
                self._due.set()
            else:
                self._wake[Lane(lane)].set()

    async def stop(self, *, grace: float = 10.0) -> None:
        """End: no new jobs, up to `grace` seconds for running ones, the rest goes back untried."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        running = [task for _, task in self._running.values()]
        if running:
            _, late = await asyncio.wait(running, timeout=grace)
            left = [id for id, (_, task) in self._running.items() if task in late]
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        else:
            left = []
        if self._flushing is not None:
            await self._flushing
        try:
            async with self._server.write() as tx:
                await queue.release(tx, left)
                await figures.write(self._server, tx)
        except DassieError as error:
            # Such as a full disk. Leases left behind run out, or are taken back at the next start.
            log.warning("the last figures could not be kept", why=error.safe)

    # Claiming ---------------------------------------------------------------------------------------

    async def _lane(self, lane: Lane, rules: LaneRules) -> None:
        cursor = ""
        wake = self._wake[lane]
        while True:
            if self._busy[lane]:
                await asyncio.sleep(GATHER)  # several end within a moment: claim for all of them at once
            wake.clear()
            free = rules.slots - self._busy[lane]
            claimed: list[Claimed] = []
            if free > 0:
                try:
                    claimed, cursor = await self._claim(lane, rules, free, cursor)
                except Exception as error:
                    # Whatever it is (a full disk, a database that is away), the workers must live through it.
                    await self._pause("jobs cannot be claimed", error)
                    continue
            if not claimed and not wake.is_set():
                await wake.wait()

    async def _claim(self, lane: Lane, rules: LaneRules, free: int, cursor: str) -> tuple[list[Claimed], str]:
        async with self._server.read() as tx:
            hosts = await queue.ready_hosts(tx, lane, cursor, HOSTS_AT_ONCE)
        following = "" if len(hosts) < HOSTS_AT_ONCE else hosts[-1]
        paused = {host: until for host in hosts if rules.asks and (until := self._hosts.paused_until(host))}
        room = {host: self._room(lane, rules, host) for host in hosts if host not in paused}
        room = {host: count for host, count in room.items() if count > 0}
        if not room and not paused:
            if cursor:
                self._wake[lane].set()  # nothing in this part of the alphabet: begin again at its start
            return [], following
        async with self._server.write() as tx:
            for host, until in paused.items():
                await queue.park(tx, lane, host, _spread(until))
            claimed = await self._take(tx, lane, room, rules, free)
        for job in claimed:
            self._begin(lane, job)
        if paused or cursor:
            self._wake[lane].set()
        return claimed, following

    async def _take(self, tx: Tx, lane: Lane, room: dict[str, int], rules: LaneRules, free: int) -> list[Claimed]:
        """Hosts with the same room are claimed together, so that no host gets more than its share."""
        claimed: list[Claimed] = []
        for count in sorted(set(room.values()), reverse=True):
            hosts = [host for host, its in room.items() if its == count]
            left = free - len(claimed)
            if left > 0:
                share = min(count, max(left // len(hosts), 1))
                claimed += await queue.claim(
                    tx,
                    lane,
                    hosts,
                    per_host=share,
                    limit=left,
                    worker=self._worker,
                    newest_first=rules.newest_first,
                )
        return claimed

    def _room(self, lane: Lane, rules: LaneRules, host: str) -> int:
        return rules.slots if host == "" else self._places.room(lane, host, rules.per_host, asks=rules.asks)

    # Working ----------------------------------------------------------------------------------------

    def _begin(self, lane: Lane, job: Claimed) -> None:
        self._busy[lane] += 1
        self._places.take(lane, job.host)
        task = asyncio.create_task(self._work(lane, job))
        self._running[job.id] = (job, task)

    async def _work(self, lane: Lane, job: Claimed) -> None:
        try:
            kind = KINDS.get(job.kind)
            if kind is None:
                await self._give_up(job, f"no handler for {job.kind} in this version")
            else:
                await self._try(lane, kind, job)
        except Exception as error:
            # Not even its end could be written. The lease runs out, and then it is tried again.
            log.warning("a job is left to its lease", job=job.id, kind=job.kind, error=str(error))
        finally:
            self._busy[lane] -= 1
            self._places.leave(lane, job.host)
            self._running.pop(job.id, None)
            self._wake[lane].set()

    async def _try(self, lane: Lane, kind: Kind, job: Claimed) -> None:
        counters = self._server.counters
        running = Current(job)
        current.set(running)
        with structlog.contextvars.bound_contextvars(job=job.id, kind=job.kind):
            try:
                async with asyncio.timeout(kind.job.max_seconds):
                    await Metered(kind.handler(self._server, kind.decode(job.args)), running)
            except GiveUp as outcome:
                counters.add(f"jobs.tries_failed.{job.kind}")
                await self._give_up(job, outcome.reason, code=code_of(outcome))
            except Retry as outcome:
                await self._again(kind.job, job, outcome.reason, outcome.after, code=code_of(outcome))
            except RemoteFailed as error:
                if error.kind == "breaker" and kind.job.keeps is not None:
                    await self._not_asked(job, error)
                else:
                    await self._again(kind.job, job, error.safe, error.retry_after, code=error.code)
            except TimeoutError:
                await self._again(kind.job, job, f"took longer than {kind.job.max_seconds:.0f} s", None)
            except Busy as busy:  # our own trouble, such as a full disk: not the job's fault
                await self._later(job, busy)
            except Exception as error:
                log.exception("a job failed", error=str(error))
                await self._again(kind.job, job, f"{type(error).__name__}: {error}", None)
            else:
                counters.add(f"jobs.done.{job.kind}")
                if not running.finished:
                    self._finish_soon(lane, job)
            finally:
                self._book(running)

    def _book(self, running: Current) -> None:
        """Have those who caused the job pay for it."""
        for source, name in running.sources:
            self._server.ledger.book(
                source, name, jobs=1, requests=running.requests, bytes=running.bytes, cpu_us=running.cpu_us
            )

    async def _later(self, job: Claimed, busy: Busy) -> None:
        wait = max(float(busy.retry_after), WAIT_WHEN_BUSY)
        log.warning("a job waits for better times", why=busy.safe, wait=wait)
        async with self._server.write() as tx:
            await queue.retry(tx, job, at=tx.now + timedelta(seconds=wait), why=busy.safe, counts=False)

    async def _not_asked(self, job: Claimed, error: RemoteFailed) -> None:
        """Its host is left in peace by now, or is being probed by another: that was no try."""
        wait = error.retry_after if error.retry_after is not None else WAIT_WHEN_BUSY
        async with self._server.write() as tx:
            at = tx.now + timedelta(seconds=wait + secrets.randbelow(PARK_SPREAD))
            await queue.retry(tx, job, at=at, why=error.safe, counts=False)
        self._server.counters.add(f"jobs.put_off.{job.kind}")

    async def _again(
        self, rules: type[Job], job: Claimed, why: str, after: float | None, *, code: int | None = None
    ) -> None:
        self._server.counters.add(f"jobs.tries_failed.{job.kind}")
        paused = self._paused_for(rules, job)
        if job.attempts >= rules.attempts and paused is None:
            await self._give_up(job, f"after {job.attempts} tries: {why}", code=code)
            return
        wait = queue.delay(job.attempts, rules.base_delay) if after is None else max(after, 1.0)
        async with self._server.write() as tx:
            at = _spread(paused) if paused is not None and after is None else tx.now + timedelta(seconds=wait)
            await queue.retry(tx, job, at=at, why=why)
            await _record(tx, job, Outcome("waiting", job.attempts, why, code, at))
            wait = (at - tx.now).total_seconds()
        log.info("a job will be tried again", tries=job.attempts, wait=round(wait), why=why)

    def _paused_for(self, rules: type[Job], job: Claimed) -> datetime | None:
        """When the job may be tried again because its host is asked again, where it waits as long as that takes."""
        if rules.keeps is None or self._server.clock.now() - job.created_at >= rules.keeps:
            return None
        return self._hosts.paused_until(job.host)

    async def _give_up(self, job: Claimed, why: str, *, code: int | None = None) -> None:
        async with self._server.write() as tx:
            await queue.set_aside(tx, job, why=why)
            await _record(tx, job, Outcome("gave_up", job.attempts, why, code))
        self._server.counters.add(f"jobs.gave_up.{job.kind}")
        if job.host:
            fault = "refused" if code is not None and 300 <= code < 500 else self._hosts.reason(job.host) or "other"
            self._server.counters.add(f"host.gave_up.{fault}")
        log.warning("a job was set aside", tries=job.attempts, why=why)

    def _finish_soon(self, lane: Lane, job: Claimed) -> None:
        self._places.end(lane, job.host)
        self._done.append((lane, job))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        while self._done:
            done, self._done = self._done, []
            try:
                async with self._server.write() as tx:
                    await queue.finish(tx, [job for _, job in done])
                    for _, job in done:
                        await _record(tx, job, Outcome("done", job.attempts))
            except DassieError as error:
                # Left as leased: they run once more after the lease, with the effect of once.
                log.warning("finished jobs could not be removed", count=len(done), why=error.safe)
            finally:
                for lane, job in done:
                    if self._places.written(lane, job.host):
                        self._wake[lane].set()

    # Time -------------------------------------------------------------------------------------------

    async def _clockwork(self) -> None:
        """Wake what is due; sleep until something will be."""
        while True:
            self._due.clear()
            try:
                async with self._server.write() as tx:
                    promoted = await queue.promote_due(tx)
                    due = await queue.next_due(tx)
                    now = tx.now
            except Exception as error:
                await self._pause("jobs that are due cannot be found", error)
                continue
            if promoted:
                for event in self._wake.values():
                    event.set()
            if promoted < queue.PROMOTED_AT_ONCE:
                wait = LONGEST_SLEEP if due is None else (due - now).total_seconds()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(max(wait, 0.05), LONGEST_SLEEP)):
                        await self._due.wait()

    async def _heartbeat(self) -> None:
        """Keep leases alive, return dead workers' jobs, write figures."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            held = list(self._running)
            if held or figures.wait(self._server) or not self._alone:
                try:
                    async with self._server.write() as tx:
                        await queue.extend(tx, held)
                        await figures.write(self._server, tx)
                        if not self._alone:
                            await self._hosts.load(tx)
                        if await queue.recover(tx, all_leases=False):
                            queue.wake_all(tx)
                    if not self._alone:
                        self.wake()  # another process may have left jobs
                except Exception as error:
                    await self._pause("the heartbeat failed", error)

    async def _reopening(self) -> None:
        """What waited for a host that is back need not wait for its time."""
        while True:
            await self._reopened.wait()
            self._reopened.clear()
            try:
                await bring_forward(self._server)
            except Exception as error:
                await self._pause("jobs of a host that is back could not be brought forward", error)

    async def _pause(self, what: str, error: Exception) -> None:
        if isinstance(error, DassieError):
            log.warning(what, why=error.safe)
        else:
            log.exception(what, error=str(error))
        await asyncio.sleep(PAUSE_AFTER_FAILURE)


def _spread(until: datetime) -> datetime:
    return until + timedelta(seconds=secrets.randbelow(PARK_SPREAD))


async def _record(tx: Tx, job: Claimed, outcome: Outcome) -> None:
    recorder = RECORDERS.get(job.kind)
    if recorder is not None:
        await recorder(tx, KINDS[job.kind].decode(job.args), outcome)


def code_of(outcome: Exception) -> int | None:
    """The HTTP code behind a refusal, where its handler named one."""
    code: int | None = getattr(outcome, "code", None)
    return code
