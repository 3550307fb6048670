"""Admin: relays. What each brings and costs, what is let in of it, and how to be rid of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dassie.domain.errors import Conflict, Invalid, NotFound
from dassie.domain.prices import PROPOSED, price_list
from dassie.domain.relay_rules import NUMBERS, changed
from dassie.domain.relays import Relay, RelayRules
from dassie.services import reporting_relays, subscribing
from dassie.services.admitting import admission_of
from dassie.services.reporting_relays import Slice
from dassie.store import relays
from dassie.store.tx import Tx
from dassie.web import relay_charts, relay_words
from dassie.web.admin import admin_form, admin_page, record
from dassie.web.answers import Answer, Go
from dassie.web.texts import gettext as _
from dassie.web.visits import Visit

MAY = "manage_federation"
PAUSES = (1, 24)
FLAGS = ("only_followed_tags", "only_known_hosts", "bots")
TEXTS = (*NUMBERS, "bytes_per_day", "languages", "media")
LISTED = 20
"""Of what was turned away last."""


@admin_page("/admin/relays", MAY, section="Relays", place=10)
async def list_relays(visit: Visit) -> Answer:
    """All relays with what they brought in a day, and the form to add one, with its price."""
    return await _list(visit, {}, {})


@admin_form("/admin/relays", MAY)
async def add_relay(visit: Visit) -> Answer:
    """Ask a relay to take this server in."""
    typed = _typed(visit)
    url, sends = visit.params.text("url", most=1000) or "", bool(visit.params.flag("sends"))
    typed |= {"url": url, "sends": sends}
    try:
        rules = changed(RelayRules(), {name: typed[name] for name in RelayRules.__struct_fields__})
        async with visit.server.write() as tx:
            relay = await subscribing.subscribe(tx, visit.server, url, rules, sends=sends)
            await record(tx, visit, "relay.subscribed", relay.url)
    except (Invalid, Conflict) as error:
        return await _list(visit, typed, _problems(error, "url"))
    return Go(f"/admin/relays/{relay.id}", "relay_asked")


@admin_page("/admin/relays/{id}", MAY)
async def show_relay(visit: Visit, id: int) -> Answer:
    """The report on one relay, its limits, and what can be done about it."""
    return await _one(visit, id, {}, {})


@admin_form("/admin/relays/{id}", MAY)
async def change_relay(visit: Visit, id: int) -> Answer:
    """Change what is let in, and whether our posts go there."""
    typed, sends = _typed(visit), bool(visit.params.flag("sends"))
    try:
        async with visit.server.write() as tx:
            relay = await _known(tx, id)
            rules = changed(relay.rules, typed)
            await subscribing.change_rules(tx, visit.server, relay, rules, sends=sends)
            await record(tx, visit, "relay.changed", relay.url)
    except Invalid as error:
        return await _one(visit, id, typed | {"sends": sends}, _problems(error, ""))
    return Go(f"/admin/relays/{id}", "saved")


@admin_form("/admin/relays/{id}/pause", MAY)
async def pause_relay(visit: Visit, id: int) -> Answer:
    """Let nothing of it in for an hour or a day."""
    hours = visit.params.integer("hours")
    if hours not in PAUSES:
        raise Invalid(_("Choose an hour or a day."))
    async with visit.server.write() as tx:
        relay = await _known(tx, id)
        await subscribing.pause(tx, visit.server, relay, tx.now + timedelta(hours=hours))
        await record(tx, visit, "relay.paused", relay.url, hours=hours)
    return Go(f"/admin/relays/{id}", "relay_paused")


@admin_form("/admin/relays/{id}/resume", MAY)
async def resume_relay(visit: Visit, id: int) -> Answer:
    """Let it in again."""
    async with visit.server.write() as tx:
        relay = await _known(tx, id)
        await subscribing.pause(tx, visit.server, relay, None)
        await record(tx, visit, "relay.resumed", relay.url)
    return Go(f"/admin/relays/{id}", "relay_resumed")


@admin_form("/admin/relays/{id}/ask", MAY)
async def ask_relay(visit: Visit, id: int) -> Answer:
    """Ask a relay anew that was left or that refused, with the same limits."""
    async with visit.server.write() as tx:
        relay = await _known(tx, id)
        await subscribing.subscribe(tx, visit.server, relay.url, relay.rules, sends=relay.sends)
        await record(tx, visit, "relay.subscribed", relay.url)
    return Go(f"/admin/relays/{id}", "relay_asked")


@admin_form("/admin/relays/{id}/leave", MAY)
async def leave_relay(visit: Visit, id: int) -> Answer:
    """Leave it; what it brought stays."""
    async with visit.server.write() as tx:
        relay = await _known(tx, id)
        if relay.state != "left":
            await subscribing.leave(tx, visit.server, relay)
            await record(tx, visit, "relay.left", relay.url)
    return Go(f"/admin/relays/{id}", "relay_left")


@admin_page("/admin/relays/{id}/undo", MAY)
async def ask_undo(visit: Visit, id: int) -> Answer:
    """What removing what only this relay brought means, before it is done."""
    async with visit.server.read() as tx:
        relay = await _known(tx, id)
        report = await reporting_relays.relay_report(tx, relay, tx.now)
        around = await visit.page(tx)
    return visit.html("admin/relay_undo.html", around, relay=relay, held=report.held)


@admin_form("/admin/relays/{id}/undo", MAY)
async def undo_relay(visit: Visit, id: int) -> Answer:
    """Leave it and remove what only it brought."""
    async with visit.server.write() as tx:
        relay = await _known(tx, id)
        await subscribing.undo(tx, visit.server, relay)
        await record(tx, visit, "relay.undone", relay.url)
    return Go(f"/admin/relays/{id}", "relay_undone")


async def _list(visit: Visit, typed: dict[str, Any], errors: dict[str, str]) -> Answer:
    async with visit.server.read() as tx:
        found = await relays.all_of_them(tx)
        lines = await reporting_relays.last_days(tx, tx.now)
        around = await visit.page(tx)
    rows = [
        (relay, relay_words.standing(relay, around.now), lines.get(relay.id) or Slice(around.now))
        for relay in sorted(found, key=lambda relay: relay.state == "left")
    ]
    here = [line for relay, _standing, line in rows if relay.state != "left"]
    room = visit.server.room
    return visit.html(
        "admin/relays.html",
        around,
        http_code=422 if errors else 200,
        relays=rows,
        offered=sum(line.offered for line in here),
        admitted=sum(line.admitted for line in here),
        prices=price_list(),
        left=max(room.budget - room.used, 0) if room.budget is not None else None,
        typed=_shown(RelayRules(posts_per_hour=PROPOSED), True) | {"url": ""} | typed,
        errors=errors,
    )


async def _one(visit: Visit, id: int, typed: dict[str, Any], errors: dict[str, str]) -> Answer:
    admission = admission_of(visit.server)
    async with visit.server.read() as tx:
        relay = await _known(tx, id)
        report = await reporting_relays.relay_report(tx, relay, tx.now)
        around = await visit.page(tx)
    last = [(one.at, relay_words.reason(one.reason), one.uri) for one in admission.refusals(id)[:LISTED]]
    return visit.html(
        "admin/relay.html",
        around,
        http_code=422 if errors else 200,
        relay=relay,
        standing=relay_words.standing(relay, around.now),
        report=report,
        shown=relay_charts.shown(report),
        refused=last,
        paused=relay.paused_until is not None and relay.paused_until > around.now,
        typed=_shown(relay.rules, relay.sends) | typed,
        errors=errors,
    )


async def _known(tx: Tx, id: int) -> Relay:
    relay = await relays.by_id(tx, id)
    if relay is None:
        raise NotFound
    return relay


def _typed(visit: Visit) -> dict[str, Any]:
    """The limits as the form sent them."""
    texts: dict[str, Any] = {name: visit.params.text(name, most=500) or "" for name in TEXTS}
    texts["media"] = texts["media"] or "any"
    return texts | {name: bool(visit.params.flag(name)) for name in FLAGS}


def _shown(rules: RelayRules, sends: bool) -> dict[str, Any]:
    """The limits as the form shows them."""
    numbers = {name: "" if (value := getattr(rules, name)) is None else str(value) for name in NUMBERS}
    return {
        **numbers,
        "bytes_per_day": relay_words.size_text(rules.bytes_per_day),
        "languages": ", ".join(rules.languages),
        "media": rules.media,
        "sends": sends,
        **{name: getattr(rules, name) for name in FLAGS},
    }


def _problems(error: Invalid | Conflict, otherwise: str) -> dict[str, str]:
    """Which field is wrong, in words."""
    name = error.safe.partition(" ")[0].rstrip(":")
    return {name: _(relay_words.WRONG[name])} if name in relay_words.WRONG else {otherwise: error.safe}
