"""What the gate must know about people here to judge what relays bring; a small set, read now and then."""

from __future__ import annotations

from sqlalchemy import literal_column, select

from dassie.store.tables import accounts, follows
from dassie.store.tx import Query, Tx

_here, _there = accounts.alias("here"), accounts.alias("there")
_HOSTS = Query(
    str,
    select(_there.c.domain)
    .select_from(
        follows.join(_here, _here.c.id == follows.c.account_id).join(_there, _there.c.id == follows.c.target_id)
    )
    .where(_here.c.domain == literal_column("''"), _there.c.domain != literal_column("''"))
    .distinct()
    .limit(100_000),
)


async def followed_hosts(tx: Tx) -> frozenset[str]:
    """Domains of the servers on which somebody here follows somebody."""
    return frozenset(await tx.all(_HOSTS))
