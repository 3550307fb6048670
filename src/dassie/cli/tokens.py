"""`dassie tokens`: access tokens for scripts and bots."""

from __future__ import annotations

from typing import Annotated

import typer

from dassie.cli.accounts import Name
from dassie.cli.options import Data, DatabaseUrl, Domain, settings

app = typer.Typer(help="Access tokens for scripts and bots.", no_args_is_help=True)


@app.callback()
def tokens() -> None:
    """Access tokens for scripts and bots."""


@app.command("create")
def create(
    name: Name,
    scopes: Annotated[str, typer.Option("--scopes", help="What it allows, separated by spaces.")] = "read",
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print an access token of a person, and nothing else. The same scopes give the same token."""
    config = settings(data=data, domain=domain, database_url=database_url)
    from dassie.cli.opening import person, with_server
    from dassie.domain.scopes import parse_scopes
    from dassie.server import Server
    from dassie.services import auditing, signing_up

    wanted = " ".join(parse_scopes(scopes))

    async def work(server: Server) -> str:
        async with server.write() as tx:
            account, user = await person(tx, name)
            token = await signing_up.issue_token(tx, server, user, wanted)
            await auditing.record(tx, "token.created", subject=account.username, by="command line", scopes=wanted)
        return token

    print(with_server(config, work))
