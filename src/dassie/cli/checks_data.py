"""Checks of the database and of what it says: integrity, version, owner, jobs, failing servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta

from dassie.cli.findings import Finding, fail, ok, warn
from dassie.config import Config
from dassie.domain.relays import Relay
from dassie.store import failing, instance_facts, logins, queue, relays
from dassie.store.migrate import HEAD, current
from dassie.store.tx import Database

LONG = timedelta(days=1)
SILENT = timedelta(days=2)
SHOWN_HOSTS = 10


def check_file(config: Config) -> Iterator[Finding]:
    """The SQLite file: readable and whole."""
    import apsw

    path = config.database_path
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            problems = [str(text) for (text,) in connection.execute("PRAGMA quick_check(5)") if text != "ok"]
        finally:
            connection.close()
    except apsw.Error as error:
        problems = [str(error)]
    if problems:
        cure = "Stop dassie, keep a copy of the file, and restore a backup (or try `sqlite3 dassie.db .recover`)."
        yield fail(f"Database {path}", "; ".join(problems), cure)
    else:
        yield ok(f"Database {path}: {path.stat().st_size / 1e6:.1f} MB, whole")


async def check_contents(db: Database) -> AsyncIterator[Finding]:
    """Version, owner, jobs and failing servers."""
    revision = await current(db)
    if revision != HEAD:
        cause = f"It is at revision {revision or 'none'}, this dassie works with {HEAD}."
        yield fail("Database version", cause, "Start `dassie up` of the newest version: it brings the database there.")
        return
    yield ok(f"Database version {revision} ({db.name})")
    async with db.read() as tx:
        yield _owner(await logins.has_owner(tx))
        set_aside = await queue.set_aside_jobs(tx, 1000)
        taken = [(relay, _silent(relay, tx.now)) for relay in await relays.all_of_them(tx) if relay.state != "left"]
        failed = [host for host in await failing.hosts(tx) if tx.now - host.failing_since > LONG]
    if set_aside:
        cause = f"{len(set_aside)} gave up, the newest: {set_aside[0].kind}: {set_aside[0].error or 'no reason kept'}"
        yield warn("Jobs", cause, "Look at `dassie jobs`; `dassie jobs retry` tries them again.")
    else:
        yield ok("Jobs: none gave up")
    if failed:
        names = ", ".join(_told(host) for host in failed[:SHOWN_HOSTS])
        yield warn(
            f"Other servers: {len(failed)} fail for more than a day",
            names,
            "Nothing to do when few do: servers close. When many do, check this machine's DNS and connection.",
        )
    else:
        yield ok("Other servers: none fails for more than a day")
    for finding in _relays(taken):
        yield finding


def _silent(relay: Relay, now: datetime) -> bool:
    """Whether nothing has come from it for so long that it has probably dropped us."""
    heard = relay.last_heard_at or relay.accepted_at
    return relay.takes(now) and heard is not None and now - heard > SILENT


def _relays(taken: Sequence[tuple[Relay, bool]]) -> Iterator[Finding]:
    troubled = False
    for relay, silent in taken:
        if relay.state != "accepted" and relay.last_error:
            troubled = True
            yield warn(
                f"Relay {relay.url}: {relay.state}",
                relay.last_error,
                "Check its address, ask who runs it, or `dassie relays leave` it.",
            )
        elif silent:
            troubled = True
            yield warn(
                f"Relay {relay.url}: nothing came for {SILENT.days} days",
                "It may be gone, or have dropped us because it was over its quota for long.",
                "Leave it and enter it again, with more posts an hour if you can afford them.",
            )
    if taken and not troubled:
        yield ok(f"Relays: {len(taken)}, none in trouble")


def _told(host: failing.FailingHost) -> str:
    again = "now" if host.next_try_at is None else f"{host.next_try_at:%Y-%m-%d %H:%M} UTC"
    said = f"{host.reason or 'no answer'} since {host.failing_since:%Y-%m-%d}, {host.failures} failed tries in a row"
    return f"{host.host} ({said}, asked again not before {again})"


async def somebody(db: Database) -> str | None:
    """The name of a person here, to ask for from outside."""
    async with db.read() as tx:
        found = await logins.owner(tx)
        if found is None:
            page = await logins.page(tx, limit=1)
            found = page[0][1] if page else None
    return found.username if found is not None else None


async def some_peer(db: Database) -> str | None:
    """A server that answered lately, to compare clocks with."""
    async with db.read() as tx:
        return await failing.answered_last(tx) or next(iter(await instance_facts.peers(tx)), None)


def _owner(claimed: bool) -> Finding:
    if claimed:
        return ok("Owner: this server is claimed")
    cure = "Open the link that `dassie up` prints, or `dassie accounts create NAME --role Owner`."
    return warn("Owner", "Nobody owns this server yet.", cure)
