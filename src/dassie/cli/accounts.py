"""`dassie accounts`: logins, made and changed by whoever runs the server."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dassie.cli.options import Data, DatabaseUrl, Domain, settings
from dassie.domain.errors import Invalid

if TYPE_CHECKING:
    from dassie.store.logins import User

app = typer.Typer(help="Make and change logins.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name, with or without @.", show_default=False)]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of the input.")
]


@app.command("create")
def create(
    name: Name,
    email: Annotated[str | None, typer.Option("--email", help="For signing in by mail address.")] = None,
    role: Annotated[str, typer.Option("--role", help="Owner, Admin, Moderator or User.")] = "User",
    display_name: Annotated[str, typer.Option("--display-name", help="The name that is shown.")] = "",
    password_stdin: FromInput = False,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a login. Without --password-stdin a password is made up and printed."""
    config = settings(data=data, domain=domain, database_url=database_url)
    from dassie.cli.opening import with_server
    from dassie.server import Server
    from dassie.services import auditing, keys, passwords, signing_up

    password = _read_password() if password_stdin else passwords.random_password()
    hashed = passwords.hash_password(passwords.check_new_password(password))
    private_key = keys.new_private_key()

    async def work(server: Server) -> str:
        async with server.write() as tx:
            account = await signing_up.create_login(
                tx,
                server,
                username=name,
                password_hash=hashed,
                email=email,
                role=_role(role),
                display_name=display_name,
                private_key=private_key,
            )
            await auditing.record(tx, "account.created", subject=account.username, by="command line", role=role)
        return f"@{account.username}@{server.urls.domain}"

    print(f"Created {with_server(config, work)}")
    if not password_stdin:
        print(f"New password: {password}")


@app.command("modify")
def modify(
    name: Name,
    email: Annotated[str | None, typer.Option("--email", help="A new mail address.", show_default=False)] = None,
    role: Annotated[
        str | None, typer.Option("--role", help="Owner, Admin, Moderator or User.", show_default=False)
    ] = None,
    disable: Annotated[bool, typer.Option("--disable", help="Keep the person from signing in.")] = False,
    enable: Annotated[bool, typer.Option("--enable", help="Let the person sign in again.")] = False,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Change a login."""
    if disable and enable:
        raise Invalid("--disable and --enable cannot both be meant.")
    config = settings(data=data, domain=domain, database_url=database_url)
    from dassie.cli.opening import person, with_server
    from dassie.server import Server
    from dassie.services import auditing, signing_in, signing_up
    from dassie.store import logins

    async def work(server: Server) -> str:
        async with server.write() as tx:
            account, user = await person(tx, name)
            if email is not None:
                address = signing_up.check_email(email)
                holder = await logins.by_email(tx, address)
                if holder is not None and holder.id != user.id:
                    raise Invalid("Somebody else has this mail address.")
                await logins.set_email(tx, user.id, address)
                await auditing.record(tx, "login.email_changed", subject=account.username, by="command line")
            if role is not None:
                await logins.set_role(tx, user.id, _role(role))
                await auditing.record(tx, "login.role_changed", subject=account.username, by="command line", role=role)
            if disable or enable:
                await signing_in.set_disabled(tx, server, user, disable)
        return account.username

    print(f"Changed @{with_server(config, work)}")


@app.command("reset-password")
def reset_password(
    name: Name,
    password_stdin: FromInput = False,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Set a new password. All browsers are signed out, and apps lose their access."""
    config = settings(data=data, domain=domain, database_url=database_url)
    from dassie.cli.opening import person, with_server
    from dassie.server import Server
    from dassie.services import passwords, signing_in

    password = _read_password() if password_stdin else passwords.random_password()
    hashed = passwords.hash_password(passwords.check_new_password(password))

    async def work(server: Server) -> str:
        async with server.write() as tx:
            account, user = await person(tx, name)
            await signing_in.reset_password(tx, server, user, hashed)
        return account.username

    print(f"Changed @{with_server(config, work)}")
    if not password_stdin:
        print(f"New password: {password}")


@app.command("approve")
def approve(
    name: Name,
    trusting: Annotated[
        bool, typer.Option("--confirm", help="Take their mail address on trust, if it is not proved.")
    ] = False,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Let somebody in who signed up and waits."""
    config = settings(data=data, domain=domain, database_url=database_url)
    from dassie.cli.opening import person, with_server
    from dassie.server import Server
    from dassie.services import registering

    async def work(server: Server) -> str:
        async with server.write() as tx:
            account, user = await person(tx, name)
            await registering.approve(tx, server, user, trusting=trusting)
        return account.username

    print(f"Approved @{with_server(config, work)}")


@app.command("reject")
def reject(name: Name, data: Data = None, domain: Domain = None, database_url: DatabaseUrl = None) -> None:
    """Turn somebody away who signed up and waits. Nothing of them stays, and the name is free again."""
    config = settings(data=data, domain=domain, database_url=database_url)
    from dassie.cli.opening import person, with_server
    from dassie.server import Server
    from dassie.services import registering

    async def work(server: Server) -> str:
        async with server.write() as tx:
            account, user = await person(tx, name)
            await registering.reject(tx, server, user)
        return account.username

    print(f"Rejected @{with_server(config, work)}")


@app.command("delete")
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = None,
    domain: Domain = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Delete a login with all that belongs to it. This cannot be undone; the name stays taken."""
    config = settings(data=data, domain=domain, database_url=database_url)
    if not yes:
        typer.confirm(f"Delete {name} with all posts and files, here and on other servers?", abort=True)
    from dassie.cli.opening import person, with_server
    from dassie.server import Server
    from dassie.services import auditing, deleting_accounts

    async def work(server: Server) -> str:
        async with server.write() as tx:
            account, _ = await person(tx, name)
            await deleting_accounts.delete_account(tx, server, account)
            await auditing.record(tx, "account.deleted", subject=account.username, by="command line")
        return account.username

    print(f"Deleting @{with_server(config, work)}: the running server does the rest in the background.")


@app.command("list")
def list_accounts(data: Data = None, domain: Domain = None, database_url: DatabaseUrl = None) -> None:
    """Print all logins: name, role, mail address, state."""
    config = settings(data=data, domain=domain, database_url=database_url)
    from dassie.cli.opening import with_server
    from dassie.server import Server
    from dassie.store import logins

    async def work(server: Server) -> list[str]:
        lines, after = [], 0
        async with server.read() as tx:
            while page := await logins.page(tx, after=after):
                after = page[-1][0].id
                for user, account in page:
                    state = "disabled" if user.disabled else _waits(user) or "active"
                    lines.append(f"{account.username}\t{user.role}\t{user.email or '-'}\t{state}")
        return lines

    for line in with_server(config, work):
        print(line)


def _waits(user: User) -> str:
    if user.confirmed_at is None:
        return "unconfirmed"
    return "" if user.approved else "pending"


def _read_password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise Invalid("The input has no password in its first line.")
    return password


def _role(text: str) -> str:
    from dassie.services.signing_up import ROLES

    for role in ROLES:
        if role.lower() == text.strip().lower():
            return role
    raise Invalid(f"--role takes one of {', '.join(ROLES)}.")
