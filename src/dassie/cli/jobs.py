"""`dassie jobs`: what is waiting in the background, and what gave up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from dassie.cli.options import Data, DatabaseUrl, Domain, settings
from dassie.domain.jobs import State

app = typer.Typer(help="Background work: what waits, what gave up.")

MOST = 1000
WORDS = {
    State.READY: "ready",
    State.SCHEDULED: "waits for its time",
    State.RUNNING: "running",
    State.HELD: "waits for another",
    State.SET_ASIDE: "gave up",
}


@app.callback(invoke_without_command=True)
def overview(
    context: typer.Context, data: Data = None, domain: Domain = None, database_url: DatabaseUrl = None
) -> None:
    """Print how many jobs there are: kind, state, number, age of the oldest in seconds, tries that failed so far.

    Then the last day's figures, and the jobs that gave up: id, kind, host, tries, and why.
    """
    if context.invoked_subcommand is not None:
        return
    config = settings(data=data, domain=domain, database_url=database_url)
    from dassie.cli.opening import with_server
    from dassie.server import Server
    from dassie.store import counters, queue

    async def work(server: Server) -> list[str]:
        async with server.read() as tx:
            lines = []
            for found in sorted(await queue.overview(tx), key=lambda one: (one.kind, one.state)):
                age = int((tx.now - found.oldest).total_seconds())
                lines.append(f"{found.kind}\t{WORDS[found.state]}\t{found.count}\t{age}\t{found.failed_tries}")
            lines += _last_day(await counters.since(tx, "hour", tx.now - timedelta(days=1)))
            for job in await queue.set_aside_jobs(tx):
                lines.append(f"{job.id}\t{job.kind}\t{job.host or '-'}\t{job.attempts}\t{job.error or '-'}")
        return lines

    for line in with_server(config, work) or ["No jobs are waiting."]:
        print(line)


def _last_day(counted: list[tuple[datetime, str, int]]) -> list[str]:
    """A try that failed is mostly made good by the next; what gave up is not tried any more."""
    failed = sum(value for _, name, value in counted if name.startswith("jobs.tries_failed."))
    gave_up = sum(value for _, name, value in counted if name.startswith("jobs.gave_up."))
    return [f"Last day: {failed} tries failed, {gave_up} jobs gave up."] if failed or gave_up else []


@app.command("retry")
def retry(
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="None: all.", show_default=False)] = None,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Try jobs that gave up again."""
    config = settings(data=data, domain=domain, database_url=database_url)
    from dassie.cli.opening import with_server
    from dassie.server import Server
    from dassie.store import queue

    async def work(server: Server) -> int:
        async with server.write() as tx:
            chosen = list(ids or [])
            if not chosen:
                chosen = [job.id for job in await queue.set_aside_jobs(tx, MOST)]
            return await queue.repeat(tx, chosen)

    print(f"Trying {with_server(config, work)} jobs again.")
