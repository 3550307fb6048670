"""`dassie relays try`: a relay is sampled for some minutes, nothing of it is kept, and its price is told."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from dassie.cli.options import Data, DatabaseUrl, Domain, settings

if TYPE_CHECKING:
    from dassie.domain.relays import Relay
    from dassie.domain.trials import Forecast
    from dassie.server import Server

LOOK = 2.0
ANSWERS_WITHIN = 60.0
"""Seconds after which a relay that has not answered is not waited for any longer."""
ENDS_WITHIN = 90.0
"""Seconds that measuring files and leaving may take at the end."""
MODES = {
    "when_viewed": "files when somebody looks (as dassie does)",
    "thumbnails": "thumbnails of everything at once",
    "everything": "everything at once (as others do)",
}


def try_relay(
    url: Annotated[str, typer.Argument(help="The relay's inbox, actor or handle.", show_default=False)],
    minutes: Annotated[float, typer.Option("--minutes", help="How long to listen.", min=0.1, max=1440)] = 10,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Listen to a relay for some minutes without keeping anything, and print what it would bring and cost."""
    config = settings(data=data, domain=domain, database_url=database_url)
    from dassie.cli.lock import is_taken
    from dassie.cli.opening import with_server
    from dassie.domain.errors import Busy

    if not config.database_url and not is_taken(config.data):
        raise Busy("The server does not run, so nothing can reach it. Start it with `dassie up`, then try again.")

    async def work(server: Server) -> None:
        await _try(server, url, minutes)

    with_server(config, work)


async def _try(server: Server, url: str, minutes: float) -> None:
    from dassie.services import auditing, forecasting, subscribing
    from dassie.store import relays

    async with server.write() as tx:
        relay = await subscribing.subscribe(tx, server, url, trial_minutes=minutes)
        await auditing.record(tx, "relay.tried", subject=relay.url, by="command line", minutes=minutes)
    try:
        await _listen(server, relay, minutes)
    except BaseException:  # also where somebody presses Ctrl-C
        async with server.write() as tx:
            left = await relays.by_id(tx, relay.id)
            if left is not None and left.state != "left":
                await subscribing.leave(tx, server, left)
        raise
    found = await forecasting.forecast_of(server, relay.id)
    print("\n".join(lines(found)) if found is not None else "Nothing came. The relay may be quiet, or pass on little.")


async def _listen(server: Server, relay: Relay, minutes: float) -> None:
    """Wait until the trial is over; raises `RemoteFailed` where the relay does not let us in."""
    from dassie.domain.errors import RemoteFailed
    from dassie.services import forecasting
    from dassie.store import relays

    begun = time.monotonic()
    while time.monotonic() - begun < minutes * 60 + ENDS_WITHIN:
        async with server.read() as tx:
            now = await relays.by_id(tx, relay.id)
            sample = await forecasting.sample_of(tx, relay.id)
        if now is None or now.state == "rejected" or (now.state == "pending" and now.last_error):
            raise RemoteFailed(now.last_error or "The relay does not take us in" if now else "Gone", kind="http")
        if now.state == "pending" and time.monotonic() - begun > ANSWERS_WITHIN:
            raise RemoteFailed("The relay has not answered within a minute", kind="timeout")
        if now.state == "left":
            break
        waits = "waiting for its answer" if now.state == "pending" else "listening"
        offered = sample.offered if sample is not None else 0
        print(f"\r{waits}, {offered} posts so far ", end="", file=sys.stderr, flush=True)
        await asyncio.sleep(LOOK)
    print(file=sys.stderr)


def lines(found: Forecast) -> list[str]:
    """A forecast for people."""
    told = [
        f"In {found.minutes:.1f} minutes {found.sampled} posts came; {found.looked_at} of them were looked at.",
        f"That is {found.posts_per_hour:.0f} posts an hour. If everything were let in, a day would cost:",
        "",
    ]
    for mode, words in MODES.items():
        days = found.days_until_full[mode]
        full = f", full in {days:.0f} days" if days is not None and days >= 1 else ""
        full = ", full within a day" if days is not None and days < 1 else full
        told.append(f"  {found.gb_per_day[mode]:8.2f} GB and {found.jobs_per_day[mode]:7d} jobs  {words}{full}")
    told += ["", f"Languages: {_shares(found.languages)}", f"Servers:   {_shares(found.hosts)}"]
    told.append(f"Of what was looked at, {found.share_wanted:.1%} would have come into somebody's home timeline.")
    return told


def _shares(shares: list[tuple[str, float]]) -> str:
    return ", ".join(f"{name or 'not named'} {share:.0%}" for name, share in shares) or "nothing known"
