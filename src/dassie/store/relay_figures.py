"""What is here because of a relay, counted in the tables: what it brought, what nothing else keeps, its jobs."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import BigInteger, Integer, Text, bindparam, desc, exists, func, literal_column, select

from dassie.domain.arrivals import Reason
from dassie.domain.jobs import State
from dassie.store.tables import accounts, arrivals, jobs, relay_statuses, statuses
from dassie.store.tx import Query, Tx, row

NEWEST = 1_000
"""Of what it brought, so many are looked at for hosts and languages."""
SAMPLED = 5_000
TOP = 10


class Held(Struct, frozen=True):
    """Statuses that a relay brought and that are here."""

    total: int
    alone: int
    """Those that no other relay brought, and that are here for no other reason; reckoned from the newest 5,000."""


class Made(Struct, frozen=True):
    """What the newest that it brought are made of."""

    looked_at: int
    seen: int
    """By somebody here."""
    hosts: list[tuple[str, int]]
    languages: list[tuple[str, int]]
    """An empty code: none was named."""


_relay = bindparam("relay_is", type_=BigInteger)
_other = relay_statuses.alias("other")
_mine = relay_statuses.c.relay_id == _relay
_TOTAL = Query(int, select(func.count()).select_from(relay_statuses).where(_mine))
_newest = (
    select(relay_statuses.c.status_id)
    .where(_mine)
    .order_by(relay_statuses.c.status_id.desc())
    .limit(bindparam("most", type_=Integer))
    .subquery("newest")
)
_ALONE = Query(
    int,
    select(func.count())
    .select_from(_newest.join(arrivals, arrivals.c.status_id == _newest.c.status_id))
    .where(
        arrivals.c.reason == literal_column(str(int(Reason.RELAY))),
        ~exists().where(_other.c.status_id == _newest.c.status_id, _other.c.relay_id != _relay),
    ),
)
_joined = _newest.join(statuses, statuses.c.id == _newest.c.status_id)
_HOSTS = Query(
    row,
    select(accounts.c.domain, func.count().label("found"))
    .select_from(_joined.join(accounts, accounts.c.id == statuses.c.account_id))
    .group_by(accounts.c.domain)
    .order_by(desc("found"), accounts.c.domain)
    .limit(TOP),
)
_LANGUAGES = Query(
    row,
    select(func.coalesce(statuses.c.language, literal_column("''")).label("code"), func.count().label("found"))
    .select_from(_joined)
    .group_by(literal_column("code"))
    .order_by(desc("found"), literal_column("code"))
    .limit(TOP),
)
_SEEN = Query(
    row,
    select(func.count(), func.count().filter(arrivals.c.seen)).select_from(
        _newest.outerjoin(arrivals, arrivals.c.status_id == _newest.c.status_id)
    ),
)
_JOBS = Query(
    row,
    select(jobs.c.state, func.count())
    .where(jobs.c.cause == bindparam("cause_is", type_=Text), jobs.c.cause.is_not(None))
    .group_by(jobs.c.state),
)
_UNDOING = Query(
    int,
    select(literal_column("1"))
    .where(
        jobs.c.kind == literal_column("'UndoRelay'"),
        jobs.c.unique_key == bindparam("key_is", type_=Text),
        jobs.c.unique_key.is_not(None),
        jobs.c.state < literal_column("4"),
    )
    .limit(1),
)


async def held(tx: Tx, relay_id: int) -> Held:
    """How much of it is here."""
    total = await tx.one(_TOTAL, relay_is=relay_id) or 0
    alone = await tx.one(_ALONE, relay_is=relay_id, most=SAMPLED) or 0
    return Held(total, round(alone * total / SAMPLED) if total > SAMPLED else alone)


async def made_of(tx: Tx, relay_id: int) -> Made:
    """What its newest statuses are made of."""
    given = {"relay_is": relay_id, "most": NEWEST}
    counted = await tx.one(_SEEN, **given)
    hosts = [(str(domain), int(count)) for domain, count in await tx.all(_HOSTS, **given)]
    languages = [(str(code), int(count)) for code, count in await tx.all(_LANGUAGES, **given)]
    looked_at, seen = counted if counted is not None else (0, 0)
    return Made(looked_at, seen, hosts, languages)


async def jobs_of(tx: Tx, cause: str) -> tuple[int, int]:
    """(waiting or running, given up) among the jobs with this cause."""
    found = {int(state): int(count) for state, count in await tx.all(_JOBS, cause_is=cause)}
    gave_up = found.pop(int(State.SET_ASIDE), 0)
    return sum(found.values()), gave_up


async def undoing(tx: Tx, relay_id: int) -> bool:
    """Whether what only this relay brought is being removed."""
    return await tx.one(_UNDOING, key_is=f"undo {relay_id}") is not None
