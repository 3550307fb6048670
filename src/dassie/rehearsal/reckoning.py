"""After the day: what became of everything that was acknowledged."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

from dassie.rehearsal import home
from dassie.rehearsal.friends import Posting
from dassie.rehearsal.ledger import Ledger
from dassie.rehearsal.metering import Meter
from dassie.rehearsal.outcome import ByRelay, Outcome, times
from dassie.rehearsal.plan import Via
from dassie.rehearsal.reading import Reader, Sightings

if TYPE_CHECKING:
    from dassie.rehearsal.replay import Course

WRITTEN_EVERY = 11.0
"""Seconds within which the server writes its figures down; those after that are gone with a kill -9."""
RELAYED_KINDS: dict[str, Via] = {"Relayed": "mastodon", "FetchRelayed": "litepub"}
VIAS: tuple[Via, ...] = ("mastodon", "litepub")


async def reckon(course: Course, reader: Reader, posting: Posting, sightings: Sightings, meter: Meter) -> Outcome:
    """The figures of a day that is over; the server is stopped, its database is still open here."""
    day, plan = course.day, course.plan
    poured, ledger = await course.fleet.poured(), await course.fleet.ledger()
    counted, jobs = await home.counted(course.server), await home.jobs_left(course.server)
    own_here = await home.stored(course.server, (sent.uri for sent in posting.sent))
    delays = [sightings.at[sent.marker] - sent.at for sent in posting.sent if sent.marker in sightings.at]
    return Outcome(
        variant=day.variant,
        database=course.server.db.name,
        machine=machine(),
        authors=plan.authors,
        hosts=plan.hosts,
        faulty_hosts=len(plan.faults),
        flood_seconds=round(course.flood_seconds, 1),
        drain_seconds=round(course.drain_seconds, 1),
        waiting_after_flood=course.waiting,
        codes=poured.codes,
        gate=poured.times,
        relays=await _by_relay(course, ledger, counted, jobs),
        own=times([max(delay, 0.0) for delay in delays]),
        own_sent=len(posting.sent),
        own_acknowledged_lost=len(posting.sent) - len(own_here),
        own_not_seen=len(posting.sent) - len(delays),
        own_sent_again=len(posting.refused),
        api={phase: times(taken) for phase, taken in reader.latencies.items()},
        api_failed=reader.failed,
        cpu_seconds=round(course.cpu, 2) if course.cpu else None,
        peak_rss_mb=round(meter.peak, 1),
        peak_rss_with_helpers_mb=round(meter.peak_with_helpers, 1),
        rss_curve=meter.thinned(),
        peak_disk=meter.peak_disk,
        storage=await home.storage(course.server),
        faults_met=ledger.faults,
        jobs=jobs | {name: count for name, count in counted.items() if name.startswith("jobs.")},
        counted_while_killed=await _before_the_kill(course),
        remarks=course.remarks,
    )


def machine() -> str:
    """One line about where this was measured."""
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = (line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line)
        model = next(lines, "")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} x {model or platform.machine()}, Python {platform.python_version()}, load average {load}"


async def _by_relay(
    course: Course, ledger: Ledger, counted: dict[str, int], jobs: dict[str, int]
) -> dict[str, ByRelay]:
    answers = await course.fleet.answered()
    ids = await home.relay_ids(course.server)
    found = {via: _from_figures(counted, f"relay.{ids[via]}.") for via in VIAS}
    acknowledged: dict[Via, list[str]] = {via: [] for via in VIAS}
    for post, answer in enumerate(answers):
        via = course.plan.via(course.plan.author_of(post))
        found[via].offered += answer > 0
        if answer == 2:
            acknowledged[via].append(course.plan.uri_of(post))
    for via in VIAS:
        here = await home.stored(course.server, acknowledged[via])
        found[via].acknowledged = len(acknowledged[via])
        found[via].stored = len(here)
        found[via].missing_healthy = sum(
            uri not in here and uri.split("/")[2] not in course.plan.faults for uri in acknowledged[via]
        )
        found[via].fetches = _fetches(ledger, via)
    for kind, via in RELAYED_KINDS.items():
        waits = ("ready", "scheduled", "running", "held")
        found[via].waiting = sum(jobs.get(f"{kind} {state}", 0) for state in waits)
        if jobs.get(f"{kind} set_aside"):
            found[via].gave_up["set_aside"] = jobs[f"{kind} set_aside"]
    return {str(via): relay for via, relay in found.items()}


def _from_figures(counted: dict[str, int], prefix: str) -> ByRelay:
    made = ByRelay()
    for name, count in counted.items():
        if not name.startswith(prefix):
            continue
        what, _, reason = name.removeprefix(prefix).partition(".")
        if what == "admitted":
            made.admitted = count
        elif what == "refused":
            made.refused[reason] = count
        elif what == "dropped" and reason.startswith(FAILED):
            made.gave_up[reason] = count
        elif what in LET_GO:
            made.let_go[f"{what} {reason}".strip()] = count
    return made


LET_GO = frozenset({"dropped", "shed", "expired", "called_off"})
FAILED = "remote_"
"""Reasons to drop something that begin so mean that another server could not be asked."""


def _fetches(ledger: Ledger, via: Via) -> dict[str, int]:
    return {name.rpartition(" ")[0]: count for name, count in ledger.fetches.items() if name.rpartition(" ")[2] == via}


async def _before_the_kill(course: Course) -> int:
    """How many relayed posts were acknowledged so shortly before the kill that their figures were not written."""
    if course.killed_at is None:
        return 0
    since = course.killed_at - WRITTEN_EVERY
    return await course.fleet.answered_between(since, course.killed_at)
