"""What is fetched because somebody looks: of people the proved handle and counters, of posts the mentioned and tallies.

Each has a deadline, and is given up quietly: what did not come in time is left to the next look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from datetime import timedelta
from typing import Any

import structlog
from msgspec import Struct, field

from dassie.domain.errors import DassieError, NotAllowed, NotFound, RemoteFailed
from dassie.domain.html import to_text
from dassie.domain.ids import AccountId, from_ms
from dassie.domain.jobs import MaterialiseAccount, MaterialiseStatus
from dassie.federation import handles, refreshing
from dassie.federation.inbound.handling import LASTING
from dassie.federation.remote import remote_of
from dassie.federation.vocab.values import host_of
from dassie.jobs.current import charge, finish_with
from dassie.jobs.registry import handles as does
from dassie.server import Server
from dassie.services import polling, watching
from dassie.services.materialising import TALLIES_FRESH
from dassie.services.watching import AGAIN_SECONDS, FAILED_SECONDS
from dassie.store import accounts, arrivals, materials, mentions, polls, search, senders, statuses
from dassie.store.materials import Person
from dassie.store.tx import Tx
from dassie.store.views import AccountView, PollView, StatusRow

log = structlog.get_logger("looking")

SECONDS = 10.0
"""So long a look is worth waiting for."""
EXPIRES = timedelta(minutes=2)
STALE = timedelta(days=1)
"""So old an actor document may be that somebody looks at."""
COUNTS = {"followers_count": "followers_url", "following_count": "following_url", "statuses_count": "outbox_url"}


class Late(Exception):
    """Something is left to the next look; `failed`: its server does not answer, so not to the very next one."""

    def __init__(self, *, failed: bool) -> None:
        super().__init__()
        self.failed = failed


async def attempt(server: Server, key: str, asked_at: int, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, unless it is too late for that; note where it has to be done again, and when."""
    looks, now = watching.looks_of(server), server.clock.monotonic
    try:
        if server.clock.now() - from_ms(asked_at) > EXPIRES:
            work.close()
            return
        await work
        server.counters.add("looks.fetched")
    except Late as late:
        looks.not_before(key, now() + (FAILED_SECONDS if late.failed else AGAIN_SECONDS))
        server.counters.add("looks.late")
    except (RemoteFailed, NotFound, NotAllowed) as refused:
        looks.not_before(key, now() + FAILED_SECONDS)
        server.counters.add("looks.refused")
        log.debug("what somebody looks at was not given", what=key, why=refused.safe)
    finally:
        looks.end(key)


def lasting(error: BaseException) -> bool:
    """Whether asking again would give the same: it was refused, or is nothing we can use."""
    if isinstance(error, (NotFound, NotAllowed)):
        return True
    if not isinstance(error, RemoteFailed):
        return False
    refused = error.code is not None and 400 <= error.code < 500 and error.code not in (408, 429)
    return error.kind in LASTING or refused


async def in_time(*parts: Awaitable[None]) -> list[BaseException]:
    """Do all of it at once within the deadline; what went wrong. What did not end in time is a `TimeoutError`."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        _, late = await asyncio.wait(tasks, timeout=SECONDS)
    finally:
        for task in tasks:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
    found: list[BaseException] = []
    for task, outcome in zip(tasks, done, strict=True):
        if task in late:
            found.append(TimeoutError())
        elif isinstance(outcome, BaseException):
            if not isinstance(outcome, DassieError):
                raise outcome
            found.append(outcome)
    return found


def check(wrong: list[BaseException]) -> None:
    """Raises `Late` where something may still come."""
    left = [error for error in wrong if not lasting(error)]
    if left:
        raise Late(failed=any(not isinstance(error, TimeoutError) for error in left))


# People ----------------------------------------------------------------------------------------------


class _Told(Struct):
    """What came of one look at a person."""

    handle: handles.Handle | None = None
    counts: dict[str, int] = field(default_factory=dict)


@does(MaterialiseAccount)
async def materialise_account(server: Server, job: MaterialiseAccount) -> None:
    """Prove the handle of somebody, read how many follow and are followed and how much they wrote."""
    await attempt(server, f"account {job.account_id}", job.asked_at, _account(server, job.account_id))


async def _account(server: Server, id: int) -> None:
    async with server.read() as tx:
        person = await materials.person(tx, id)
        before = await accounts.by_id(tx, id)
    if person is None or before is None or person.suspended_at is not None:
        return
    charge("host", host_of(person.uri))
    told = _Told()
    counting = [_count(server, person, name, url, told) for name, url in COUNTS.items() if getattr(person, url)]
    wrong = await in_time(_identity(server, person, told), *counting)
    complete = all(lasting(error) for error in wrong)
    async with server.write() as tx:
        await _keep(tx, person, told, complete=complete)
        after = await accounts.by_id(tx, id)
        if after is not None:
            _tell(server, tx, before, after)
        await finish_with(tx)
    check(wrong)


async def _identity(server: Server, person: Person, told: _Told) -> None:
    """The actor document again where it is old, which proves the handle too; else the handle alone."""
    if person.fetched_at is None or server.clock.now() - person.fetched_at > STALE:
        await refreshing.read_again(server, person.uri)
    elif person.handle_trusted:
        told.handle = await _prove(server, person)


async def _prove(server: Server, person: Person) -> handles.Handle:
    found = await handles.resolve(remote_of(server).origin, person.username, person.domain)
    if person.uri not in found.uris or found.domain in (server.urls.domain, host_of(server.urls.base)):
        raise RemoteFailed("The handle leads to another actor", kind="malformed", uri=person.uri)
    async with server.read() as tx:
        if await senders.is_suspended(tx, found.domain.partition(":")[0]):
            raise NotAllowed("We do not talk with this server", domain=found.domain)
    same_name = found.username.lower() == person.username.lower()
    return handles.Handle(person.username if same_name else found.username, found.domain, proved=True)


async def _count(server: Server, person: Person, name: str, url: str, told: _Told) -> None:
    found = await remote_of(server).collection(getattr(person, url), of=person.uri)
    if found.total is not None:
        told.counts[name] = found.total


async def _keep(tx: Tx, person: Person, told: _Told, *, complete: bool) -> None:
    known = await materials.person(tx, person.id)
    if known is None:
        return
    values: dict[str, Any] = dict(told.counts)
    if complete:
        values["materialised_at"] = tx.now
    if told.handle is not None and known.handle_trusted:
        values |= await _moved(tx, known, told.handle)
    if values:
        await accounts.change(tx, person.id, **values)


async def _moved(tx: Tx, known: Person, handle: handles.Handle) -> dict[str, Any]:
    """The columns of a proved handle; none where somebody else has it."""
    holder = await accounts.by_name(tx, handle.username, handle.domain)
    if holder is not None and holder.id != known.id:
        return {}
    if holder is None:
        account = await accounts.by_id(tx, known.id)
        about = to_text(account.note) if account is not None and account.discoverable else ""
        await search.index_account(tx, known.id, f"{handle.username} {account.display_name if account else ''}", about)
    return {
        "handle_trusted": False,
        "username": handle.username,
        "username_key": handle.username.lower(),
        "domain": handle.domain,
    }


def _tell(server: Server, tx: Tx, before: AccountView, after: AccountView) -> None:
    """Those who look hear of it, if it shows."""
    changed = {
        name
        for name in AccountView.__struct_fields__
        if name != "rev" and getattr(before, name) != getattr(after, name)
    }
    if changed:
        only_counts = changed <= COUNTS.keys()
        tx.after_commit(lambda: watching.tell_account(server, after.id, only_counts=only_counts))


# Posts -----------------------------------------------------------------------------------------------


@does(MaterialiseStatus)
async def materialise_status(server: Server, job: MaterialiseStatus) -> None:
    """Look up whom a status mentions, and read its poll again."""
    await attempt(server, f"status {job.status_id}", job.asked_at, _status(server, job.status_id))


async def _status(server: Server, id: int) -> None:
    async with server.read() as tx:
        row = await statuses.by_id(tx, id)
        arrival = (await arrivals.of(tx, [id])).get(row.id) if row is not None else None
        before = await _poll(tx, row) if row is not None else None
    if row is None or row.local:
        return
    charge("host", host_of(row.uri))
    found: dict[str, AccountId] = {}
    given_up: set[str] = set()
    named = (arrival.mentioned or []) if arrival is not None else []
    looking: list[Awaitable[None]] = [_look_up(server, uri, found, given_up) for uri in named]
    if before is not None and polling.is_old(before, server.clock.now(), TALLIES_FRESH):
        looking.append(refreshing.read_poll_again(server, row))
    wrong = await in_time(*looking)
    async with server.write() as tx:
        if named and await statuses.by_id(tx, id) is not None:
            left = [uri for uri in named if uri not in found and uri not in given_up]
            await mentions.attach(tx, id, [(account, False) for account in dict.fromkeys(found.values())])
            await arrivals.resolved(tx, row.id, left)
            await statuses.touch(tx, id)
        if found or _tallies(before) != _tallies(await _poll(tx, row)):
            tx.after_commit(lambda: watching.tell_status(server, id))
        await finish_with(tx)
    check(wrong)


async def _look_up(server: Server, uri: str, found: dict[str, AccountId], given_up: set[str]) -> None:
    try:
        found[uri] = await server.remote.account(uri)
    except DassieError as error:
        if not lasting(error):
            raise
        given_up.add(uri)


async def _poll(tx: Tx, row: StatusRow) -> PollView | None:
    return (await polls.of_statuses(tx, [row.id], viewer=None)).get(row.id) if row.has_poll else None


def _tallies(poll: PollView | None) -> object:
    return (poll.options, poll.voters_count, poll.expires_at) if poll is not None else None
