"""What strangers' posts and profiles lack is fetched once somebody looks, never before (design section 3).

Reading only leaves a note (`watching.py`). A moment later the notes of all who read are taken together: what is
there already, under way or failed a moment ago is dropped, for the rest there is one job per thing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from msgspec import Struct

from dassie.domain.errors import DassieError
from dassie.domain.ids import to_ms
from dassie.domain.jobs import (
    Job,
    MaterialiseAccount,
    MaterialiseProfile,
    MaterialiseStatus,
    MaterialiseThread,
    VerifyQuote,
)
from dassie.server import Server
from dassie.services import polling, previewing, quoting
from dassie.services.marking_seen import SeenMarks
from dassie.services.watching import AGAIN_SECONDS, Looks, looks_of
from dassie.store import materials, polls, queue, quotes
from dassie.store.materials import Person, Seen
from dassie.store.tx import Tx

log = structlog.get_logger("materialising")

GATHER_SECONDS = 0.1
"""After the first look: its answer goes out meanwhile, and other looks come in."""
AT_ONCE = 200
COUNTED_FOR = timedelta(hours=1)
"""Counters on a profile may be so old."""
PINS_SECONDS = 900.0
THREAD_SECONDS = 900.0
POLL_SECONDS = 300.0
TALLIES_FRESH = timedelta(minutes=5)


class Wanted(Struct, frozen=True):
    """Something to be fetched."""

    job: Job
    host: str
    key: str
    """The same thing has the same key."""
    pause: float = AGAIN_SECONDS
    """Not asked for again for so many seconds."""


class Materialiser:
    """Takes care of what people look at; one per process. Asleep while nobody does."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._looks = looks_of(server)
        self._marks = SeenMarks()
        self._task: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self._loop())

    async def stop(self) -> None:
        """Write what was seen; what nobody fetched yet is left to the next look."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with contextlib.suppress(DassieError):
            await self.attend()
            await self.mark()

    async def attend(self) -> None:
        """Put what was looked at and lacks something into the queue."""
        async with self._turn:
            await attend(self._server, self._looks, self._marks)

    async def mark(self) -> None:
        """Write what was seen."""
        await self._marks.write(self._server)

    async def _loop(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._marks.wait(self._server.clock.monotonic())):
                    await self._looks.news.wait()
            try:
                if self._looks.news.is_set():
                    await asyncio.sleep(GATHER_SECONDS)
                    await self.attend()
                if self._marks.wait(self._server.clock.monotonic()) == 0.0:
                    await self.mark()
            except DassieError as error:
                log.warning("what was looked at could not be attended to", why=error.safe)
                await asyncio.sleep(1.0)
            except Exception as error:  # a database that is away: the next look tries again
                log.exception("attending to what was looked at failed", error=str(error))
                await asyncio.sleep(1.0)


async def attend(server: Server, looks: Looks, marks: SeenMarks) -> None:
    """One turn: a few queries for all that was looked at since the last one, and one unit for the jobs."""
    now = server.clock.monotonic()
    asked = looks.take(AT_ONCE, now)
    async with server.read() as tx:
        found: dict[int, Seen] = {one.id: one for one in await materials.seen(tx, [*asked.statuses, *asked.threads])}
        originals = {one.reblog_of_id for one in found.values() if one.reblog_of_id is not None} - set(found)
        found |= {one.id: one for one in await materials.seen(tx, [id for id in originals if id is not None])}
        people = await materials.people(tx, asked.profiles)
        wanted = [
            *_people(found.values(), tx.now),
            *await _parts(tx, found.values()),
            *await _quotes(tx, found.values()),
            *_threads([found[id] for id in asked.threads if id in found], tx.now),
            *_profiles(people.values(), tx.now),
        ]
    looks.note(found.values(), now)
    marks.add([one.id for one in found.values() if not one.local], now)
    chosen = [one for one in {one.key: one for one in wanted}.values() if _may(server, looks, one, now)]
    if chosen:
        async with server.write() as tx:
            for one in chosen:
                await queue.enqueue(tx, one.job, host=one.host, unique=f"look {one.key}")
    await previewing.attend(server, looks, found)


def _may(server: Server, looks: Looks, one: Wanted, now: float) -> bool:
    if not looks.may_try(one.key, now) or server.hosts.paused_until(one.host) or not looks.begin(one.key, now):
        return False
    looks.not_before(one.key, now + one.pause)
    return True


def _people(found: Collection[Seen], now: datetime) -> list[Wanted]:
    """Authors nobody has looked at."""
    return [
        _account(one.account_id, one.account_uri, now) for one in found if one.domain and one.materialised_at is None
    ]


def _account(account_id: int, uri: str, now: datetime) -> Wanted:
    job = MaterialiseAccount(account_id=account_id, asked_at=to_ms(now))
    return Wanted(job, _host(uri), f"account {account_id}")


async def _parts(tx: Tx, found: Collection[Seen]) -> list[Wanted]:
    """Statuses that mention strangers, and polls whose tallies are old."""
    with_poll = [one.id for one in found if one.has_poll and not one.local]
    asked = await polls.of_statuses(tx, with_poll, viewer=None)
    out = []
    for one in found:
        poll = asked.get(one.id)
        old = poll is not None and polling.is_old(poll, tx.now, TALLIES_FRESH)
        if not one.local and (one.mentions_unknown or old):
            job = MaterialiseStatus(status_id=one.id, asked_at=to_ms(tx.now))
            pause = POLL_SECONDS if old else AGAIN_SECONDS
            out.append(Wanted(job, _host(one.uri), f"status {one.id}", pause))
    return out


async def _quotes(tx: Tx, found: Collection[Seen]) -> list[Wanted]:
    """Quotes that are still to be proved, and what they show."""
    quoting_ = {one.id: one for one in found if one.quotes and not one.local}
    out = []
    for quote in (await quotes.of_statuses(tx, quoting_)).values():
        lost = quote.state == "accepted" and quote.quoted_id is None
        asked = quote.state == "pending" and quoting.worth_asking(
            quote, quoting_[quote.status_id].uri, quote.claimed_uri
        )
        if lost or asked:
            out.append(
                Wanted(VerifyQuote(status_id=quote.status_id), _host(quote.quoted_uri), f"quote {quote.status_id}")
            )
    return out


def _threads(opened: Collection[Seen], now: datetime) -> list[Wanted]:
    return [
        Wanted(
            MaterialiseThread(status_id=one.id, asked_at=to_ms(now)),
            _host(one.uri),
            f"thread {one.id}",
            THREAD_SECONDS,
        )
        for one in opened
        if not one.local
    ]


def _profiles(opened: Collection[Person], now: datetime) -> list[Wanted]:
    out = []
    for person in opened:
        if person.suspended_at is not None:
            continue
        if person.materialised_at is None or now - person.materialised_at > COUNTED_FOR:
            out.append(_account(person.id, person.uri, now))
        if person.featured_url or person.featured_tags_url:
            job = MaterialiseProfile(account_id=person.id, asked_at=to_ms(now))
            out.append(Wanted(job, _host(person.uri), f"profile {person.id}", PINS_SECONDS))
    return out


def _host(uri: str) -> str:
    return urlsplit(uri).netloc.lower()
