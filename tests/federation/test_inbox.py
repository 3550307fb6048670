"""The gate of the inboxes: what is taken, what is dropped, and what is refused and why."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from dassie.app import load_modules
from dassie.federation import keyring
from dassie.federation.inbound.registry import INBOUND
from dassie.federation.relevance import HANDLED
from dassie.services import following
from dassie.store import accounts, senders, statuses
from dassie.store.tables import peers
from dassie.store.tx import Statement
from dassie.store.views import AccountView
from fediverse import PUBLIC, Actor, Fediverse, keypair


async def followed(fediverse: Fediverse, actor: Actor, by: str = "ana") -> AccountView:
    """Somebody here who follows the actor."""
    me = await fediverse.world.account(by)
    server = fediverse.world.server
    id = await server.remote.account(actor.uri)
    async with server.write() as tx:
        target = await accounts.by_id(tx, id)
        assert target is not None
        await following.follow(tx, server, me, target)
        await following.follow_accepted(tx, server, me, target)
    return me


async def stored(fediverse: Fediverse, uri: str) -> bool:
    async with fediverse.world.server.read() as tx:
        return await statuses.by_uri(tx, uri) is not None


async def test_post_of_followed_account_is_taken_in(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    await followed(fediverse, bob)
    note = fediverse.note(bob)
    await fediverse.deliver(bob, fediverse.create(bob, note))
    assert await stored(fediverse, note["id"])
    assert await fediverse.count("inbox.accepted") == 1


async def test_rfc9421_signature_is_taken(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    await followed(fediverse, bob)
    note = fediverse.note(bob)
    got = await fediverse.send(bob, fediverse.create(bob, note), scheme="rfc9421")
    assert got.code == 202
    await fediverse.world.settle()
    assert await stored(fediverse, note["id"])


async def test_post_that_concerns_nobody_is_dropped_without_any_fetch(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    note = fediverse.note(bob)
    await fediverse.deliver(bob, fediverse.create(bob, note))
    assert not await stored(fediverse, note["id"])
    assert fediverse.http.asked == []
    assert await fediverse.count("inbox.dropped.nobody_here") == 1


async def test_delete_by_unknown_actor_is_acknowledged_without_any_fetch(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    await fediverse.deliver(bob, fediverse.activity("Delete", bob, bob.uri, to=[PUBLIC]))
    assert fediverse.http.asked == []
    assert await fediverse.count("inbox.dropped.unknown_actor") == 1


async def test_known_post_is_dropped_before_its_signature_is_looked_at(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    await followed(fediverse, bob)
    create = fediverse.create(bob, fediverse.note(bob))
    await fediverse.deliver(bob, create)
    assert (await fediverse.send(bob, create, key=1)).code == 202
    assert await fediverse.count("inbox.dropped.duplicate") == 1


async def test_key_of_an_actor_is_fetched_once(fediverse: Fediverse) -> None:
    ana = await fediverse.world.account("ana")
    bob = fediverse.actor()
    for _ in range(3):
        await fediverse.deliver(bob, fediverse.create(bob, fediverse.note(bob, to=[PUBLIC, ana.uri])))
    assert fediverse.http.asked.count(bob.uri) == 1
    assert await fediverse.count("inbox.accepted") == 3


async def test_changed_key_is_read_anew_once(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    await followed(fediverse, bob)
    await fediverse.deliver(bob, fediverse.create(bob, fediverse.note(bob)))
    bob.key = 1
    bob.doc["publicKey"]["publicKeyPem"] = keypair(1)[1]
    fediverse.http.serve(bob.doc)
    before = fediverse.http.asked.count(bob.uri)
    for _ in range(2):
        note = fediverse.note(bob)
        await fediverse.deliver(bob, fediverse.create(bob, note))
        assert await stored(fediverse, note["id"])
    assert fediverse.http.asked.count(bob.uri) == before + 1


async def test_bad_signatures_do_not_make_us_fetch_again_and_again(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    await followed(fediverse, bob)
    before = fediverse.http.asked.count(bob.uri)
    for _ in range(5):
        got = await fediverse.send(bob, fediverse.create(bob, fediverse.note(bob)), key=1)
        assert got.code == 401
    assert fediverse.http.asked.count(bob.uri) == before + 1
    assert await fediverse.count("inbox.refused.signature_mismatch") == 5


@pytest.mark.parametrize(
    ("seconds", "why"),
    [(-13 * 3600, "expired"), (2 * 3600, "future")],
)
async def test_signature_of_another_time_is_refused(fediverse: Fediverse, seconds: int, why: str) -> None:
    bob = fediverse.actor()
    await followed(fediverse, bob)
    at = fediverse.world.clock.now() + timedelta(seconds=seconds)
    got = await fediverse.send(bob, fediverse.create(bob, fediverse.note(bob)), at=at)
    assert got.code == 401
    assert await fediverse.count(f"inbox.refused.signature_{why}") == 1


async def test_other_body_than_was_signed_is_refused(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    await followed(fediverse, bob)
    note = fediverse.note(bob)
    forged = msgspec.json.encode(fediverse.create(bob, note | {"content": "forged"}))
    got = await fediverse.send(bob, fediverse.create(bob, note), sent_body=forged)
    assert got.code == 401
    assert await fediverse.count("inbox.refused.signature_digest") == 1
    assert not await stored(fediverse, note["id"])


async def test_signature_for_another_host_is_refused(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    await followed(fediverse, bob)
    note = fediverse.note(bob)
    elsewhere = "https://elsewhere.test/inbox"
    as_sent = await fediverse.send(bob, fediverse.create(bob, note), url=elsewhere)
    assert as_sent.code == 401
    redirected = await fediverse.send(bob, fediverse.create(bob, note), url=elsewhere, headers={"host": "here.test"})
    assert redirected.code == 401
    assert await fediverse.count("inbox.refused.signature_mismatch") == 1
    assert not await stored(fediverse, note["id"])


async def test_missing_signature_is_refused(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    await followed(fediverse, bob)
    got = await fediverse.send(bob, fediverse.create(bob, fediverse.note(bob)), headers={"signature": ""})
    assert got.code == 401
    assert await fediverse.count("inbox.refused.signature_missing") == 1


async def test_same_request_sent_again_is_refused(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    ana = await fediverse.world.account("ana")
    follow, at = fediverse.activity("Follow", bob, ana.uri), fediverse.world.clock.now()
    assert (await fediverse.send(bob, follow, at=at)).code == 202
    await fediverse.world.settle()
    assert (await fediverse.send(bob, follow, at=at)).code == 401
    later = at + timedelta(seconds=5)
    assert (await fediverse.send(bob, follow, at=later)).code == 202


async def test_key_that_cannot_be_had_is_refused_and_not_asked_for_again(fediverse: Fediverse) -> None:
    ana = await fediverse.world.account("ana")
    bob = fediverse.actor()
    del fediverse.http.answers[bob.uri]
    for _ in range(3):
        note = fediverse.note(bob, to=[ana.uri])
        assert (await fediverse.send(bob, fediverse.create(bob, note))).code == 401
    assert fediverse.http.asked.count(bob.uri) == 1
    assert await fediverse.count("inbox.refused.no_key") == 3


async def test_key_that_is_slow_to_come_is_there_at_the_next_try(
    fediverse: Fediverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "FETCH_SECONDS", 0.1)
    ana, bob = await fediverse.world.account("ana"), fediverse.actor()
    fediverse.http.gate.clear()
    create = fediverse.create(bob, fediverse.note(bob, to=[ana.uri]))
    got = await fediverse.send(bob, create)
    assert got.code == 503
    assert got.headers["retry-after"] == "60"
    fediverse.http.gate.set()
    async with asyncio.timeout(10):
        while (await fediverse.send(bob, create)).code != 202:
            await asyncio.sleep(0.02)
    assert fediverse.http.asked.count(bob.uri) == 1


async def test_no_more_than_some_keys_are_fetched_at_once(
    fediverse: Fediverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "FETCHED_AT_ONCE", 2)
    ana = await fediverse.world.account("ana")
    people = [fediverse.actor(f"bob{number}") for number in range(5)]
    fediverse.http.slow.add("there.test")
    sent = [fediverse.send(one, fediverse.create(one, fediverse.note(one, to=[ana.uri]))) for one in people]
    codes = sorted(got.code for got in await asyncio.gather(*sent))
    assert codes == [202, 202, 503, 503, 503]


async def test_key_of_somebody_else_proves_nothing(fediverse: Fediverse) -> None:
    bob, eve = fediverse.actor(), fediverse.actor("eve", "evil.test", key=1)
    await followed(fediverse, bob)
    follow = fediverse.activity("Like", bob, "https://here.test/users/ana/statuses/1")
    create = fediverse.create(bob, fediverse.note(bob))
    got = await fediverse.send(eve, create)
    assert got.code == 202  # the post itself is asked for at its own server, which does not know it
    await fediverse.world.settle()
    assert not await stored(fediverse, create["object"]["id"])
    assert (await fediverse.send(eve, follow)).code == 202
    assert await fediverse.count("inbox.dropped.unknown_object") == 1


async def test_passed_on_post_is_taken_from_its_own_server(fediverse: Fediverse) -> None:
    bob, carl = fediverse.actor(), fediverse.actor("carl", "other.test", key=1)
    await followed(fediverse, bob)
    note = fediverse.note(bob)
    fediverse.http.serve(note)
    forged = note | {"content": "<p>forged</p>"}
    assert (await fediverse.send(carl, fediverse.create(bob, forged))).code == 202
    await fediverse.world.settle()
    async with fediverse.world.server.read() as tx:
        row = await statuses.by_uri(tx, note["id"])
    assert row is not None
    assert row.content == "<p>hello</p>"


async def test_key_on_another_host_than_its_owner_is_refused(fediverse: Fediverse) -> None:
    bob, eve = fediverse.actor(), fediverse.actor("eve", "evil.test", key=1)
    await followed(fediverse, bob)
    key = {"id": "https://evil.test/key", "owner": bob.uri, "publicKeyPem": keypair(1)[1]}
    fediverse.http.serve(key)
    got = await fediverse.send(eve, fediverse.create(bob, fediverse.note(bob)), key_id=key["id"])
    assert got.code == 401


async def test_what_is_not_json_is_refused(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    for body in (b"nonsense", b"[]", b'{"type": "Create"}', b'{"type":"Create","actor":"https://there.test/u"}'):
        assert (await fediverse.send(bob, body)).code == 400
    assert await fediverse.count("inbox.refused.malformed") == 4


async def test_more_than_a_megabyte_is_refused(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    assert (await fediverse.send(bob, b"{" + b" " * 1_000_001 + b"}")).code == 413
    assert await fediverse.count("inbox.refused.too_large") == 1


async def test_suspended_server_is_refused_with_its_subdomains(fediverse: Fediverse) -> None:
    bob, eve = fediverse.actor(), fediverse.actor("eve", "sub.there.test")
    await followed(fediverse, bob)
    async with fediverse.world.server.write() as tx:
        await senders.seen(tx, "there.test")
        await tx.run(Statement(peers.update().values(suspended_at=tx.now)))
    for actor in (bob, eve):
        assert (await fediverse.send(actor, fediverse.create(actor, fediverse.note(actor)))).code == 403
    assert await fediverse.count("inbox.refused.suspended") == 2


async def test_suspended_account_is_refused(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    await followed(fediverse, bob)
    async with fediverse.world.server.write() as tx:
        account = await accounts.by_uri(tx, bob.uri)
        assert account is not None
        await accounts.change(tx, account.id, suspended_at=tx.now)
    assert (await fediverse.send(bob, fediverse.create(bob, fediverse.note(bob)))).code == 403


async def test_nobody_acts_as_one_of_ours_from_outside(fediverse: Fediverse) -> None:
    ana = await fediverse.world.account("ana")
    bob = fediverse.actor()
    activity = fediverse.activity("Follow", bob, ana.uri, actor=ana.uri)
    assert (await fediverse.send(bob, activity)).code == 403


async def test_unknown_inbox_is_not_found(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    assert (await fediverse.send(bob, fediverse.create(bob, fediverse.note(bob)), "/users/nobody/inbox")).code == 404


async def test_ignored_types_are_acknowledged_without_any_fetch(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    for type in ("View", "Listen", "Dislike", "Lock", "Whatever"):
        activity = fediverse.activity(type, bob, bob.uri, target="https://there.test/users/bob2")
        assert (await fediverse.send(bob, activity)).code == 202
    assert fediverse.http.asked == []
    assert await fediverse.count("inbox.dropped.ignored_type") == 5


async def test_ids_too_long_for_an_index_are_dropped(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    ana = await followed(fediverse, bob)
    long = "https://there.test/" + "ü" * 2000
    for activity in (
        fediverse.create(bob, fediverse.note(bob, id=long)),
        fediverse.activity("Follow", bob, ana.uri, id=long),
        fediverse.activity("Delete", bob, long),
    ):
        assert (await fediverse.send(bob, activity)).code == 202
    assert await fediverse.count("inbox.dropped.too_long_id") == 3
    note = fediverse.note(bob, inReplyTo=long)
    await fediverse.deliver(bob, fediverse.create(bob, note))
    assert await stored(fediverse, note["id"])


async def test_inbox_of_a_deleted_account_is_gone(fediverse: Fediverse) -> None:
    bob, ana = fediverse.actor(), await fediverse.world.account("ana")
    async with fediverse.world.server.write() as tx:
        await accounts.change(tx, ana.id, suspended_at=tx.now)
    got = await fediverse.send(bob, fediverse.activity("Follow", bob, ana.uri), "/users/ana/inbox")
    assert got.code == 410


def test_every_type_that_passes_the_gate_has_a_handler() -> None:
    load_modules()
    assert set(INBOUND) == HANDLED


async def test_full_queue_asks_to_come_later(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    await followed(fediverse, bob)
    object.__setattr__(fediverse.world.server.config, "inbox_limit", 0)
    got = await fediverse.send(bob, fediverse.create(bob, fediverse.note(bob)))
    assert got.code == 503
    assert int(got.headers["retry-after"]) > 0
    assert await fediverse.count("inbox.refused.full") == 1


async def test_address_with_many_bad_signatures_is_paused(fediverse: Fediverse) -> None:
    from dassie.federation.inbox import gate_of

    bob = fediverse.actor()
    await followed(fediverse, bob)
    limits = gate_of(fediverse.world.server).limits
    limits._on = True
    codes = set()
    for _ in range(302):
        got = await fediverse.send(bob, fediverse.create(bob, fediverse.note(bob)), headers={"signature": ""})
        codes.add(got.code)
    assert codes == {401, 429}
    good = await fediverse.send(bob, fediverse.create(bob, fediverse.note(bob)), address="198.51.100.7")
    assert good.code == 202


async def test_instance_inbox_and_personal_inbox_take_activities(fediverse: Fediverse) -> None:
    bob = fediverse.actor()
    await followed(fediverse, bob)
    for inbox in ("/actor/inbox", "/users/ana/inbox"):
        note = fediverse.note(bob)
        await fediverse.deliver(bob, fediverse.create(bob, note), inbox)
        assert await stored(fediverse, note["id"])
