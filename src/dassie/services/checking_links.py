"""Links on profiles: one that leads to a page which links back (`rel="me"`) is shown as the owner's own.

Of people here they are read when the profile changes, of others when somebody opens it, once a day at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import structlog
from msgspec import structs

from dassie.domain import charsets
from dassie.domain.buckets import Buckets
from dassie.domain.errors import NotFound, RemoteFailed
from dassie.domain.ids import AccountId
from dassie.domain.jobs import CheckLink
from dassie.domain.link_backs import address_in, links_back
from dassie.jobs.current import finish_with
from dassie.jobs.registry import handles
from dassie.server import PerServer, Server
from dassie.services import fetching_cards
from dassie.store import accounts, queue, senders
from dassie.store.tx import Tx
from dassie.store.views import AccountView, FieldView

log = structlog.get_logger("links")

MOST = 4
"""Fields of one profile that are checked."""
DAY = 86_400.0
KEPT = 10_000

_buckets_of = PerServer(lambda _: Buckets(KEPT))


async def plan(tx: Tx, server: Server, account: AccountView) -> None:
    """Have the links on a profile checked that are not shown as its owner's yet."""
    if not server.config.link_cards or account.suspended_at is not None:
        return
    for url in _unproved(account)[:MOST]:
        if account.local or _is_due(server, account.id, url):
            job = CheckLink(account_id=account.id, url=url)
            await queue.enqueue(tx, job, host=urlsplit(url).netloc.lower(), unique=f"{account.id} {url}")


def still_proved(before: Sequence[FieldView], after: Sequence[FieldView]) -> list[FieldView]:
    """The fields `after` a change: those that stay the same stay the owner's."""
    known = {(one.name, one.value): one for one in before}
    return [known.get((one.name, one.value), one) for one in after]


@handles(CheckLink)
async def check_link(server: Server, job: CheckLink) -> None:
    """Read the page; a link back makes the field the owner's from now on. A page that cannot be read says nothing."""
    host = urlsplit(job.url).hostname or ""
    async with server.read() as tx:
        account = await accounts.by_id(tx, AccountId(job.account_id))
        refused = await senders.is_suspended(tx, host)
    if account is None or refused or job.url not in _unproved(account):
        return
    try:
        body, kind, _ = await fetching_cards.fetch_page(server, job.url)
    except (RemoteFailed, NotFound) as failure:
        log.debug("a link on a profile could not be read", url=job.url[:300], why=failure.safe)
        return
    profiles = [account.uri, account.url or account.uri]
    if not await asyncio.to_thread(lambda: links_back(charsets.decode(body, kind), profiles)):
        return
    async with server.write() as tx:
        now = await accounts.by_id(tx, account.id)
        if now is not None:
            fields = [
                structs.replace(one, verified_at=tx.now)
                if one.verified_at is None and address_in(one.value) == job.url
                else one
                for one in now.fields
            ]
            await accounts.change(tx, now.id, fields=fields)
        await finish_with(tx)


def _unproved(account: AccountView) -> list[str]:
    found = (address_in(one.value) for one in account.fields if one.verified_at is None)
    return list(dict.fromkeys(url for url in found if url is not None))


def _is_due(server: Server, account_id: int, url: str) -> bool:
    now = server.clock.monotonic()
    return _buckets_of(server).of(f"{account_id} {url}", 1 / DAY, 1, now).spend(1, now)
