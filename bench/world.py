"""A server process with ana on it, and a way into its database from here."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from bench.process import Process, server
from dassie.adapters.clock import SystemClock
from dassie.app import build_server, close_server
from dassie.config import load
from dassie.server import Server
from dassie.services import signing_up
from dassie.store import logins
from dassie.store.views import AccountView


@dataclass
class Bench:
    """What a measurement needs."""

    process: Process
    here: Server
    """The same database, opened by this process."""
    ana: AccountView
    token: str


@asynccontextmanager
async def fresh_database(url: str) -> AsyncIterator[str]:
    """A new PostgreSQL database beside `url`, dropped afterwards; empty stays empty (SQLite)."""
    if not url:
        yield ""
        return
    import asyncpg

    name = f"bench_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(url)
    await admin.execute(f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.close()


@asynccontextmanager
async def bench(database_url: str, environ: dict[str, str] | None = None) -> AsyncIterator[Bench]:
    """A fresh server with ana, and her token."""
    async with fresh_database(database_url) as url, server(database_url=url, environ=environ) as process:
        options = {"data": process.data, "domain": "here.test", "workers": 0, "database_url": url}
        here = await build_server(load(options, environ={}), clock=SystemClock())
        try:
            async with here.write() as tx:
                ana = await signing_up.create_login(tx, here, username="ana", password_hash="unused")
                user = await logins.user_of(tx, ana.id)
                assert user is not None
                token = await signing_up.issue_token(tx, here, user, "read write follow push")
            yield Bench(process, here, ana, token)
        finally:
            await close_server(here)


def install_size(root: Path) -> float:
    """Megabytes below a folder."""
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) / 1e6
