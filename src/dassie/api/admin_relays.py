"""Relays, for admins: our own API, since Mastodon has none for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dassie.api.admin import administrator, record
from dassie.api.entities.relays import Relay, ReportedRelay, show_relay, show_report
from dassie.api.routing import Call, delete, get, post, put
from dassie.domain.errors import Invalid, NotFound
from dassie.domain.relay_rules import changed
from dassie.domain.relays import Relay as RelayRow
from dassie.domain.relays import RelayRules
from dassie.door import taking as take
from dassie.services import reporting_relays, subscribing
from dassie.store import relays
from dassie.store.tx import Tx

LONGEST_PAUSE = 24 * 30
MAY = "manage_federation"
SAID = [
    take.object("rules", says="What is let in; null: no limit."),
    take.flag("sends", "Whether our public posts go there."),
]


@get("/api/dassie/v1/admin/relays", scope="admin:read", takes=[])
async def list_relays(call: Call) -> list[Relay]:
    """All relays, also those that were left, oldest first, with what came in the last 24 hours."""
    administrator(call, MAY)
    async with call.server.read() as tx:
        lines = await reporting_relays.last_days(tx, tx.now)
        return [show_relay(relay, lines.get(relay.id)) for relay in await relays.all_of_them(tx)]


@post("/api/dassie/v1/admin/relays", scope="admin:write", takes=[take.text("url", required=True), *SAID])
async def add_relay(call: Call) -> ReportedRelay:
    """Ask a relay (`url`) to take us in, with its `rules`; `sends`: whether our public posts go there."""
    administrator(call, MAY)
    rules = changed(RelayRules(), _rules(call))
    sends = call.params.flag("sends")
    async with call.server.write() as tx:
        url = call.params.text("url", required=True) or ""
        relay = await subscribing.subscribe(tx, call.server, url, rules, sends=sends is not False)
        await record(tx, call, "relay.subscribed", relay.url)
        return await _shown(tx, relay.id)


@get("/api/dassie/v1/admin/relays/{id}", scope="admin:read", takes=[])
async def get_relay(call: Call, id: int) -> ReportedRelay:
    """One relay with its report: what it brought by hour and day, what it cost, how much was seen."""
    administrator(call, MAY)
    async with call.server.read() as tx:
        relay = await _known(tx, id)
        report = await reporting_relays.relay_report(tx, relay, tx.now)
        return {**show_relay(relay, report.last_day), "report": show_report(report)}


@put("/api/dassie/v1/admin/relays/{id}", scope="admin:write", takes=SAID)
async def change_relay(call: Call, id: int) -> ReportedRelay:
    """Change its `rules` (what is not named stays; null: no limit) and whether our public posts go there."""
    administrator(call, MAY)
    async with call.server.write() as tx:
        relay = await _known(tx, id)
        rules = changed(relay.rules, _rules(call))
        await subscribing.change_rules(tx, call.server, relay, rules, sends=call.params.flag("sends"))
        await record(tx, call, "relay.changed", relay.url)
        return await _shown(tx, id)


@delete("/api/dassie/v1/admin/relays/{id}", scope="admin:write", takes=[])
async def leave_relay(call: Call, id: int) -> ReportedRelay:
    """Leave a relay. What it brought and its figures stay. Left already, nothing happens."""
    administrator(call, MAY)
    async with call.server.write() as tx:
        relay = await _known(tx, id)
        if relay.state != "left":
            await subscribing.leave(tx, call.server, relay)
            await record(tx, call, "relay.left", relay.url)
        return await _shown(tx, id)


@post(
    "/api/dassie/v1/admin/relays/{id}/pause",
    scope="admin:write",
    takes=[take.integer("hours", least=0, most=LONGEST_PAUSE)],
)
async def pause_relay(call: Call, id: int) -> ReportedRelay:
    """Let nothing of it in for so many `hours` (1 where none are given); 0: from now on again."""
    administrator(call, MAY)
    hours = call.params.integer("hours", least=0, most=LONGEST_PAUSE)
    hours = 1 if hours is None else hours
    async with call.server.write() as tx:
        relay = await _known(tx, id)
        if relay.state == "left":
            raise Invalid("We do not take part in this relay any more.")
        await subscribing.pause(tx, call.server, relay, tx.now + timedelta(hours=hours) if hours else None)
        await record(tx, call, "relay.paused" if hours else "relay.resumed", relay.url, hours=hours)
        return await _shown(tx, id)


@post("/api/dassie/v1/admin/relays/{id}/undo", scope="admin:write", takes=[])
async def undo_relay(call: Call, id: int) -> ReportedRelay:
    """Leave it and remove all that only it brought, in steps: `report.undoing` and `report.held` say how far it is."""
    administrator(call, MAY)
    async with call.server.write() as tx:
        relay = await _known(tx, id)
        report = await reporting_relays.relay_report(tx, relay, tx.now)
        await subscribing.undo(tx, call.server, relay)
        await record(tx, call, "relay.undone", relay.url, held=report.held.total)
        return await _shown(tx, id)


async def _known(tx: Tx, id: int) -> RelayRow:
    relay = await relays.by_id(tx, id)
    if relay is None:
        raise NotFound
    return relay


async def _shown(tx: Tx, id: int) -> ReportedRelay:
    relay = await _known(tx, id)
    report = await reporting_relays.relay_report(tx, relay, tx.now)
    return {**show_relay(relay, report.last_day), "report": show_report(report)}


def _rules(call: Call) -> dict[str, Any]:
    given = call.params.get("rules", {})
    if not isinstance(given, dict):
        raise Invalid("Validation failed: rules must be an object")
    return given
