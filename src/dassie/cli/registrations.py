"""`dassie registrations`: who may sign up."""

from __future__ import annotations

from typing import Annotated

import typer

from dassie.cli.options import Data, DatabaseUrl, Domain, settings

Mode = Annotated[
    str | None,
    typer.Argument(metavar="[none|approved|open]", help="Who may sign up; without it nothing changes."),
]


def registrations(
    mode: Mode = None,
    reason_required: Annotated[
        bool | None,
        typer.Option(
            "--reason-required/--no-reason-required", help="Who asks to be let in must say why.", show_default=False
        ),
    ] = None,
    min_age: Annotated[int | None, typer.Option("--min-age", help="In years; 0: none.", show_default=False)] = None,
    message: Annotated[
        str | None, typer.Option("--message", help="What is said when nobody may.", show_default=False)
    ] = None,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Say who may sign up: nobody without an invitation, whom somebody lets in by hand, or everybody."""
    config = settings(data=data, domain=domain, database_url=database_url)
    from dassie.cli.opening import with_server
    from dassie.domain.settings import InstanceSettings
    from dassie.server import Server
    from dassie.services import auditing, letting_in
    from dassie.store import sign_ups

    given = {"mode": mode, "reason_required": reason_required, "min_age": min_age, "message": message}

    async def work(server: Server) -> tuple[InstanceSettings, int]:
        async with server.write() as tx:
            said = await letting_in.change(
                tx, server, mode=mode, reason_required=reason_required, min_age=min_age, message=message
            )
            if any(value is not None for value in given.values()):
                await auditing.record(tx, "instance.registrations_changed", by="command line", mode=said.registrations)
            return said, await sign_ups.count_unapproved(tx)

    said, waiting = with_server(config, work)
    print(f"Registrations: {said.registrations}")
    print(f"Reason: {'required' if said.reason_required else 'not required'}")
    print(f"Minimum age: {said.min_age or 'none'}")
    print(f"Waiting to be let in: {waiting}")
