"""Blocking a whole server for oneself: its people are neither read nor heard of. Nothing is told to it but the ends
of follows."""

from __future__ import annotations

from dassie.domain.domains import normal_domain
from dassie.domain.errors import Invalid
from dassie.domain.jobs import CutTies
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import following, severing
from dassie.store import accounts, domain_blocks, follows, queue
from dassie.store.tx import Tx
from dassie.store.views import AccountView

AT_ONCE = 50


def named(server: Server, text: str) -> str:
    """The server that somebody means; raises `Invalid` where it is none, or this one."""
    domain = normal_domain(text)
    if domain is None:
        raise Invalid("Validation failed: Domain is not a valid domain name")
    if domain in (server.urls.domain.lower(), server.urls.base.partition("://")[2].lower()):
        raise Invalid("Validation failed: Domain is this server itself")
    return domain


async def block(tx: Tx, server: Server, me: AccountView, text: str) -> str:
    """Block a server; its domain. Twice is once. Follows both ways end, as a job since they can be many."""
    domain = named(server, text)
    if await domain_blocks.add(tx, me.id, domain):
        await domain_blocks.forget_notifications(tx, me.id, domain)
        await queue.enqueue(tx, CutTies(account_id=me.id, domain=domain))
    return domain


async def unblock(tx: Tx, server: Server, me: AccountView, text: str) -> None:
    """Lift the block; the follows do not come back. Where there is none, nothing happens."""
    await domain_blocks.remove(tx, me.id, named(server, text))


@handles(CutTies)
async def cut_ties(server: Server, job: CutTies) -> None:
    """End the follows between somebody here and a server that they block, each way, some at a time."""
    while True:
        async with server.write() as tx:
            me = await accounts.by_id(tx, job.account_id)
            if me is None or not await domain_blocks.blocking(tx, job.account_id, job.domain):
                return  # gone, or thought better of it
            others = await domain_blocks.tied(tx, me.id, job.domain, AT_ONCE)
            lost = {"followers": 0, "following": 0}
            for other in (await accounts.by_ids(tx, others)).values():
                lost["following"] += await follows.following(tx, me.id, other.id)
                lost["followers"] += await follows.following(tx, other.id, me.id)
                await following.unfollow(tx, server, me, other)
                await following.remove_follower(tx, server, me, other)
            await severing.tell(tx, server, me.id, job.domain, followers=lost["followers"], following=lost["following"])
        if len(others) < AT_ONCE:
            return
