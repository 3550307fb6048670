"""`dassie domains`: servers that this one keeps at a distance. All of it works beside a running server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dassie.cli.options import Data, DatabaseUrl, Domain, settings

if TYPE_CHECKING:
    from dassie.domain.server_blocks import ServerBlock
    from dassie.server import Server

app = typer.Typer(help="Other servers: block, allow again, list blocks.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="SERVER", help="Its domain; those below it are meant, too.")]


@app.command("block")
def block(
    name: Name,
    severity: Annotated[
        str,
        typer.Option(
            "--severity", help="suspend: nothing from or to it; silence: its people are limited; noop: only the rest."
        ),
    ] = "suspend",
    reject_reports: Annotated[bool, typer.Option("--reject-reports", help="Drop reports from there.")] = False,
    public_comment: Annotated[str, typer.Option("--public-comment", help="Why, for everybody.")] = "",
    private_comment: Annotated[str, typer.Option("--private-comment", help="Why, for admins.")] = "",
    obfuscate: Annotated[bool, typer.Option("--obfuscate", help="Hide part of its name in public.")] = False,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Block a server, or change how it is blocked."""
    from dassie.cli.opening import with_server

    async def work(server: Server) -> ServerBlock:
        from dassie.services import auditing, blocking_servers

        async with server.write() as tx:
            done = await blocking_servers.block(
                tx,
                server,
                name,
                severity,
                reject_reports=reject_reports,
                obfuscate=obfuscate,
                public_comment=public_comment,
                private_comment=private_comment,
            )
            await auditing.record(tx, "server.blocked", subject=done.domain, by="command line", severity=severity)
            return done

    done = with_server(settings(data=data, domain=domain, database_url=database_url), work)
    print(f"{done.domain}: {done.severity}")


@app.command("allow")
def allow(name: Name, data: Data = None, domain: Domain = None, database_url: DatabaseUrl = None) -> None:
    """Lift a block. Follows that it ended do not come back."""
    from dassie.cli.opening import with_server

    async def work(server: Server) -> ServerBlock:
        from dassie.services import auditing, blocking_servers

        async with server.write() as tx:
            lifted = await blocking_servers.lift(tx, server, name)
            await auditing.record(tx, "server.allowed", subject=lifted.domain, by="command line")
            return lifted

    print(f"{with_server(settings(data=data, domain=domain, database_url=database_url), work).domain}: allowed")


@app.command("list")
def show(data: Data = None, domain: Domain = None, database_url: DatabaseUrl = None) -> None:
    """Print all blocks: domain, severity, what else is done, why."""
    from dassie.cli.opening import with_server

    async def work(server: Server) -> list[ServerBlock]:
        from dassie.store import server_blocks

        async with server.read() as tx:
            return await server_blocks.everything(tx)

    for one in with_server(settings(data=data, domain=domain, database_url=database_url), work):
        more = [name.replace("_", " ") for name in ("reject_reports", "obfuscate") if getattr(one, name)]
        why = " / ".join(filter(None, (one.public_comment, one.private_comment)))
        print(f"{one.domain}\t{one.severity}\t{', '.join(more)}\t{why}".rstrip())
