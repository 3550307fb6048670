"""A new server belongs to whoever opens its claim link first. The link is printed on the console only."""

from __future__ import annotations

from dassie.domain.errors import Invalid, NotAllowed
from dassie.server import Server
from dassie.services import auditing
from dassie.services.passwords import code_hash, random_password, same
from dassie.services.signing_up import create_login
from dassie.store import logins, settings
from dassie.store.tx import Tx
from dassie.store.views import AccountView

KEY = "claim_code"


async def claim_code(tx: Tx, server: Server) -> str | None:
    """A fresh one-time code, of which only a hash is kept; earlier ones stop working. None once there is an Owner."""
    if await logins.has_owner(tx):
        return None
    code = random_password()
    await settings.save(tx, KEY, code_hash(code))
    return code


def claim_url(server: Server, code: str) -> str:
    """The link to hand to the owner."""
    return f"{server.urls.base}/claim/{code}"


async def check_code(tx: Tx, code: str) -> None:
    """Raises `NotAllowed` where the server is claimed, `Invalid` where the code is not the right one."""
    if await logins.has_owner(tx):
        raise NotAllowed("This server already has an owner.")
    kept = await settings.read(tx, KEY)
    if not isinstance(kept, str) or not same(kept, code_hash(code)):
        raise Invalid("This claim link is not valid any more. Start the server again to get a new one.")


async def claim(
    tx: Tx,
    server: Server,
    code: str,
    username: str,
    display_name: str,
    password_hash: str,
    *,
    private_key: str | None = None,
) -> AccountView:
    """Make the owner's account. The code is used up with it."""
    await check_code(tx, code)
    account = await create_login(
        tx,
        server,
        username=username,
        display_name=display_name,
        password_hash=password_hash,
        role="Owner",
        private_key=private_key,
    )
    await settings.remove(tx, KEY)
    await auditing.record(tx, "server.claimed", account_id=account.id, subject=account.username)
    return account
