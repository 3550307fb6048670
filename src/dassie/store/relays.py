"""Relays we take part in."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, bindparam, literal_column, select, type_coerce, update

from dassie.domain.relays import Relay, RelayRules
from dassie.store.dialect import put, put_once
from dassie.store.tables import relay_statuses, relays
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import Json

_columns = [
    type_coerce(relays.c.rules, Json(RelayRules)) if name == "rules" else relays.c[name]
    for name in Relay.__struct_fields__
]
_ALL = Query(Relay, select(*_columns).order_by(relays.c.id))
_BY_ID = Query(Relay, select(*_columns).where(relays.c.id == bindparam("relay_id")))
_BY_URL = Query(Relay, select(*_columns).where(relays.c.url == bindparam("url_is")))
_BY_FOLLOW = Query(Relay, select(*_columns).where(relays.c.follow_uri == bindparam("uri_is")))
_INSERT_COLUMNS = (
    "id",
    "url",
    "kind",
    "state",
    "domain",
    "inbox_url",
    "actor_uri",
    "follow_uri",
    "sends",
    "rules",
    "trial_until",
    "created_at",
)
_INSERT = Statement(put(relays, *_INSERT_COLUMNS))
_SENDS = Query(
    int,
    select(literal_column("1")).where(
        relays.c.sends, relays.c.state == literal_column("'accepted'"), relays.c.kind == bindparam("kind_is")
    ),
)
_INBOXES = Query(
    str,
    select(relays.c.inbox_url).where(
        relays.c.sends, relays.c.state == literal_column("'accepted'"), relays.c.kind == literal_column("'mastodon'")
    ),
)
_BROUGHT = Statement(put_once(relay_statuses, "relay_id", "status_id"))
_BROUGHT_BY = Query(int, select(relay_statuses.c.relay_id).where(relay_statuses.c.status_id == bindparam("of_status")))
_TRIAL = Query(row, select(type_coerce(relays.c.trial, Json())).where(relays.c.id == bindparam("relay_id")))


async def all_of_them(tx: Tx) -> list[Relay]:
    """Every relay, also those that we left, oldest first."""
    return await tx.all(_ALL)


async def by_id(tx: Tx, id: int) -> Relay | None:
    """The relay with this id."""
    return await tx.one(_BY_ID, relay_id=id)


async def by_url(tx: Tx, url: str) -> Relay | None:
    """The relay that was entered with this address."""
    return await tx.one(_BY_URL, url_is=url)


async def by_follow(tx: Tx, follow_uri: str) -> Relay | None:
    """The relay to which we sent this Follow."""
    return await tx.one(_BY_FOLLOW, uri_is=follow_uri)


async def insert(tx: Tx, relay: Relay) -> None:
    """Add a relay."""
    await tx.run(_INSERT, **{name: getattr(relay, name) for name in _INSERT_COLUMNS})


async def change(tx: Tx, id: int, **values: Any) -> None:
    """Set these columns of a relay."""
    names = sorted(values)
    await tx.run(_update(*names), relay_id=id, **{f"new_{name}": values[name] for name in names})


@cache
def _update(*names: str) -> Statement:
    columns = {name: bindparam(f"new_{name}", type_=relays.c[name].type) for name in names}
    return Statement(update(relays).where(relays.c.id == bindparam("relay_id", type_=BigInteger)).values(columns))


async def sends_to_mastodon_relays(tx: Tx) -> bool:
    """Whether a relay that passes activities on as they are wants our public posts."""
    return await tx.one(_SENDS, kind_is="mastodon") is not None


async def inboxes(tx: Tx) -> list[str]:
    """Inboxes of the relays that pass activities on as they are, and want our public posts."""
    return await tx.all(_INBOXES)


async def brought(tx: Tx, relay_id: int, status_id: int) -> None:
    """Remember that this relay brought this status; another may have done so too."""
    await tx.run(_BROUGHT, relay_id=relay_id, status_id=status_id)


async def brought_by(tx: Tx, status_id: int) -> list[int]:
    """The relays that brought a status."""
    return await tx.all(_BROUGHT_BY, of_status=status_id)


async def trial(tx: Tx, id: int) -> dict[str, Any] | None:
    """What sampling this relay found so far."""
    found = await tx.one(_TRIAL, relay_id=id)
    return found[0] if found else None
