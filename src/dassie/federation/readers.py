"""Who reads our documents: the actor that signed the request, where it matters who asks."""

from __future__ import annotations

from dassie.domain.errors import DassieError, NotAllowed, NotAuthenticated
from dassie.door.request import Request
from dassie.federation.inbox import gate_of
from dassie.federation.requests import own_hosts, signed_request
from dassie.federation.routing import Visit
from dassie.federation.signatures import BadSignature, parse
from dassie.federation.vocab.values import host_of
from dassie.server import Server
from dassie.store import accounts, senders
from dassie.store.views import AccountView


async def check_open(visit: Visit) -> None:
    """Nothing where anybody may read; where others must sign (`authorized_fetch`), who signed must be welcome.

    Raises `NotAuthenticated` or `NotAllowed`.
    """
    if visit.server.config.authorized_fetch:
        await must_be_known(visit)


async def must_be_known(visit: Visit) -> AccountView:
    """The account that signed the request; raises `NotAuthenticated` or `NotAllowed`."""
    if not _is_signed(visit.request):
        raise NotAuthenticated("Reading here needs a signed request")
    try:
        uri = await _signer(visit.server, visit.request)
    except BadSignature as bad:
        raise NotAuthenticated(bad.safe, kind=bad.kind, **bad.details) from bad
    async with visit.server.read() as tx:
        if await senders.is_suspended(tx, host_of(uri).partition(":")[0]):
            raise NotAllowed("We do not talk with this server", uri=uri)
        account = await accounts.by_uri(tx, uri)
    if account is None:
        raise NotAuthenticated("Who signed the request is not known", uri=uri)
    if account.suspended_at is not None:
        raise NotAllowed("This account is suspended here", uri=uri)
    return account


async def reader_of(visit: Visit) -> AccountView | None:
    """The account that signed the request; None where nobody did, or where that cannot be found out."""
    if not _is_signed(visit.request):
        return None
    try:
        return await must_be_known(visit)
    except DassieError:
        return None


def _is_signed(request: Request) -> bool:
    return "signature" in request.headers


async def _signer(server: Server, request: Request) -> str:
    signed = signed_request(server, request)
    parsed = parse(signed, hosts=own_hosts(server), now=server.clock.now())
    return await gate_of(server).keyring.signer(server, parsed, signed, "")
