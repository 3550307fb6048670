"""What a relay would bring and cost, from its sample and from the room that is left here."""

from __future__ import annotations

from msgspec import convert

from dassie.domain.trials import Forecast, Sample, forecast
from dassie.server import Server
from dassie.services import measuring_storage
from dassie.store import relays
from dassie.store.tx import Tx


async def sample_of(tx: Tx, relay_id: int) -> Sample | None:
    """What the trial of a relay has found so far; None before anything came."""
    found = await relays.trial(tx, relay_id)
    return convert(found, Sample) if found is not None else None


async def forecast_of(server: Server, relay_id: int) -> Forecast | None:
    """The forecast by the trial of a relay; None where nothing came."""
    disk = await measuring_storage.disk_of(server)
    async with server.read() as tx:
        sample = await sample_of(tx, relay_id)
        used = await measuring_storage.measure(server, tx)
        changed = await measuring_storage.changed_settings(tx)
    if sample is None or not sample.offered:
        return None
    limits = measuring_storage.limits_of(server, changed, disk)
    return forecast(sample, room=min(limits.budget - used.total, disk.free - limits.floor))
