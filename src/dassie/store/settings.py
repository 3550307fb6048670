"""Settings of the instance that are changed while it runs, and small facts it keeps for itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, select, type_coerce

from dassie.domain.settings import InstanceSettings
from dassie.store.dialect import put_or_set
from dassie.store.tables import settings
from dassie.store.tx import Query, Statement, Tx, row
from dassie.store.types import Json

INSTANCE = "instance"
_ONE = Query(row, select(settings.c.value).where(settings.c.key == bindparam("named")))
# Read for each page of a public timeline: decoded at once into what it is.
_INSTANCE = Query(
    row,
    select(type_coerce(settings.c.value, Json(InstanceSettings))).where(settings.c.key == bindparam("named")),
)
_PUT = Statement(put_or_set(settings, ("key", "value"), key=("key",)))
_REMOVE = Statement(delete(settings).where(settings.c.key == bindparam("named")))


async def read(tx: Tx, key: str) -> Any:
    """The value kept under `key`, or None."""
    found = await tx.one(_ONE, named=key)
    return found[0] if found else None


async def save(tx: Tx, key: str, value: Any) -> None:
    """Keep a value (anything JSON can say)."""
    await tx.run(_PUT, key=key, value=value)


async def remove(tx: Tx, key: str) -> None:
    """Forget a value."""
    await tx.run(_REMOVE, named=key)


async def instance(tx: Tx) -> InstanceSettings:
    """What the owner set about this server; defaults where nothing was set."""
    found = await tx.one(_INSTANCE, named=INSTANCE)
    return found[0] if found else InstanceSettings()


async def save_instance(tx: Tx, changed: InstanceSettings) -> None:
    """Keep what the owner set."""
    await save(tx, INSTANCE, changed)
