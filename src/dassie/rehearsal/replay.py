"""The bad day from beginning to end: a fresh server, a quiet while, the flood with friends in it, and the reckoning."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from msgspec import Struct

from dassie.rehearsal import home, reckoning
from dassie.rehearsal.fleet_process import FleetProcess
from dassie.rehearsal.flooded import Flooded, free_port
from dassie.rehearsal.friends import Posting, follow_all
from dassie.rehearsal.keyring import key_pairs
from dassie.rehearsal.metering import Meter
from dassie.rehearsal.outcome import Outcome
from dassie.rehearsal.plan import Plan
from dassie.rehearsal.pouring import Poured
from dassie.rehearsal.preparing import prepare
from dassie.rehearsal.reading import Listener, Reader, Sightings
from dassie.server import Server

ACCEPTED_WITHIN = 60.0
LOOK = 0.25
SIGHTED_WITHIN = 10.0
DOWN = 2.0
"""Seconds between kill -9 and the next start."""
TELL_SECONDS = 2.0

Say = Callable[[str], None]


class Day(Struct, frozen=True, kw_only=True):
    """How the day is to go."""

    plan: Plan
    rate: float = 0.0
    """Relayed posts offered per second; 0: as fast as they are answered."""
    lines: int = 8
    """Connections of the relays."""
    idle_seconds: float = 20.0
    flood_seconds: float | None = None
    """Stop pouring after this; None: when all was offered."""
    drain_seconds: float = 120.0
    """How long what can be done at once is given to be done."""
    settle_seconds: float = 0.0
    """How long what is tried again later is waited for then."""
    admit_all: bool = False
    """Relays without quotas."""
    kill: bool = False
    """kill -9 in the middle, then start again."""
    cut_seconds: float = 0.0
    """So long nothing answers and nothing comes, from a third of the flood on."""
    database_url: str = ""
    settings: dict[str, str] = {}
    """Further settings of the flooded server."""

    @property
    def variant(self) -> str:
        names = ["admit all" if self.admit_all else "defaults"]
        names += ["kill"] * self.kill + [f"cut {self.cut_seconds:.0f} s"] * bool(self.cut_seconds)
        return ", ".join(names)


class Course:
    """A day under way, and what is noted about it."""

    def __init__(self, day: Day, plan: Plan, fleet: FleetProcess, flooded: Flooded, server: Server) -> None:
        self.day = day
        self.plan = plan
        self.fleet = fleet
        self.flooded = flooded
        self.server = server
        """The database of the flooded server, opened here."""
        self.remarks: list[str] = []
        self.flood_seconds = 0.0
        self.drain_seconds = 0.0
        self.waiting = 0
        self.killed_at: float | None = None
        """Seconds after the flood began."""
        self.begun = 0.0
        self.cpu = 0.0


async def replay(day: Day, folder: Path, posts: Path, say: Say) -> Outcome:
    """Run the day. `folder` takes the server's data; in `posts` what is sent is prepared, or found prepared."""
    say(f"Preparing {day.plan.posts} posts by {day.plan.authors} authors on {day.plan.hosts} hosts …")
    plan = await prepare(day.plan, posts)
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    port = free_port()
    async with AsyncExitStack() as stack:
        fleet = await stack.enter_async_context(FleetProcess(posts, port))
        settings = Flooded.settings(data, port, fleet.resolver, day.database_url) | day.settings
        token = await home.move_in(settings, home.EVERYTHING if day.admit_all else None)
        disk_before = await home.disk(settings, data)
        flooded = Flooded(data, port, settings | {"SSL_CERT_FILE": fleet.bundle})
        await stack.enter_async_context(flooded)
        server = await stack.enter_async_context(home.opened(settings))
        course = Course(day, plan, fleet, flooded, server)
        await _settle_in(course, token, say)
        sightings = Sightings(plan.seed)
        reader = Reader(port, token, sightings)
        stack.push_async_callback(reader.close)
        stack.push_async_callback(Listener(port, token, sightings).close)
        meter = Meter(flooded)
        stack.push_async_callback(meter.close)
        await _quiet(course, reader, say)
        posting = await _flood(course, reader, key_pairs(posts), say)
        stack.push_async_callback(posting.close)
        await _drain(course, reader, posting, sightings, say)
        course.cpu = (flooded.cpu or 0.0) - course.cpu
        reader.phase = ""
        say("Stopping the server and reckoning …")
        await flooded.stop()  # so that its last figures are written
        outcome = await reckoning.reckon(course, reader, posting, sightings, meter)
    outcome.disk = await home.disk(settings, data)  # all have closed it: its journal is in the database
    outcome.disk_growth = sum(outcome.disk.values()) - sum(disk_before.values())
    return outcome


async def _settle_in(course: Course, token: str, say: Say) -> None:
    say("Entering both relays, following friends …")
    async with asyncio.timeout(ACCEPTED_WITHIN):
        while not await home.accepted(course.server):
            await asyncio.sleep(LOOK)
    await follow_all(course.plan, course.flooded.port, token)


async def _quiet(course: Course, reader: Reader, say: Say) -> None:
    say(f"Measuring the quiet for {course.day.idle_seconds:.0f} s …")
    await asyncio.sleep(2.0)  # what starting and following left behind
    reader.phase = "idle"
    await asyncio.sleep(course.day.idle_seconds)


async def _flood(course: Course, reader: Reader, pairs: list[tuple[str, str]], say: Say) -> Posting:
    """Pour until the end; the friends' posting is returned, some of it may be on its way."""
    day, plan = course.day, course.plan
    wanted = f"{day.rate:.0f} a second" if day.rate else "as fast as they are answered"
    say(f"The flood: {plan.posts} posts, {wanted} …")
    course.cpu, course.begun = course.flooded.cpu or 0.0, time.monotonic()
    reader.phase = "flood"
    await course.fleet.pour(0, plan.posts, rate=day.rate, lines=day.lines)
    posting = Posting(plan, pairs, course.flooded.port, 0, plan.own_posts, _expected_seconds(day))
    try:
        poured = await _pour_to_the_end(course, posting, say)
    except BaseException:
        await posting.close()
        raise
    course.flood_seconds = poured.seconds
    reader.phase = "drain"
    return posting


async def _pour_to_the_end(course: Course, posting: Posting, say: Say) -> Poured:
    day, told, cut = course.day, TELL_SECONDS, False
    while (poured := await course.fleet.poured()).running:
        share = _share(day, poured)
        if day.kill and course.killed_at is None and share >= 0.5:
            await _kill(course, say)
        if day.cut_seconds and not cut and share >= 1 / 3:
            cut = True
            await _cut(course, posting, say)
        if day.flood_seconds is not None and poured.seconds >= day.flood_seconds:
            await course.fleet.enough()
        if poured.seconds >= told:
            told = poured.seconds + max(TELL_SECONDS, poured.seconds / 8)
            say(f"  {poured.offered} offered in {poured.seconds:.0f} s, answers {poured.codes}")
        await asyncio.sleep(LOOK)
    return poured


async def _kill(course: Course, say: Say) -> None:
    say("  kill -9")
    course.killed_at = time.monotonic() - course.begun
    course.flooded.kill()
    await asyncio.sleep(DOWN)
    await course.flooded.start()
    say("  it runs again")


async def _cut(course: Course, posting: Posting, say: Say) -> None:
    say(f"  no network for {course.day.cut_seconds:.0f} s")
    posting.may.clear()
    course.fleet.stop()
    await asyncio.sleep(course.day.cut_seconds)
    course.fleet.go_on()
    posting.may.set()
    say("  the network is back")


async def _drain(course: Course, reader: Reader, posting: Posting, sightings: Sightings, say: Say) -> None:
    say(f"Draining the queue, for at most {course.day.drain_seconds:.0f} s …")
    begun = time.monotonic()
    course.waiting = await home.busy(course.server, later=True)
    posting.enough()
    await posting.done()
    while (left := await home.busy(course.server)) and time.monotonic() - begun < course.day.drain_seconds:
        await asyncio.sleep(LOOK)
    course.drain_seconds = time.monotonic() - begun
    begun = time.monotonic()
    while time.monotonic() - begun < course.day.settle_seconds and await home.busy(course.server, later=True):
        await asyncio.sleep(LOOK)
    if left:
        course.remarks.append(f"{left} jobs were still waiting when we stopped looking.")
    until = time.monotonic() + SIGHTED_WITHIN
    while time.monotonic() < until and any(sent.marker not in sightings.at for sent in posting.sent):
        await asyncio.sleep(LOOK)


def _share(day: Day, poured: Poured) -> float:
    """How much of the flood is over."""
    share = poured.offered / max(day.plan.posts, 1)
    return max(share, poured.seconds / day.flood_seconds) if day.flood_seconds else share


def _expected_seconds(day: Day) -> float:
    """About how long the flood takes, so that friends' posts are spread over it."""
    expected = day.plan.posts / (day.rate or GUESSED_RATE)
    return min(expected, day.flood_seconds or expected) + day.cut_seconds


GUESSED_RATE = 500.0
