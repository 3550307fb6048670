"""Changing what the server may store, and seeing beforehand what that would remove."""

from __future__ import annotations

from msgspec import UNSET, UnsetType, structs, to_builtins

from dassie.domain.errors import Invalid
from dassie.domain.sizes import parse_size, show_size
from dassie.domain.storage import Limits, StorageSettings
from dassie.server import Server
from dassie.services import auditing, making_room, measuring_storage
from dassie.services.making_room import Gone, Need
from dassie.store import settings
from dassie.store.tx import Tx

LEAST_BUDGET = 100_000_000
MOST = 1 << 60


async def change(
    tx: Tx, *, budget: int | UnsetType | None = UNSET, floor: int | UnsetType | None = UNSET
) -> StorageSettings:
    """Set budget or floor at run time (None: as configured again); running servers see it within seconds."""
    before = await measuring_storage.changed_settings(tx)
    given = {name: value for name, value in (("budget", budget), ("floor", floor)) if not isinstance(value, UnsetType)}
    _check(given.get("budget"), given.get("floor"))
    after = structs.replace(before, **given)
    if after == StorageSettings():
        await settings.remove(tx, measuring_storage.SETTINGS)
    else:
        await settings.save(tx, measuring_storage.SETTINGS, after)
    return after


async def record(tx: Tx, after: StorageSettings, *, account_id: int | None = None, ip: str = "", by: str) -> None:
    """Write down that the limits were changed, in the unit that does it."""
    await auditing.record(tx, "storage.limits_changed", account_id=account_id, ip=ip, by=by, **to_builtins(after))


def size(text: str) -> int:
    """The size somebody typed; raises `Invalid` with what it takes."""
    try:
        found = parse_size(text)
    except ValueError as error:
        raise Invalid(f"{text[:40]!r} is no size: {error}.") from error
    if found > MOST:
        raise Invalid(f"{text[:40]!r} is more than any disk has.")
    return found


async def preview(server: Server, wanted: StorageSettings, *, most: int = making_room.MOST_PREVIEWED) -> Gone:
    """What would go if these were the limits; raises `Invalid` for those that cannot be set."""
    _check(wanted.budget, wanted.floor)
    disk = await measuring_storage.disk_of(server)
    async with server.read() as tx:
        used = (await measuring_storage.measure(server, tx)).total
    need = need_of(measuring_storage.limits_of(server, wanted, disk), used, disk.free)
    return await making_room.preview(server, need, most=most)


def need_of(held: Limits, used: int, free: int) -> Need:
    """How much has to go under these limits."""
    return Need(used - held.target if used > held.begin else 0, max(held.near - free, 0))


def _check(budget: int | None, floor: int | None) -> None:
    if budget is not None and not LEAST_BUDGET <= budget <= MOST:
        raise Invalid(f"The budget is at least {show_size(LEAST_BUDGET)}: the database alone needs some room.")
    if floor is not None and not 0 <= floor <= MOST:
        raise Invalid("The floor is a size such as 5 GB, or 0 for none.")
