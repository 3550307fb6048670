"""`dassie`: every command, and how errors become a sentence and an exit code."""

from __future__ import annotations

import gc
import os
import sys

import typer

from dassie import __version__
from dassie.cli import (
    accounts,
    doctor,
    domains,
    emoji,
    jobs,
    registrations,
    rehearse,
    relays,
    showing,
    storage,
    tokens,
    up,
)
from dassie.domain.errors import DassieError

app = typer.Typer(
    name="dassie",
    help="A Mastodon-compatible ActivityPub server for your own corner of the fediverse.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("up")(up.up)
app.add_typer(accounts.app, name="accounts")
app.add_typer(tokens.app, name="tokens")
app.add_typer(jobs.app, name="jobs")
app.add_typer(relays.app, name="relays")
app.add_typer(storage.app, name="storage")
app.add_typer(emoji.app, name="emoji")
app.add_typer(domains.app, name="domains")
app.command("registrations")(registrations.registrations)
app.command("doctor")(doctor.doctor)
app.command("rehearse")(rehearse.rehearse)
app.command("config")(showing.config)
app.command("version")(showing.version)


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", "-v", help="Print the version and exit.")) -> None:
    """A Mastodon-compatible ActivityPub server for your own corner of the fediverse."""
    if version:
        print(f"dassie {__version__}")
        raise typer.Exit


def run() -> None:
    """The entry point: expected errors are one sentence on stderr and exit code 1, never a traceback."""
    gc.disable()  # nothing of what is made while starting becomes garbage; the server switches it on again
    os.umask(0o077)  # databases, keys and settings are nobody else's business
    try:
        app()
    except DassieError as error:
        print(f"dassie: {error.safe}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
