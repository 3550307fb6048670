"""Which function handles which type of activity, and what it is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from msgspec import Struct

from dassie.domain.ids import AccountId
from dassie.federation.vocab.activities import ActivityDoc
from dassie.jobs.current import finish_with
from dassie.server import Server
from dassie.store import accounts
from dassie.store.tx import Tx
from dassie.store.views import AccountView


class Received(Struct, frozen=True):
    """An activity to be handled."""

    activity: ActivityDoc
    by_actor: bool
    """Whether the actor's own key signed. If not (passed on, or announced by a group) nothing embedded is
    believed: every object is asked for at its own server."""
    recipient: AccountId | None = None
    """Of ours, whose own inbox it came to."""
    relay_id: int | None = None
    """The relay that brought it, where it came by one."""


class Dropped(Exception):
    """It has no effect here; `why` is one word for the figures."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


Inboundable = Callable[[Server, Received], Awaitable[None]]
INBOUND: dict[str, Inboundable] = {}


def inbound(type_name: str) -> Callable[[Inboundable], Inboundable]:
    """Register the function below for this type of activity."""

    def register(handler: Inboundable) -> Inboundable:
        if INBOUND.get(type_name, handler) is not handler:
            raise RuntimeError(f"two handlers for {type_name}")
        INBOUND[type_name] = handler
        return handler

    return register


@asynccontextmanager
async def last_change(server: Server) -> AsyncIterator[Tx]:
    """The unit that makes an activity's change; the job ends in it, so the change happens once."""
    async with server.write() as tx:
        yield tx
        await finish_with(tx)


async def actor_of(tx: Tx, received: Received) -> AccountView:
    """The account that acts; raises `Dropped` where it is unknown, suspended or one of ours."""
    return await remote_account(tx, received.activity.actor)


async def remote_account(tx: Tx, uri: str) -> AccountView:
    """The account of another server with this actor id; raises `Dropped` where there is none to be heard."""
    account = await accounts.by_uri(tx, uri)
    if account is None:
        raise Dropped("unknown_actor")
    if account.suspended_at is not None or account.local:
        raise Dropped("suspended")
    return account


async def own_account(tx: Tx, uri: str | None) -> AccountView:
    """The account of ours with this actor id; raises `Dropped` for any other."""
    account = await accounts.by_uri(tx, uri) if uri else None
    if account is None or not account.local:
        raise Dropped("nobody_here")
    return account
