"""About this server: documents clients read before anything else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dassie.api.entities.instance import Facts, show_instance, show_old_instance, show_rule
from dassie.api.entities.instance_shapes import Activity, ExtendedDescription, Instance, Language, Rule, V1Instance
from dassie.api.entities.values import OurEmoji, stamp
from dassie.api.routing import Call, Reply, get
from dassie.domain.annual_reports import campaign
from dassie.domain.ids import EPOCH
from dassie.domain.language_names import OWN_NAMES
from dassie.door import taking as take
from dassie.services.keys import vapid_public_key
from dassie.store import accounts, emojis, instance_facts, logins, settings
from dassie.store.kept import Kept
from dassie.store.tx import Tx

FIVE_MINUTES = [("cache-control", "public, max-age=300")]
OLD_SINCE = "@1668384000"
"""14 November 2022, when version 2 of the document came (Mastodon 4.0); RFC 9745."""

_peers = Kept(instance_facts.peers, timedelta(minutes=5))
_peers_count = Kept(instance_facts.peers_count, timedelta(minutes=5))
_weeks = Kept(instance_facts.weeks, timedelta(minutes=10))


@get("/api/v2/instance", takes=[])
async def instance(call: Call) -> Reply[Instance]:
    """Server facts, limits and contact."""
    facts = await _facts(call)
    return Reply(show_instance(facts, call.server.config, call.urls), headers=FIVE_MINUTES)


@get("/api/v1/instance", takes=[], deprecated=OLD_SINCE)
async def old_instance(call: Call) -> Reply[V1Instance]:
    """Server facts in the old shape."""
    facts = await _facts(call)
    return Reply(show_old_instance(facts, call.server.config, call.urls), headers=FIVE_MINUTES)


@get("/api/v1/instance/rules", takes=[])
async def rules(call: Call) -> Reply[list[Rule]]:
    """The server's rules, in order."""
    async with call.server.read() as tx:
        said = await settings.instance(tx)
    return Reply([show_rule(rule) for rule in said.rules], headers=FIVE_MINUTES)


@get("/api/v1/instance/extended_description", takes=[])
async def extended_description(call: Call) -> Reply[ExtendedDescription]:
    """The long text about this server, as HTML."""
    async with call.server.read() as tx:
        said = await settings.instance(tx)
        at = said.extended_description_at or await instance_facts.first_login_at(tx) or tx.now
    return Reply({"updated_at": stamp(at), "content": said.extended_description}, headers=FIVE_MINUTES)


@get("/api/v1/instance/peers", takes=[])
async def peers(call: Call) -> Reply[list[str]]:
    """Domains of the servers we know."""
    return Reply(await _peers.get(call.server.db), headers=FIVE_MINUTES)


@get("/api/v1/peers/search", takes=[take.text("q", most=1_000)])
async def search_peers(call: Call) -> list[str]:
    """Domains we know that begin with `q`, to complete what somebody types."""
    beginning = (call.params.text("q", most=1_000) or "").strip().lower()
    async with call.server.read() as tx:
        return await instance_facts.peers_beginning(tx, beginning, 10)


@get("/api/v1/instance/activity", takes=[])
async def activity(call: Call) -> Reply[list[Activity]]:
    """Twelve weeks, this one first."""
    shown: list[Activity] = [
        {
            "week": str(int((week.start - EPOCH).total_seconds())),
            "statuses": str(week.statuses),
            "logins": str(week.logins),
            "registrations": str(week.registrations),
        }
        for week in await _weeks.get(call.server.db)
    ]
    return Reply(shown, headers=FIVE_MINUTES)


@get("/api/v1/instance/languages", takes=[])
async def languages(call: Call) -> Reply[list[Language]]:
    """The languages a post can say it is written in, by their own names."""
    return Reply([{"code": code, "name": name} for code, name in OWN_NAMES.items()], headers=FIVE_MINUTES)


@get("/api/v1/custom_emojis", takes=[])
async def custom_emojis(call: Call) -> Reply[list[OurEmoji]]:
    """Our custom emojis."""
    async with call.server.read() as tx:
        found = [emoji for emoji in await emojis.all_ours(tx) if emoji.visible_in_picker and not emoji.disabled]
    shown: list[OurEmoji] = []
    for emoji in found:
        one: OurEmoji = {
            "shortcode": emoji.shortcode,
            "url": call.urls.media_file(emoji.file_key),
            "static_url": call.urls.media_file(emoji.static_key or emoji.file_key),
            "visible_in_picker": emoji.visible_in_picker,
            "featured": emoji.featured,
        }
        if emoji.category:
            one["category"] = emoji.category
        shown.append(one)
    return Reply(shown, headers=FIVE_MINUTES)


async def _facts(call: Call) -> Facts:
    peers_known = await _peers_count.get(call.server.db)
    async with call.server.read() as tx:
        said = await settings.instance(tx)
        return Facts(
            said=said,
            contact=await _contact(tx, said.contact_username),
            users=await logins.count(tx),
            active_month=await logins.active_since(tx, tx.now - timedelta(days=28)),
            statuses=await instance_facts.statuses_count(tx),
            peers=peers_known,
            vapid_key=vapid_public_key(call.server.secret),
            year=campaign(tx.now),
        )


async def _contact(tx: Tx, username: str) -> Any:
    chosen = await accounts.by_name(tx, username) if username else None
    return chosen or await logins.owner(tx)
