"""Relays of both kinds: entering, what they bring, what is let in, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from dassie.domain.arrivals import Reason
from dassie.domain.errors import Conflict, Invalid
from dassie.domain.relays import Relay, RelayRules
from dassie.federation.signatures import load_private
from dassie.federation.signatures.linked_data import sign_document
from dassie.services import following, posting, subscribing
from dassie.services.admitting import admission_of
from dassie.services.drafts import Draft
from dassie.store import accounts, arrivals, costs, queue, relays, statuses
from dassie.store.room import Level
from dassie.store.views import StatusRow
from fediverse import PUBLIC, Actor, Fediverse, keypair
from worlds import Got

INBOX = "https://relay.test/inbox"
ACTOR = "https://relay.test/actor"


async def entered(fediverse: Fediverse, url: str = INBOX, **rules: Any) -> tuple[Actor, Relay]:
    """A relay that has taken us in."""
    actor = fediverse.actor("relay", "relay.test", key=1, id=ACTOR, type="Application", inbox=INBOX)
    server = fediverse.world.server
    async with server.write() as tx:
        relay = await subscribing.subscribe(tx, server, url, RelayRules(**rules))
    await fediverse.world.settle()
    await fediverse.deliver(actor, fediverse.activity("Accept", actor, {"type": "Follow", "id": relay.follow_uri}))
    return actor, await now(fediverse, relay)


async def now(fediverse: Fediverse, relay: Relay) -> Relay:
    async with fediverse.world.server.read() as tx:
        found = await relays.by_id(tx, relay.id)
    assert found is not None
    return found


def signed(fediverse: Fediverse, by: Actor, activity: Mapping[str, Any]) -> dict[str, Any]:
    """The activity with its author's own signature in it."""
    key = load_private(keypair(by.key)[0])
    return sign_document(dict(activity), by.key_id, key, fediverse.world.clock.now())


async def passed_on(fediverse: Fediverse, relay: Actor, activity: Mapping[str, Any]) -> Got:
    """The relay passes an activity on; all that follows from it is done."""
    got = await fediverse.send(relay, activity)
    await fediverse.world.settle()
    return got


async def status(fediverse: Fediverse, uri: str) -> StatusRow | None:
    async with fediverse.world.server.read() as tx:
        return await statuses.by_uri(tx, uri)


# Entering and leaving --------------------------------------------------------------------------------


async def test_mastodon_style_relay_is_asked_at_its_inbox_and_accepts(fediverse: Fediverse) -> None:
    _, relay = await entered(fediverse)
    (to, follow), *_ = fediverse.http.posted
    assert to == INBOX
    assert (follow["type"], follow["object"]) == ("Follow", PUBLIC)
    assert follow["actor"] == "https://here.test/actor"
    assert (relay.kind, relay.state, relay.actor_uri) == ("mastodon", "accepted", ACTOR)


async def test_litepub_relay_is_followed_and_follows_back(fediverse: Fediverse) -> None:
    actor, relay = await entered(fediverse, ACTOR)
    follow = next(doc for _, doc in fediverse.http.posted if doc["type"] == "Follow")
    assert follow["object"] == ACTOR
    assert (relay.kind, relay.state, relay.inbox_url) == ("litepub", "accepted", INBOX)
    await fediverse.deliver(actor, fediverse.activity("Follow", actor, "https://here.test/actor"))
    accept = next(doc for _, doc in fediverse.http.posted if doc["type"] == "Accept")
    assert accept["object"]["actor"] == ACTOR


async def test_strangers_may_not_follow_the_server_itself(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    await fediverse.deliver(bob, fediverse.activity("Follow", bob, "https://here.test/actor"))
    assert not [doc for _, doc in fediverse.http.posted if doc["type"] == "Accept"]


async def test_rejected_relay_says_so(fediverse: Fediverse) -> None:
    actor = fediverse.actor("relay", "relay.test", key=1, id=ACTOR, type="Application", inbox=INBOX)
    server = fediverse.world.server
    async with server.write() as tx:
        relay = await subscribing.subscribe(tx, server, INBOX)
    await fediverse.deliver(actor, fediverse.activity("Reject", actor, relay.follow_uri))
    assert (await now(fediverse, relay)).state == "rejected"


async def test_answer_of_another_server_counts_for_nothing(fediverse: Fediverse) -> None:
    server = fediverse.world.server
    async with server.write() as tx:
        relay = await subscribing.subscribe(tx, server, INBOX)
    mallory = fediverse.actor("mallory", "evil.test")
    await fediverse.send(mallory, fediverse.activity("Accept", mallory, relay.follow_uri))
    await fediverse.world.settle()
    assert (await now(fediverse, relay)).state == "pending"


async def test_leaving_sends_the_undo_of_our_follow(fediverse: Fediverse) -> None:
    _, relay = await entered(fediverse)
    server = fediverse.world.server
    async with server.write() as tx:
        await subscribing.leave(tx, server, relay)
    await fediverse.world.settle()
    undo = next(doc for _, doc in fediverse.http.posted if doc["type"] == "Undo")
    assert undo["object"]["id"] == relay.follow_uri
    assert undo["object"]["object"] == PUBLIC


async def test_address_of_a_person_is_no_relay(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    server = fediverse.world.server
    async with server.write() as tx:
        relay = await subscribing.subscribe(tx, server, bob.uri)
    await fediverse.world.settle()
    assert "no relay" in ((await now(fediverse, relay)).last_error or "")
    assert not fediverse.http.posted


@pytest.mark.parametrize(
    "url", ["", "relay.test/inbox", "ftp://relay.test/inbox", "https://here.test/inbox", "https://relay.test/inbox#x"]
)
async def test_impossible_addresses_are_refused(fediverse: Fediverse, url: str) -> None:
    server = fediverse.world.server
    with pytest.raises(Invalid):
        async with server.write() as tx:
            await subscribing.subscribe(tx, server, url)


async def test_entering_twice_is_a_conflict(fediverse: Fediverse) -> None:
    await entered(fediverse)
    server = fediverse.world.server
    with pytest.raises(Conflict):
        async with server.write() as tx:
            await subscribing.subscribe(tx, server, INBOX)


# What they bring -------------------------------------------------------------------------------------


async def test_signed_activity_costs_one_fetch_the_unknown_actor(fediverse: Fediverse) -> None:
    relay, row = await entered(fediverse)
    bob = fediverse.actor()
    note = fediverse.note(bob)
    fediverse.http.asked.clear()
    assert (await passed_on(fediverse, relay, signed(fediverse, bob, fediverse.create(bob, note)))).code == 202
    assert await status(fediverse, note["id"]) is not None
    assert fediverse.http.asked == [bob.uri]

    second = fediverse.note(bob)
    await passed_on(fediverse, relay, signed(fediverse, bob, fediverse.create(bob, second)))
    assert await status(fediverse, second["id"]) is not None
    assert fediverse.http.asked == [bob.uri]
    assert await fediverse.count(f"relay.{row.id}.stored") == 2


async def test_unsigned_activity_is_confirmed_by_its_own_server(fediverse: Fediverse) -> None:
    relay, _ = await entered(fediverse)
    bob = fediverse.actor()
    note = fediverse.note(bob, "<p>forged</p>")
    fediverse.http.serve(note | {"content": "<p>true</p>"})
    await passed_on(fediverse, relay, fediverse.create(bob, note))
    row = await status(fediverse, note["id"])
    assert row is not None
    assert row.content == "<p>true</p>"


async def test_forged_signature_proves_nothing(fediverse: Fediverse) -> None:
    relay, _ = await entered(fediverse)
    bob = fediverse.actor()
    note = fediverse.note(bob)
    forged = signed(fediverse, bob, fediverse.create(bob, note))
    forged["object"] = dict(note, content="<p>forged</p>")
    await passed_on(fediverse, relay, forged)
    assert await status(fediverse, note["id"]) is None  # its own server knows nothing of it


async def test_litepub_announce_costs_note_and_actor_and_is_no_boost(fediverse: Fediverse) -> None:
    relay, row = await entered(fediverse, ACTOR)
    bob = fediverse.actor()
    note = fediverse.note(bob)
    fediverse.http.serve(note)
    fediverse.http.asked.clear()
    await passed_on(fediverse, relay, fediverse.activity("Announce", relay, note["id"], to=[f"{ACTOR}/followers"]))
    stored = await status(fediverse, note["id"])
    assert stored is not None
    assert stored.reblogs_count == 0
    assert sorted(fediverse.http.asked) == sorted([note["id"], bob.uri])
    async with fediverse.world.server.read() as tx:
        arrival = (await arrivals.of(tx, [stored.id]))[stored.id]
        assert await relays.brought_by(tx, stored.id) == [row.id]
    assert arrival.reason == Reason.RELAY
    assert not arrival.seen


async def test_stranger_is_one_row(fediverse: Fediverse) -> None:
    """Neither its handle nor its pinned posts, nor whom it mentions or answers, is asked for."""
    relay, _ = await entered(fediverse)
    bob, eve = fediverse.actor(), fediverse.actor("eve", "far.test")
    note = fediverse.note(
        bob,
        inReplyTo="https://far.test/notes/9",
        tag=[{"type": "Mention", "href": eve.uri, "name": "@eve@far.test"}],
        attachment=[{"type": "Document", "mediaType": "image/png", "url": "https://there.test/a.png"}],
    )
    fediverse.http.asked.clear()
    await passed_on(fediverse, relay, signed(fediverse, bob, fediverse.create(bob, note)))
    row = await status(fediverse, note["id"])
    assert row is not None
    assert fediverse.http.asked == [bob.uri]
    async with fediverse.world.server.read() as tx:
        assert (await arrivals.of(tx, [row.id]))[row.id].mentioned == [eve.uri]


async def test_update_and_delete_follow_what_is_here(fediverse: Fediverse) -> None:
    relay, _ = await entered(fediverse)
    bob = fediverse.actor()
    note = fediverse.note(bob)
    await passed_on(fediverse, relay, signed(fediverse, bob, fediverse.create(bob, note)))
    edited = note | {"content": "<p>edited</p>", "updated": "2026-11-25T10:00:00Z"}
    update = fediverse.activity("Update", bob, edited, to=[PUBLIC])
    await passed_on(fediverse, relay, signed(fediverse, bob, update))
    row = await status(fediverse, note["id"])
    assert row is not None
    assert row.content == "<p>edited</p>"
    delete = fediverse.activity("Delete", bob, {"type": "Tombstone", "id": note["id"]}, to=[PUBLIC])
    await passed_on(fediverse, relay, signed(fediverse, bob, delete))
    assert await status(fediverse, note["id"]) is None


async def test_changes_of_unknown_statuses_cost_nothing(fediverse: Fediverse) -> None:
    relay, _ = await entered(fediverse)
    bob = fediverse.actor()
    fediverse.http.asked.clear()
    got = await passed_on(fediverse, relay, fediverse.activity("Delete", bob, f"https://{bob.host}/notes/77"))
    assert got.code == 202
    assert fediverse.http.asked == []


async def test_key_of_somebody_else_on_the_relays_host_does_not_speak_for_it(fediverse: Fediverse) -> None:
    await entered(fediverse)
    tenant = fediverse.actor("tenant", "relay.test", key=2)
    bob = fediverse.actor()
    got = await fediverse.send(tenant, fediverse.create(bob, fediverse.note(bob)))
    assert got.code == 403


async def test_two_relays_bring_it_once_and_both_are_remembered(fediverse: Fediverse) -> None:
    relay, one = await entered(fediverse)
    other = fediverse.actor("relay", "other.test", key=2, id="https://other.test/actor", type="Application")
    server = fediverse.world.server
    async with server.write() as tx:
        two = await subscribing.subscribe(tx, server, "https://other.test/actor")
    await fediverse.world.settle()
    await fediverse.deliver(other, fediverse.activity("Accept", other, two.follow_uri))
    bob = fediverse.actor()
    note = fediverse.note(bob)
    await passed_on(fediverse, relay, signed(fediverse, bob, fediverse.create(bob, note)))
    fediverse.http.asked.clear()
    await passed_on(fediverse, other, fediverse.activity("Announce", other, note["id"]))
    assert fediverse.http.asked == []
    row = await status(fediverse, note["id"])
    assert row is not None
    async with server.read() as tx:
        assert sorted(await relays.brought_by(tx, row.id)) == sorted([one.id, two.id])
    assert await fediverse.count(f"relay.{two.id}.refused.duplicate") == 1


# What is let in --------------------------------------------------------------------------------------


TERMS = ["https://www.w3.org/ns/activitystreams", {"Hashtag": "as:Hashtag"}]


async def offered(fediverse: Fediverse, relay: Actor, *, proved: bool = True, **changes: Any) -> Got:
    """What is answered to a post of somebody new."""
    fediverse._count += 1
    bob = fediverse.actor(f"bob{fediverse._count}", changes.pop("host", "there.test"))
    create = fediverse.create(bob, fediverse.note(bob, **changes)) | {"@context": TERMS}
    return await passed_on(fediverse, relay, signed(fediverse, bob, create) if proved else create)


async def test_relay_over_its_quota_gets_a_clear_answer(fediverse: Fediverse) -> None:
    relay, row = await entered(fediverse, posts_per_hour=12, host_posts_per_hour=None)
    codes = [(await offered(fediverse, relay)).code for _ in range(4)]
    assert codes == [202, 202, 429, 429]
    refused = await offered(fediverse, relay)
    assert int(refused.headers["retry-after"]) > 0
    assert "over its posts an hour" in refused.text
    assert await fediverse.count(f"relay.{row.id}.refused.quota") == 3
    assert await fediverse.count(f"relay.{row.id}.admitted") == 2
    fediverse.world.clock.forward(minutes=6)
    assert (await offered(fediverse, relay)).code == 202
    assert await fediverse.count(f"relay.{row.id}.admitted") == 3


async def test_one_host_gets_no_more_than_its_share(fediverse: Fediverse) -> None:
    relay, row = await entered(fediverse, host_posts_per_hour=6)
    assert [(await offered(fediverse, relay)).code for _ in range(3)] == [202] * 3
    assert await fediverse.count(f"relay.{row.id}.admitted") == 1
    assert await fediverse.count(f"relay.{row.id}.refused.host_quota") == 2
    await offered(fediverse, relay, host="elsewhere.test")
    assert await fediverse.count(f"relay.{row.id}.admitted") == 2


async def test_bytes_of_a_day_are_bounded(fediverse: Fediverse) -> None:
    relay, row = await entered(fediverse, bytes_per_day=1024 * 1024)
    big = "<p>" + "x" * 200_000 + "</p>"
    await offered(fediverse, relay, text=big, proved=False)
    assert (await offered(fediverse, relay)).code == 429
    assert await fediverse.count(f"relay.{row.id}.refused.bytes") == 1


@pytest.mark.parametrize(
    ("rules", "changes", "reason"),
    [
        ({"languages": ["de"]}, {"contentMap": {"en": "<p>hello</p>"}}, "language"),
        ({"languages": ["de"]}, {}, "language"),
        ({"only_followed_tags": True}, {"tag": [{"type": "Hashtag", "name": "#stones"}]}, "no_followed_tag"),
        ({"media": "with"}, {}, "without_media"),
        (
            {"media": "without"},
            {"attachment": [{"type": "Image", "mediaType": "image/png", "url": "https://there.test/a.png"}]},
            "with_media",
        ),
        ({"only_known_hosts": True}, {}, "unknown_host"),
    ],
)
async def test_rules_refuse_before_any_fetch(
    fediverse: Fediverse, rules: dict[str, Any], changes: dict[str, Any], reason: str
) -> None:
    relay, row = await entered(fediverse, **rules)
    fediverse.http.asked.clear()
    assert (await offered(fediverse, relay, **changes)).code == 202
    assert fediverse.http.asked == []
    assert await fediverse.count(f"relay.{row.id}.refused.{reason}") == 1
    listed = admission_of(fediverse.world.server).refusals(row.id)
    assert [one.reason for one in listed] == [reason]


async def test_known_bots_are_refused_where_none_are_wanted(fediverse: Fediverse) -> None:
    relay, row = await entered(fediverse, bots=False)
    bot = fediverse.actor("robot", type="Service")
    note = fediverse.note(bot)
    await passed_on(fediverse, relay, signed(fediverse, bot, fediverse.create(bot, note)))
    assert await status(fediverse, note["id"]) is None
    assert await fediverse.count(f"relay.{row.id}.dropped.bot") == 1


async def test_announced_status_is_judged_again_once_it_was_fetched(fediverse: Fediverse) -> None:
    relay, row = await entered(fediverse, ACTOR, languages=["de"])
    bob = fediverse.actor()
    note = fediverse.note(bob, contentMap={"en": "<p>hello</p>"})
    fediverse.http.serve(note)
    await passed_on(fediverse, relay, fediverse.activity("Announce", relay, note["id"]))
    assert await status(fediverse, note["id"]) is None
    assert await fediverse.count(f"relay.{row.id}.dropped.language") == 1


async def test_paused_relay_is_answered_and_nothing_is_kept(fediverse: Fediverse) -> None:
    relay, row = await entered(fediverse)
    server = fediverse.world.server
    async with server.write() as tx:
        await subscribing.pause(tx, server, row, tx.now + timedelta(hours=1))
    assert (await offered(fediverse, relay)).code == 202
    assert await fediverse.count(f"relay.{row.id}.refused.paused") == 1
    fediverse.world.clock.forward(hours=1, seconds=1)
    await offered(fediverse, relay)
    assert await fediverse.count(f"relay.{row.id}.stored") == 1


async def test_strangers_wait_where_there_is_no_room_and_friends_do_not(fediverse: Fediverse) -> None:
    relay, _ = await entered(fediverse)
    bob = fediverse.actor("friend")
    world = fediverse.world
    me = await world.account("ana")
    id = await world.server.remote.account(bob.uri)
    async with world.server.write() as tx:
        target = await accounts.by_id(tx, id)
        assert target is not None
        await following.follow(tx, world.server, me, target)
        await following.follow_accepted(tx, world.server, me, target)
    world.server.room.level = Level.NEAR
    world.server.room.why = "the disk is almost full."
    refused = await offered(fediverse, relay)
    assert refused.code == 503
    assert "almost full" in refused.text
    note = fediverse.note(bob)
    await fediverse.deliver(bob, fediverse.create(bob, note))
    assert await status(fediverse, note["id"]) is not None


# What we send ----------------------------------------------------------------------------------------


async def test_public_posts_go_to_relays_signed_and_private_ones_do_not(fediverse: Fediverse) -> None:
    await entered(fediverse)
    world = fediverse.world
    me = await world.account("ana")
    fediverse.http.posted.clear()
    async with world.server.write() as tx:
        await posting.post(tx, world.server, me, Draft(text="to the world"))
        await posting.post(tx, world.server, me, Draft(text="to my followers", visibility="private"))
    await world.settle()
    creates = [doc for to, doc in fediverse.http.posted if to == INBOX and doc["type"] == "Create"]
    assert ["to the world" in doc["object"]["content"] for doc in creates] == [True]
    assert creates[0]["signature"]["type"] == "RsaSignature2017"


async def test_litepub_relays_get_an_announce(fediverse: Fediverse) -> None:
    await entered(fediverse, ACTOR)
    world = fediverse.world
    me = await world.account("ana")
    fediverse.http.posted.clear()
    async with world.server.write() as tx:
        mine = await posting.post(tx, world.server, me, Draft(text="to the world"))
    await world.settle()
    announces = [doc for to, doc in fediverse.http.posted if to == INBOX and doc["type"] == "Announce"]
    assert [doc["object"] for doc in announces] == [mine.uri]
    assert announces[0]["actor"] == "https://here.test/actor"


# What it costs ---------------------------------------------------------------------------------------


async def test_ledger_knows_what_a_relay_costs(fediverse: Fediverse) -> None:
    relay, row = await entered(fediverse, ACTOR)
    bob = fediverse.actor()
    note = fediverse.note(bob)
    fediverse.http.serve(note)
    announce = fediverse.activity("Announce", relay, note["id"])
    await passed_on(fediverse, relay, announce)
    server = fediverse.world.server
    async with server.write() as tx:
        await server.ledger.flush(tx)
    async with server.read() as tx:
        cost = await costs.of(tx, "relay", row.id, tx.now)
        host = await costs.of(tx, "host", bob.host, tx.now)
    served = sum(len(msgspec.json.encode(doc)) for doc in (note, bob.doc))
    assert (cost.offered, cost.admitted, cost.requests, cost.jobs) == (1, 1, 2, 1)
    assert cost.bytes == len(msgspec.json.encode(announce)) + served
    assert cost.cpu_us > 0
    assert (host.requests, host.bytes) == (2, served)


async def test_followed_account_has_a_price_too(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    world = fediverse.world
    me = await world.account("ana")
    id = await world.server.remote.account(bob.uri)
    async with world.server.write() as tx:
        target = await accounts.by_id(tx, id)
        assert target is not None
        await following.follow(tx, world.server, me, target)
        await following.follow_accepted(tx, world.server, me, target)
    create = fediverse.create(bob, fediverse.note(bob))
    await fediverse.deliver(bob, create)
    async with world.server.write() as tx:
        await world.server.ledger.flush(tx)
    async with world.server.read() as tx:
        cost = await costs.of(tx, "account", id, tx.now)
    assert (cost.admitted, cost.jobs, cost.bytes) == (1, 1, len(msgspec.json.encode(create)))


# Trials ----------------------------------------------------------------------------------------------


async def test_trial_measures_and_keeps_nothing(fediverse: Fediverse) -> None:
    actor = fediverse.actor("relay", "relay.test", key=1, id=ACTOR, type="Application", inbox=INBOX)
    world = fediverse.world
    async with world.server.write() as tx:
        relay = await subscribing.subscribe(tx, world.server, INBOX, trial_minutes=10)
    await world.settle()
    await fediverse.deliver(actor, fediverse.activity("Accept", actor, relay.follow_uri))
    bob = fediverse.actor()
    note = fediverse.note(bob, contentMap={"en": "<p>hello</p>"})
    await passed_on(fediverse, actor, signed(fediverse, bob, fediverse.create(bob, note)))
    assert await status(fediverse, note["id"]) is None
    world.clock.forward(minutes=11)
    async with world.server.write() as tx:
        assert await queue.promote_due(tx) == 1
        queue.wake_all(tx)
    await world.settle()
    async with world.server.read() as tx:
        sample = await relays.trial(tx, relay.id)
    assert sample is not None
    assert (sample["done"], sample["offered"], sample["looked_at"]) == (True, 1, 1)
    assert sample["languages"] == {"en": 1}
    assert (await now(fediverse, relay)).state == "left"
    assert [doc for _, doc in fediverse.http.posted if doc["type"] == "Undo"]
