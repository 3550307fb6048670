"""The server's parts for a command that runs beside it, or while it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from dassie.adapters.clock import SystemClock
from dassie.adapters.mail_smtp import SmtpMail
from dassie.adapters.streams_memory import MemoryStreams
from dassie.cli.knocking import knock
from dassie.config import Config, secret_of
from dassie.domain.errors import Invalid, NotFound
from dassie.domain.urls import Urls
from dassie.ports import Event
from dassie.server import Server
from dassie.services import identity
from dassie.store import accounts, logins
from dassie.store.costs import Ledger
from dassie.store.counters import Counters
from dassie.store.hosts import Hosts
from dassie.store.logins import User
from dassie.store.migrate import migrate
from dassie.store.room import Room
from dassie.store.tx import Database, Tx
from dassie.store.views import AccountView

T = TypeVar("T")
_DEFAULT_DOMAIN = next(field.default for field in fields(Config) if field.name == "domain")


async def open_database(config: Config) -> Database:
    """The database as it is: nothing is migrated."""
    if config.database_url:
        from dassie.store.postgres import PostgresDatabase

        return await PostgresDatabase.connect(config.database_url, SystemClock())
    from dassie.store.sqlite import SqliteDatabase

    return SqliteDatabase(config.database_path, SystemClock(), full_sync=True)


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Server]:
    """A server that only changes the database: commands come at once; the real one does the jobs they leave."""
    if not config.database_url and not config.database_path.exists() and config.domain == _DEFAULT_DOMAIN:
        raise Invalid(f"There is no server in {config.data} yet. Start one with `dassie up`, or give --domain.")
    secret = secret_of(config)
    db = await open_database(config)
    try:
        await migrate(db)
        db.on_jobs = lambda lanes: knock(config.data)
        absent: Any = _Absent()
        clock, counters = SystemClock(), Counters()
        server = Server(
            config=config,
            secret=secret,
            urls=Urls(base=config.base, domain=config.domain, secret=secret),
            db=db,
            clock=clock,
            http=absent,
            remote=absent,
            media_files=absent,
            media_tools=absent,
            streams=_Streams(config.data),
            mail=SmtpMail(config),
            counters=counters,
            hosts=Hosts(clock, counters),
            ledger=Ledger(),
            room=Room(),
            unindexed=asyncio.Event(),
        )
        async with server.write() as tx:
            await identity.hold_domain(tx, server)
        yield server
    finally:
        await db.close()


def with_server(config: Config, work: Callable[[Server], Awaitable[T]]) -> T:
    """What `work` gives when it is handed the server's parts."""
    from dassie.cli import logs

    logs.set_up(config, level="warning")

    async def run() -> T:
        async with opened(config) as server:
            return await work(server)

    return asyncio.run(run())


async def person(tx: Tx, name: str) -> tuple[AccountView, User]:
    """A person of ours by name (with or without @); raises `NotFound`."""
    plain = name.strip().removeprefix("@")
    account = await accounts.holder(tx, plain)
    user = await logins.user_of(tx, account.id) if account is not None else None
    if account is None or user is None:
        raise NotFound(f"There is no login named {plain} here. `dassie accounts list` shows those there are.")
    return account, user


class _Streams(MemoryStreams):
    """Nobody listens to a command; but of tokens that it ends the running server must hear."""

    def __init__(self, data: Path) -> None:
        super().__init__()
        self._data = data

    def publish(self, channel: str, event: Event) -> None:
        if channel == "tokens":
            knock(self._data)


class _Absent:
    """A part that commands do not have: they must not wait for other machines."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"a command has no part for {name}")
