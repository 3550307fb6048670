"""Keeping whole servers at a distance, for everybody here.

Silence limits their people: seen by those who follow them, by others only when asked for. Suspend ends it all:
nothing is taken from there or sent there, follows end both ways, and what is here of them is hidden. It is not deleted:
lifting the block shows it again, but the follows do not come back.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from msgspec import Struct

from dassie.domain.errors import Invalid, NotFound
from dassie.domain.ids import AccountId, next_id
from dassie.domain.jobs import SettleServerBlock
from dassie.domain.server_blocks import LONGEST_COMMENT, MOST, PUBLISHED, SEVERITIES, ServerBlock
from dassie.domain.text import clean
from dassie.jobs.registry import handles
from dassie.server import Server
from dassie.services import following, severing
from dassie.services.blocking_domains import named
from dassie.store import accounts, follows, notifications, queue, server_blocks, settings
from dassie.store.server_blocks import Mark
from dassie.store.tx import Tx

AT_ONCE = 50
MARKS: dict[str, Mark] = {"silence": "silenced_at", "suspend": "suspended_at"}


async def block(
    tx: Tx,
    server: Server,
    text: str,
    severity: str,
    *,
    reject_reports: bool = False,
    obfuscate: bool = False,
    public_comment: str = "",
    private_comment: str = "",
) -> ServerBlock:
    """Block a server, or change its block. Raises `Invalid`."""
    domain = _checked(server, text)
    if severity not in SEVERITIES:
        raise Invalid("Validation failed: Severity is not included in the list")
    said = {"public_comment": clean(public_comment).strip(), "private_comment": clean(private_comment).strip()}
    if any(len(comment) > LONGEST_COMMENT for comment in said.values()):
        raise Invalid(f"Validation failed: Comment is too long (maximum is {LONGEST_COMMENT} characters)")
    before = await server_blocks.of(tx, domain)
    if before is None and await server_blocks.number(tx) >= MOST:
        raise Invalid(f"Validation failed: at most {MOST} servers can be blocked")
    stays = before is not None and before.severity == severity
    new = ServerBlock(
        id=before.id if before is not None else next_id(tx.now),
        domain=domain,
        severity=severity,
        reject_reports=reject_reports,
        obfuscate=obfuscate,
        marked_at=before.marked_at if before is not None and stays else tx.now,
        created_at=before.created_at if before is not None else tx.now,
        updated_at=tx.now,
        **said,
    )
    await server_blocks.save(tx, new)
    if not stays:
        await _settle(tx, domain, new, before)
    return new


async def lift(tx: Tx, server: Server, text: str) -> ServerBlock:
    """Take a block back. What was hidden is seen again; follows and notifications stay away. Raises `NotFound`."""
    domain = _checked(server, text)
    before = await server_blocks.of(tx, domain)
    if before is None:
        raise NotFound("This server is not blocked.")
    await server_blocks.remove(tx, domain)
    await _settle(tx, domain, None, before)
    return before


async def mark_of(tx: Tx, domain: str) -> dict[str, datetime]:
    """The columns of a new account of this server that blocks set."""
    limited = [one.marked_at for one in await server_blocks.covering(tx, domain) if one.severity == "silence"]
    return {"silenced_at": limited[0]} if limited else {}


async def rejects_reports(tx: Tx, domain: str) -> bool:
    """Whether reports of this server are not wanted."""
    return any(one.reject_reports for one in await server_blocks.covering(tx, domain))


def _checked(server: Server, text: str) -> str:
    domain = named(server, text)
    if "." not in domain:
        raise Invalid("Validation failed: Domain is not a valid domain name")
    own = server.urls.domain.lower()
    if own.endswith(f".{domain}"):
        raise Invalid("Validation failed: This server itself lies under that domain")
    return domain


async def _settle(tx: Tx, domain: str, now: ServerBlock | None, before: ServerBlock | None) -> None:
    cut = now.marked_at if now is not None and now.severity == "suspend" else None
    if cut is not None or (before is not None and before.severity == "suspend"):
        await server_blocks.cut_off(tx, domain, cut)
    lifted = before.marked_at.isoformat() if before is not None else ""
    await queue.enqueue(tx, SettleServerBlock(domain, lifted), order=f"server block {domain}")


@handles(SettleServerBlock)
async def settle(server: Server, job: SettleServerBlock) -> None:
    """Bring the accounts of a server, and of those below it, to what its block says."""
    async with server.read() as tx:
        under = await server_blocks.domains_under(tx, job.domain)
    if job.lifted:
        for domain in under:
            await _unmark(server, domain, datetime.fromisoformat(job.lifted))
    async with server.read() as tx:
        blocks = [one for one in await server_blocks.everything(tx) if _related(one, job.domain)]
    for one in blocks:  # what a lifted block hid may be under another one
        mark = MARKS.get(one.severity)
        for domain in under if mark is not None else ():
            if mark is not None and one.covers(domain):
                await _mark(server, domain, one, mark)


def _related(block: ServerBlock, domain: str) -> bool:
    return block.covers(domain) or block.domain.endswith(f".{domain}")


async def _unmark(server: Server, domain: str, at: datetime) -> None:
    for mark in MARKS.values():
        while True:
            async with server.write() as tx:
                ids = await server_blocks.marked(tx, domain, mark, at, AT_ONCE)
                await server_blocks.set_mark(tx, ids, mark, None)
            if len(ids) < AT_ONCE:
                break


async def _mark(server: Server, domain: str, block: ServerBlock, mark: Mark) -> None:
    while True:
        async with server.write() as tx:
            now = await server_blocks.of(tx, block.domain)
            if now is None or now.marked_at != block.marked_at:
                return  # changed meanwhile: another job settles that
            ids = await server_blocks.unmarked(tx, domain, mark, AT_ONCE)
            if mark == "suspended_at":
                await _sever(tx, server, block, ids)
                await notifications.forget_senders(tx, ids)
            await server_blocks.set_mark(tx, ids, mark, block.marked_at)
        if len(ids) < AT_ONCE:
            return


async def _sever(tx: Tx, server: Server, block: ServerBlock, ids: list[AccountId]) -> None:
    ties = await server_blocks.ties(tx, ids)
    people = await accounts.by_ids(tx, {id for pair in ties for id in pair})
    lost: dict[AccountId, dict[str, int]] = defaultdict(lambda: {"followers": 0, "following": 0})
    for mine, theirs in ties:
        me, other = people[mine], people[theirs]
        lost[mine]["following"] += await follows.following(tx, me.id, other.id)
        lost[mine]["followers"] += await follows.following(tx, other.id, me.id)
        await following.unfollow(tx, server, me, other)
        await following.remove_follower(tx, server, me, other)
    for mine, numbers in lost.items():
        await severing.tell(
            tx,
            server,
            mine,
            block.domain,
            followers=numbers["followers"],
            following=numbers["following"],
            type="domain_block",
        )


class Published(Struct, frozen=True):
    """What somebody may know of the blocks."""

    blocks: list[ServerBlock]
    reasons: bool
    """Also why."""


async def published(tx: Tx, *, signed_in: bool) -> Published | None:
    """The blocks that are published to this reader, suspended servers first; None where none are."""
    said = await settings.instance(tx)
    if not _open_to(said.show_domain_blocks, signed_in):
        return None
    found = [one for one in await server_blocks.everything(tx) if one.severity in PUBLISHED]
    found.sort(key=lambda one: (one.severity != "suspend", one.domain))
    return Published(found, _open_to(said.show_domain_blocks_rationale, signed_in))


def _open_to(setting: str, signed_in: bool) -> bool:
    return setting == "all" or (setting == "users" and signed_in)
