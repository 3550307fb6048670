"""What the instance documents count and list: people, posts, other servers, weeks."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Integer, Text, bindparam, exists, func, literal_column, select

from dassie.domain.ids import id_floor
from dassie.store import counters
from dassie.store.dialect import starts_with
from dassie.store.tables import accounts, domain_blocks, statuses, users
from dassie.store.tables import peers as known_peers
from dassie.store.tx import Query, Tx, row

WEEKS = 12
WEEKLY_LOGINS = "logins.week"
"""Counted once per person and week, by `services/presence.py`."""


class Week(Struct, frozen=True):
    """What happened here in one week."""

    start: datetime
    statuses: int
    logins: int
    registrations: int


_OURS = accounts.c.domain == literal_column("''", Text)
_STATUSES = Query(int, select(func.coalesce(func.sum(accounts.c.statuses_count), 0)).where(_OURS))
_BLOCKED = exists().where(domain_blocks.c.domain == accounts.c.domain)
_PEERS = Query(str, select(accounts.c.domain).where(~_OURS, ~_BLOCKED).distinct().order_by(accounts.c.domain))
_PEER_COUNT = Query(int, select(func.count(accounts.c.domain.distinct())).where(~_OURS))
_BEGINNING = Query(
    str,
    select(known_peers.c.domain)
    .where(starts_with(known_peers.c.domain, "beginning"), known_peers.c.suspended_at.is_(None))
    .order_by(known_peers.c.domain)
    .limit(bindparam("most", type_=Integer)),
)
_WRITTEN = Query(
    int,
    select(func.count())
    .select_from(accounts.join(statuses, statuses.c.account_id == accounts.c.id))
    .where(_OURS, statuses.c.id >= bindparam("first"), statuses.c.id < bindparam("end")),
)
_JOINED = Query(
    row, select(users.c.created_at).where(users.c.created_at >= bindparam("since", type_=users.c.created_at.type))
)
_FIRST = Query(row, select(users.c.created_at).order_by(users.c.id).limit(1))


async def statuses_count(tx: Tx) -> int:
    """Posts written here, reblogs among them."""
    return await tx.one(_STATUSES) or 0


async def peers_count(tx: Tx) -> int:
    """Other servers we know somebody of."""
    return await tx.one(_PEER_COUNT) or 0


async def peers(tx: Tx) -> list[str]:
    """Their domains, in order; not those that the staff limited or suspended."""
    return await tx.all(_PEERS)


async def peers_beginning(tx: Tx, beginning: str, most: int) -> list[str]:
    """Domains of servers we know that begin so, in order; not those we do not talk with."""
    return await tx.all(_BEGINNING, beginning=beginning, most=most) if beginning else []


async def first_login_at(tx: Tx) -> datetime | None:
    """When the first person joined, which is when this server began."""
    found = await tx.one(_FIRST)
    return found[0] if found else None


async def weeks(tx: Tx) -> list[Week]:
    """The last twelve weeks, each from Monday (UTC), this one first."""
    starts = [monday(tx.now) - timedelta(weeks=i) for i in range(WEEKS)]
    joined = [at for (at,) in await tx.all(_JOINED, since=starts[-1])]
    came = [(at, n) for at, name, n in await counters.since(tx, "day", starts[-1]) if name == WEEKLY_LOGINS]
    out = []
    for start in starts:
        end = start + timedelta(weeks=1)
        written = await tx.one(_WRITTEN, first=id_floor(start), end=id_floor(end)) or 0
        logins = sum(n for at, n in came if start <= at < end)
        out.append(Week(start, written, logins, sum(start <= at < end for at in joined)))
    return out


def monday(at: datetime) -> datetime:
    """The start of the week that `at` lies in."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())
