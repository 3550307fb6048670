"""`dassie doctor`: what is wrong, why, and what to do about it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import typer

from dassie.cli.findings import Finding
from dassie.cli.options import Data, DatabaseUrl, Domain, settings
from dassie.config import Config


def doctor(
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
    offline: Annotated[bool, typer.Option("--offline", help="Leave out what needs the network.")] = False,
) -> None:
    """Check everything that is known to go wrong. Exit code 1 where something fails."""
    import asyncio

    from dassie.cli import logs

    config = settings(data=data, domain=domain, database_url=database_url)
    logs.set_up(config, level="error")

    async def run() -> list[Finding]:
        found = []
        async for finding in _checks(config, offline):
            found.append(finding)
            print("\n".join(finding.lines()), flush=True)
        return found

    found = asyncio.run(run())
    failures = sum(finding.level == "fail" for finding in found)
    warnings = sum(finding.level == "warn" for finding in found)
    print(f"{len(found)} checks: {failures} failed, {warnings} warnings.")
    if failures:
        raise typer.Exit(1)


async def _checks(config: Config, offline: bool) -> AsyncIterator[Finding]:
    from dassie.cli import checks_here, checks_mail, checks_outside, checks_translation

    for finding in (
        *checks_here.check_folder(config),
        *checks_here.check_secret(config),
        *checks_here.check_video(),
        *checks_here.check_certificate(config),
    ):
        yield finding
    if not config.data.is_dir():
        return
    for finding in checks_here.check_listening(config):
        yield finding
    username = peer = None
    async for item in _database(config):
        if isinstance(item, Finding):
            yield item
        else:
            username, peer = item
    if offline:
        return
    for finding in (*checks_outside.check_public(config), *checks_outside.check_tls(config)):
        yield finding
    if username is not None:
        for finding in checks_outside.check_webfinger(config, username):
            yield finding
    for finding in checks_outside.check_clock(peer):
        yield finding
    async for finding in checks_mail.check_mail(config):
        yield finding
    async for finding in checks_translation.check_translation(config):
        yield finding


async def _database(config: Config) -> AsyncIterator[Finding | tuple[str | None, str | None]]:
    """Findings about the database, and at last whom and which server to ask for from outside."""
    from dassie.cli import checks_data, checks_room
    from dassie.cli.findings import fail
    from dassie.cli.opening import open_database

    if not config.database_url:
        if not config.database_path.exists():
            yield fail("Database", f"{config.database_path} does not exist.", "Start `dassie up` once: it makes it.")
            return
        for finding in checks_data.check_file(config):
            yield finding
            if finding.level == "fail":
                return
    try:
        db = await open_database(config)
    except Exception as error:
        yield fail("Database", f"It cannot be opened: {error}.", "Check database_url and that PostgreSQL runs.")
        return
    try:
        whole = True
        async for finding in checks_data.check_contents(db):
            whole = whole and finding.what != "Database version"
            yield finding
        if whole:
            async for finding in checks_room.check_room(config, db):
                yield finding
            yield await checks_data.somebody(db), await checks_data.some_peer(db)
    finally:
        await db.close()
