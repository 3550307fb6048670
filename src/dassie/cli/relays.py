"""`dassie relays`: what relays bring and cost, and what is let in of them.

Commands write rows and jobs; a running server acts on them within seconds.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dassie.cli import relay_trial
from dassie.cli.options import Data, DatabaseUrl, Domain, settings
from dassie.domain.errors import Invalid, NotFound

if TYPE_CHECKING:
    from dassie.domain.relays import Relay
    from dassie.server import Server
    from dassie.store.tx import Tx

app = typer.Typer(help="Relays: try, take part, limit, pause, leave, and remove what one brought.")
app.command("try")(relay_trial.try_relay)

MOST_HOURS = 24 * 30
LOOKS_EVERY = 1.0
"""Seconds."""

Url = Annotated[str, typer.Argument(metavar="URL", help="As in the list; its host is enough.", show_default=False)]
Posts = Annotated[
    str | None, typer.Option("--posts-per-hour", help="A number, or none for no limit.", show_default=False)
]
Bytes = Annotated[
    str | None, typer.Option("--bytes-per-day", help="A size such as 200MB, or none.", show_default=False)
]
OfHost = Annotated[
    str | None, typer.Option("--host-posts-per-hour", help="Of any one server; or none.", show_default=False)
]
OfAuthor = Annotated[
    str | None, typer.Option("--author-posts-per-hour", help="Of any one author; or none.", show_default=False)
]
Languages = Annotated[
    str | None, typer.Option("--languages", help="Only these, such as en,de; '' for all.", show_default=False)
]
Media = Annotated[str | None, typer.Option("--media", help="any, with or without.", show_default=False)]
Tags = Annotated[
    bool | None, typer.Option("--only-followed-tags/--any-tags", help="Tags followed here.", show_default=False)
]
Hosts = Annotated[
    bool | None, typer.Option("--only-known-hosts/--any-hosts", help="Servers of people followed.", show_default=False)
]
Bots = Annotated[bool | None, typer.Option("--bots/--no-bots", help="Let in what bots write.", show_default=False)]
Send = Annotated[
    bool | None, typer.Option("--send/--no-send", help="Whether our public posts go there.", show_default=False)
]


@app.callback(invoke_without_command=True)
def overview(
    context: typer.Context, data: Data = None, domain: Domain = None, database_url: DatabaseUrl = None
) -> None:
    """Print all relays: address, state, and of the last 24 hours what was offered, let in and turned away."""
    if context.invoked_subcommand is not None:
        return

    async def work(server: Server) -> list[str]:
        from dassie.services import reporting_relays
        from dassie.services.reporting_relays import Slice
        from dassie.store import relays

        async with server.read() as tx:
            lines = await reporting_relays.last_days(tx, tx.now)
            found = await relays.all_of_them(tx)
            day = [lines.get(relay.id) or Slice(tx.now) for relay in found]
            states = [_state(relay, tx) for relay in found]
        return [
            f"{relay.url}\t{state}\t{one.offered}\t{one.admitted}\t{one.turned_away}"
            for relay, state, one in zip(found, states, day, strict=True)
        ]

    for line in _with_server(work, data, domain, database_url) or ["This server takes part in no relay."]:
        print(line)


@app.command("add")
def add(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Of its inbox or actor, or its handle.", show_default=False)
    ],
    posts_per_hour: Posts = None,
    bytes_per_day: Bytes = None,
    host_posts_per_hour: OfHost = None,
    author_posts_per_hour: OfAuthor = None,
    languages: Languages = None,
    media: Media = None,
    only_followed_tags: Tags = None,
    only_known_hosts: Hosts = None,
    bots: Bots = None,
    send: Send = None,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Ask a relay to take this server in, with limits on what is let in, and print what a day costs at most."""
    given = _given(locals())

    async def work(server: Server) -> tuple[str, int | None]:
        from dassie.domain.relay_rules import changed
        from dassie.domain.relays import RelayRules
        from dassie.services import subscribing

        rules = changed(RelayRules(), given)
        async with server.write() as tx:
            relay = await subscribing.subscribe(tx, server, url, rules, sends=send is not False)
            await _record(tx, "relay.subscribed", relay)
        return relay.url, rules.posts_per_hour

    from dassie.domain.prices import price
    from dassie.domain.sizes import show_size

    asked, per_hour = _with_server(work, data, domain, database_url)
    cost = price(per_hour)
    how_many = f"{per_hour} posts an hour" if per_hour is not None else "no limit"
    print(f"Asked {asked}. The running server tells it; `dassie relays` shows its answer.")
    print(f"With {how_many}: about {show_size(cost.when_viewed)} and {cost.jobs} jobs a day (estimate).")


@app.command("show")
def show(url: Url, data: Data = None, domain: Domain = None, database_url: DatabaseUrl = None) -> None:
    """Print the report on a relay: limits, figures of 24 hours and 30 days, reasons, costs, servers, languages."""

    async def work(server: Server) -> list[str]:
        from dassie.services import reporting_relays

        async with server.read() as tx:
            relay = await _find(tx, url)
            report = await reporting_relays.relay_report(tx, relay, tx.now)
            state = _state(relay, tx)
        from dassie.cli.relay_report import lines

        return lines(relay, state, report)

    for line in _with_server(work, data, domain, database_url):
        print(line)


@app.command("set")
def set_rules(
    url: Url,
    posts_per_hour: Posts = None,
    bytes_per_day: Bytes = None,
    host_posts_per_hour: OfHost = None,
    author_posts_per_hour: OfAuthor = None,
    languages: Languages = None,
    media: Media = None,
    only_followed_tags: Tags = None,
    only_known_hosts: Hosts = None,
    bots: Bots = None,
    send: Send = None,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Change what is let in of a relay; what is not named stays."""
    given = _given(locals())
    if not given and send is None:
        raise Invalid("Name a limit to change, such as --posts-per-hour 100. `--help` lists them.")

    async def change(tx: Tx, server: Server, relay: Relay) -> None:
        from dassie.domain.relay_rules import changed
        from dassie.services import subscribing

        await subscribing.change_rules(tx, server, relay, changed(relay.rules, given), sends=send)
        await _record(tx, "relay.changed", relay)

    print(f"Changed {_change(url, change, data, domain, database_url)}")


@app.command("pause")
def pause(
    url: Url,
    hours: Annotated[int, typer.Option("--hours", help="For so long.", min=1, max=MOST_HOURS)] = 1,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Let nothing of a relay in for a while."""

    async def change(tx: Tx, server: Server, relay: Relay) -> None:
        from dassie.services import subscribing

        _taking_part(relay)
        await subscribing.pause(tx, server, relay, tx.now + timedelta(hours=hours))
        await _record(tx, "relay.paused", relay, hours=hours)

    print(f"Paused {_change(url, change, data, domain, database_url)} for {hours} hour{'s' if hours > 1 else ''}")


@app.command("resume")
def resume(url: Url, data: Data = None, domain: Domain = None, database_url: DatabaseUrl = None) -> None:
    """Let a paused relay in again."""

    async def change(tx: Tx, server: Server, relay: Relay) -> None:
        from dassie.services import subscribing

        _taking_part(relay)
        await subscribing.pause(tx, server, relay, None)
        await _record(tx, "relay.resumed", relay)

    print(f"Resumed {_change(url, change, data, domain, database_url)}")


@app.command("leave")
def leave(url: Url, data: Data = None, domain: Domain = None, database_url: DatabaseUrl = None) -> None:
    """Leave a relay. What it brought stays."""

    async def change(tx: Tx, server: Server, relay: Relay) -> None:
        from dassie.services import subscribing

        _taking_part(relay)
        await subscribing.leave(tx, server, relay)
        await _record(tx, "relay.left", relay)

    print(f"Left {_change(url, change, data, domain, database_url)}")


@app.command("undo")
def undo(
    url: Url,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Annotated[float, typer.Option("--wait", help="Seconds to wait for the running server.", min=0)] = 600,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Leave a relay and remove all that only it brought. The running server does it; this waits and tells."""
    known, total, alone = _with_server(lambda server: _held(server, url), data, domain, database_url)
    print(f"{known} brought {total} posts that are here; about {alone} are here for no other reason.")
    if not yes:
        typer.confirm("Leave it and remove what nothing else keeps?", abort=True)

    async def change(tx: Tx, server: Server, relay: Relay) -> None:
        from dassie.services import subscribing

        await subscribing.undo(tx, server, relay)
        await _record(tx, "relay.undone", relay)

    _change(url, change, data, domain, database_url)
    config = settings(data=data, domain=domain, database_url=database_url)
    from dassie.cli.lock import is_taken

    if not config.database_url and not is_taken(config.data):
        print("The server does not run: it begins once it is started. `dassie relays show` tells how far it is.")
    elif not _with_server(lambda server: _follow(server, url, wait), data, domain, database_url):
        print("It is not done yet; the running server goes on. `dassie relays show` tells how far it is.")


async def _held(server: Server, url: str) -> tuple[str, int, int]:
    from dassie.store import relay_figures

    async with server.read() as tx:
        relay = await _find(tx, url)
        held = await relay_figures.held(tx, relay.id)
    return relay.url, held.total, held.alone


async def _follow(server: Server, url: str, wait: float) -> bool:
    """Print how far it is until it is done, or for so many seconds; whether it was done."""
    import asyncio

    from dassie.cli.relay_report import went
    from dassie.services import undoing_relays

    until, told = time.monotonic() + wait, 0
    while True:
        async with server.read() as tx:
            relay = await _find(tx, url)
            undone = await undoing_relays.progress(tx, relay.id)
        if undone is not None and undone.done:
            print(went(undone))
            return True
        if undone is not None and undone.posts != told:
            told = undone.posts
            print(f"… {told} posts removed")
        if time.monotonic() >= until:
            return False
        await asyncio.sleep(min(LOOKS_EVERY, max(until - time.monotonic(), 0.01)))


# Shared ----------------------------------------------------------------------------------------------


def _with_server(
    work: Callable[[Server], Awaitable[Any]], data: Data, domain: Domain, database_url: DatabaseUrl
) -> Any:
    config = settings(data=data, domain=domain, database_url=database_url)
    from dassie.cli.opening import with_server

    return with_server(config, work)


def _change(
    url: str,
    change: Callable[[Tx, Server, Relay], Awaitable[None]],
    data: Data,
    domain: Domain,
    database_url: DatabaseUrl,
) -> str:
    """Do it in one unit; the address of the relay."""

    async def work(server: Server) -> str:
        async with server.write() as tx:
            relay = await _find(tx, url)
            await change(tx, server, relay)
        return relay.url

    found: str = _with_server(work, data, domain, database_url)
    return found


async def _find(tx: Tx, url: str) -> Relay:
    from dassie.store import relays

    found = await relays.all_of_them(tx)
    named = [relay for relay in found if relay.url == url.strip()]
    named = named or [relay for relay in found if relay.domain == url.strip().lower()]
    if len(named) > 1:
        raise Invalid(f"There are {len(named)} relays at {url}: give the whole address.")
    if not named:
        raise NotFound(f"There is no relay {url} here. `dassie relays` shows those there are.")
    return named[0]


async def _record(tx: Tx, action: str, relay: Relay, **details: Any) -> None:
    from dassie.services import auditing

    await auditing.record(tx, action, subject=relay.url, by="command line", **details)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The limits among a command's options."""
    from dassie.domain.relays import RelayRules

    return {name: options[name] for name in RelayRules.__struct_fields__ if options.get(name) is not None}


def _taking_part(relay: Relay) -> None:
    if relay.state == "left":
        raise Invalid("This server does not take part in this relay any more. `dassie relays add` asks it again.")


def _state(relay: Relay, tx: Tx) -> str:
    if relay.state == "accepted" and relay.paused_until is not None and relay.paused_until > tx.now:
        return f"paused until {relay.paused_until:%Y-%m-%d %H:%M} UTC"
    return relay.state
