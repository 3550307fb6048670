"""The server's parts for a command that runs beside it, or while it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from dassie.config import Config
from dassie.domain.errors import NotFound
from dassie.server import Server
from dassie.services import identity
from dassie.store import accounts, logins
from dassie.store.logins import User
from dassie.store.tx import Tx
from dassie.store.views import AccountView

T = TypeVar("T")


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Server]:
    """All parts, without answering requests or doing jobs."""
    from dassie.app import build_server, close_server

    server = await build_server(config)
    try:
        async with server.write() as tx:
            await identity.hold_domain(tx, server)
        yield server
    finally:
        await close_server(server)


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
    account = await accounts.by_name(tx, plain)
    user = await logins.user_of(tx, account.id) if account is not None else None
    if account is None or user is None:
        raise NotFound(f"There is no login named {plain} here. `dassie accounts list` shows those there are.")
    return account, user
