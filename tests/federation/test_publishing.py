"""What people here do arrives at the right inboxes, once, in order, and reads as it was meant."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from abroad import Abroad, abroad
from dassie.federation.signatures import SignedRequest, load_public, parse, verify
from dassie.federation.signing import signed_http
from dassie.federation.vocab.activities import read_activity
from dassie.federation.vocab.actors import read_actor
from dassie.federation.vocab.notes import read_note
from dassie.services.deleting_accounts import delete_account
from dassie.services.writing import NewPoll, NewStatus, write_status
from dassie.store import accounts, activities
from dassie.store.views import AccountView, PollOption, StatusRow
from net import reply
from others import Other, follows_ours, other
from worlds import Client, Got

HOSTS = ["b.test", "c.test", "d.test"]
PERSONAL = {f"/users/{name}/inbox": reply(b"", code=202) for name in ("bea", "carl", "dora")}


@pytest.fixture
async def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> AsyncIterator[Abroad]:
    """A world with three other servers."""
    async with abroad(tmp_path, monkeypatch, database_url, HOSTS, behaviours=PERSONAL) as made:
        yield made


async def api(far: Abroad, me: AccountView) -> Client:
    return await far.world.api_as(me)


async def do(far: Abroad, me: AccountView, path: str, **form: Any) -> Any:
    """A POST that works."""
    return ok(await (await api(far, me)).post(f"/api/v1/{path}", **form))


def ok(got: Got) -> Any:
    assert got.code == 200, got.text
    return got.json


async def status_by(far: Abroad, who: Other, text: str = "hi", **more: Any) -> StatusRow:
    """A status of another server that is known here."""
    async with far.world.server.write() as tx:
        uri = f"{who.uri}/statuses/{more.pop('number', 1)}"
        new = NewStatus(author=who.view, uri=uri, visibility="public", content=f"<p>{text}</p>", **more)
        row = await write_status(tx, far.world.server, new)
    assert row is not None
    return row


# Statuses --------------------------------------------------------------------------------------------


async def test_a_pin_is_told_after_the_post_and_taken_back(far: Abroad) -> None:
    ana = await far.world.account("ana")
    await follows_ours(far.world, await other(far.world, "bea", "b.test"), ana)
    status = await do(far, ana, "statuses", status="hello")
    for verb in ("pin", "pin", "unpin", "unpin"):
        await do(far, ana, f"statuses/{status['id']}/{verb}")
    private = await do(far, ana, "statuses", status="for few", visibility="private")
    await do(far, ana, f"statuses/{private['id']}/pin")
    got = await far.got("b.test", 4)
    create, add, remove = [doc for doc in got if status["uri"] in (doc["object"], doc["id"].removesuffix("/activity"))]
    assert create["type"] == "Create"
    for doc, kind in ((add, "Add"), (remove, "Remove")):
        read = read_activity(doc)
        assert (read.type, read.object_id, read.actor) == (kind, status["uri"], ana.uri)
        assert read.target == "https://here.test/users/ana/collections/featured"
    assert add["id"] != remove["id"]


async def test_a_post_goes_once_to_each_server_with_followers(far: Abroad) -> None:
    ana = await far.world.account("ana")
    for name, host in (("bea", "b.test"), ("ben", "b.test"), ("carl", "c.test")):
        await follows_ours(far.world, await other(far.world, name, host), ana)
    await other(far.world, "dora", "d.test")
    status = await do(far, ana, "statuses", status="hello")
    (at_b,), (at_c,) = await far.got("b.test", 1), await far.got("c.test", 1)
    await far.world.settle()
    assert at_b == at_c
    assert [len(far.at(host)) for host in HOSTS] == [1, 1, 0]
    activity = read_activity(at_b)
    assert (activity.type, activity.actor, activity.id) == ("Create", ana.uri, f"{status['uri']}/activity")
    assert activity.object is not None
    note = read_note(activity.object)
    assert note.uri == status["uri"]
    assert note.visibility("https://here.test/users/ana/followers") == "public"


async def test_what_is_sent_is_signed_by_its_author(far: Abroad) -> None:
    ana, bea = await far.world.account("ana"), await other(far.world, "bea", "b.test")
    await follows_ours(far.world, bea, ana)
    await do(far, ana, "statuses", status="hello")
    await far.got("b.test", 1)
    (seen,) = far.at("b.test")
    assert seen.headers["content-type"] == "application/activity+json"
    assert seen.headers["user-agent"].endswith("(+https://here.test/)")
    request = SignedRequest(seen.method, seen.target, f"https://b.test{seen.target}", seen.headers, seen.body)
    now = far.world.clock.now()
    parsed = parse(request, hosts=frozenset({"b.test"}), now=now)
    assert parsed.key_id == f"{ana.uri}#main-key"
    public = await signed_http(far.world.server).public_key(ana.id)
    verify(parsed, request, load_public(public), now)


async def test_an_edit_and_a_deletion_follow_their_post_in_order(far: Abroad) -> None:
    ana, bea = await far.world.account("ana"), await other(far.world, "bea", "b.test")
    await follows_ours(far.world, bea, ana)
    client = await api(far, ana)
    status = ok(await client.post("/api/v1/statuses", status="one"))
    await far.got("b.test", 1)
    ok(await client.put(f"/api/v1/statuses/{status['id']}", status="two"))
    await far.got("b.test", 2)
    ok(await client.delete(f"/api/v1/statuses/{status['id']}"))
    found = [read_activity(doc) for doc in await far.got("b.test", 3)]
    assert [one.type for one in found] == ["Create", "Update", "Delete"]
    assert len({one.id for one in found}) == 3
    assert {one.object_id for one in found} == {status["uri"]}
    assert found[1].object is not None
    edited = read_note(found[1].object)
    assert "two" in edited.content_html
    assert edited.updated is not None
    assert found[2].object_type == "Tombstone"


async def test_those_who_took_part_hear_of_edits_and_deletion(far: Abroad) -> None:
    ana, bea = await far.world.account("ana"), await other(far.world, "bea", "b.test")
    carl, dora = await other(far.world, "carl", "c.test"), await other(far.world, "dora", "d.test")
    client = await api(far, ana)
    status = ok(await client.post("/api/v1/statuses", status="nobody follows me"))
    await far.world.settle()
    async with far.world.server.write() as tx:
        from dassie.services import favouriting
        from dassie.store import statuses

        row = await statuses.by_id(tx, int(status["id"]))
        assert row is not None
        await favouriting.receive_favourite(tx, far.world.server, bea.view, row, f"{bea.uri}#likes/1")
    await status_by(far, carl, "answer", in_reply_to=row, number=7)
    async with far.world.server.write() as tx:
        boost = NewStatus(author=dora.view, uri=f"{dora.uri}/boosts/1", visibility="public", reblog_of=row)
        await write_status(tx, far.world.server, boost)
    ok(await client.put(f"/api/v1/statuses/{status['id']}", status="changed"))
    for host in HOSTS:
        await far.got(host, 1)
    ok(await client.delete(f"/api/v1/statuses/{status['id']}"))
    for host in HOSTS:
        assert [doc["type"] for doc in await far.got(host, 2)] == ["Update", "Delete"]


async def test_private_and_direct_posts_go_to_nobody_else(far: Abroad) -> None:
    ana, bea = await far.world.account("ana"), await other(far.world, "bea", "b.test")
    await other(far.world, "carl", "c.test")
    await follows_ours(far.world, bea, ana)
    await do(far, ana, "statuses", status="friends", visibility="private")
    await do(far, ana, "statuses", status="only @carl@c.test", visibility="direct")
    (private,) = await far.got("b.test", 1)
    (direct,) = await far.got("c.test", 1)
    await far.world.settle()
    assert [len(far.at(host)) for host in HOSTS] == [1, 1, 0]
    followers = "https://here.test/users/ana/followers"
    assert read_note(private["object"]).visibility(followers) == "private"
    assert (private["to"], private["cc"]) == ([followers], [])
    assert read_note(direct["object"]).visibility(followers) == "direct"
    assert (direct["to"], direct["cc"]) == (["https://c.test/users/carl"], [])


async def test_a_reply_goes_to_whom_it_answers_and_a_reply_to_ours_to_their_followers(far: Abroad) -> None:
    ana, ben = await far.world.account("ana"), await far.world.account("ben")
    bea, carl = await other(far.world, "bea", "b.test"), await other(far.world, "carl", "c.test")
    theirs = await status_by(far, bea)
    await do(far, ana, "statuses", status="answer without a name", in_reply_to_id=theirs.id)
    (answer,) = await far.got("b.test", 1)
    assert read_note(answer["object"]).in_reply_to == theirs.uri
    await follows_ours(far.world, carl, ben)
    root = await do(far, ben, "statuses", status="root")
    await far.got("c.test", 1)
    await do(far, ana, "statuses", status="to ben", in_reply_to_id=root["id"])
    assert [doc["actor"] for doc in await far.got("c.test", 2)] == [ben.uri, ana.uri]


async def test_a_reblog_and_its_undoing_reach_author_and_followers(far: Abroad) -> None:
    ana, bea = await far.world.account("ana"), await other(far.world, "bea", "b.test")
    await follows_ours(far.world, await other(far.world, "carl", "c.test"), ana)
    theirs = await status_by(far, bea)
    await do(far, ana, f"statuses/{theirs.id}/reblog")
    await far.got("b.test", 1)
    await far.got("c.test", 1)
    await do(far, ana, f"statuses/{theirs.id}/unreblog")
    for host in ("b.test", "c.test"):
        announce, undo = [read_activity(doc) for doc in await far.got(host, 2)]
        assert (announce.type, announce.object_id, announce.actor) == ("Announce", theirs.uri, ana.uri)
        assert undo.type == "Undo"
        assert undo.inner is not None
        assert (undo.inner.type, undo.inner.id, undo.inner.object_id) == ("Announce", announce.id, theirs.uri)
        assert announce.id is not None
        assert undo.id != announce.id


async def test_a_poll_of_ours_sends_new_tallies(far: Abroad) -> None:
    ana, ben = await far.world.account("ana"), await far.world.account("ben")
    await follows_ours(far.world, await other(far.world, "bea", "b.test"), ana)
    json = {"status": "well?", "poll": {"options": ["yes", "no"], "expires_in": 3600}}
    status = ok(await (await api(far, ana)).post("/api/v1/statuses", json=json))
    (created,) = await far.got("b.test", 1)
    assert created["object"]["type"] == "Question"
    await do(far, ben, f"polls/{status['poll']['id']}/votes", choices=[0])
    far.world.clock.forward(minutes=10)
    far.world.app.runner.wake()
    update = read_activity((await far.got("b.test", 2))[1])
    assert update.type == "Update"
    assert update.object is not None
    note = read_note(update.object)
    assert note.poll is not None
    assert [option.votes for option in note.poll.options] == [1, 0]
    assert note.updated is None


# Accounts --------------------------------------------------------------------------------------------


async def test_a_changed_profile_goes_to_followers(far: Abroad) -> None:
    ana = await far.world.account("ana")
    await follows_ours(far.world, await other(far.world, "bea", "b.test"), ana)
    changed = await (await api(far, ana)).patch("/api/v1/accounts/update_credentials", display_name="New name")
    assert changed.code == 200, changed.text
    update = read_activity((await far.got("b.test", 1))[0])
    assert (update.type, update.object_id) == ("Update", ana.uri)
    assert update.object is not None
    actor = read_actor(update.object)
    assert actor.name == "New name"
    assert actor.keys[0].key_id == f"{ana.uri}#main-key"


async def test_a_deleted_account_says_good_bye_to_all_servers(far: Abroad) -> None:
    ana = await far.world.account("ana")
    await other(far.world, "bea", "b.test")
    await other(far.world, "ben", "b.test")
    await other(far.world, "carl", "c.test", shared=False)
    async with far.world.server.write() as tx:
        await delete_account(tx, far.world.server, ana)
    for host in ("b.test", "c.test"):
        (doc,) = await far.got(host, 1)
        assert read_activity(doc).is_self_delete
        assert doc["actor"] == ana.uri
    await far.world.settle()
    assert [len(far.at(host)) for host in HOSTS] == [1, 1, 0]


# Between two accounts --------------------------------------------------------------------------------


async def test_what_two_accounts_tell_each_other_keeps_its_order(far: Abroad) -> None:
    ana, bea = await far.world.account("ana"), await other(far.world, "bea", "b.test")
    await do(far, ana, f"accounts/{bea.id}/follow")
    await do(far, ana, f"accounts/{bea.id}/unfollow")
    await do(far, ana, f"accounts/{bea.id}/block")
    await do(far, ana, f"accounts/{bea.id}/unblock")
    follow, undo, block, unblock = [read_activity(doc) for doc in await far.got("b.test", 4)]
    assert (follow.type, follow.actor, follow.object_id) == ("Follow", ana.uri, bea.uri)
    assert undo.inner is not None
    assert (undo.type, undo.inner.type, undo.inner.id) == ("Undo", "Follow", follow.id)
    assert (block.type, block.object_id) == ("Block", bea.uri)
    assert unblock.inner is not None
    assert (unblock.type, unblock.inner.type, unblock.inner.id) == ("Undo", "Block", block.id)
    assert {seen.target for seen in far.at("b.test")} == {"/users/bea/inbox"}


async def test_a_follow_of_ours_is_accepted_by_its_id(far: Abroad) -> None:
    from dassie.services import following

    ana, bea = await far.world.account("ana"), await other(far.world, "bea", "b.test")
    for _ in range(2):  # a follow that is sent again is answered again
        async with far.world.server.write() as tx:
            await following.receive_follow(tx, far.world.server, bea.view, ana, f"{bea.uri}#follows/1")
    first, second = [read_activity(doc) for doc in await far.got("b.test", 2)]
    assert (first.type, first.actor) == ("Accept", ana.uri)
    assert first.inner is not None
    assert (first.inner.type, first.inner.id, first.inner.actor) == ("Follow", f"{bea.uri}#follows/1", bea.uri)
    assert first.inner.object_id == ana.uri
    assert first.id != second.id


async def test_a_favourite_and_its_undoing_go_to_the_author(far: Abroad) -> None:
    ana, bea = await far.world.account("ana"), await other(far.world, "bea", "b.test")
    theirs = await status_by(far, bea)
    await do(far, ana, f"statuses/{theirs.id}/favourite")
    await do(far, ana, f"statuses/{theirs.id}/unfavourite")
    like, undo = [read_activity(doc) for doc in await far.got("b.test", 2)]
    assert (like.type, like.object_id) == ("Like", theirs.uri)
    assert undo.inner is not None
    assert (undo.inner.type, undo.inner.id) == ("Like", like.id)


async def test_votes_go_to_the_author_one_by_one(far: Abroad) -> None:
    ana, bea = await far.world.account("ana"), await other(far.world, "bea", "b.test")
    options = [PollOption("red"), PollOption("green"), PollOption("blue")]
    ends = far.world.clock.now() + timedelta(hours=1)
    theirs = await status_by(far, bea, poll=NewPoll(options=options, multiple=True, expires_at=ends))
    async with far.world.server.read() as tx:
        from dassie.store import polls

        poll = (await polls.of_statuses(tx, [theirs.id], viewer=None))[theirs.id]
    await do(far, ana, f"polls/{poll.id}/votes", choices=[0, 2])
    docs = await far.got("b.test", 2)
    votes = [read_note(doc["object"]) for doc in docs]
    assert [vote.vote for vote in votes] == ["red", "blue"]
    assert {vote.in_reply_to for vote in votes} == {theirs.uri}
    assert [doc["to"] for doc in docs] == [bea.uri, bea.uri]
    assert len({doc["id"] for doc in docs}) == 2


# Who is left out -------------------------------------------------------------------------------------


async def test_suspended_accounts_hear_nothing(far: Abroad) -> None:
    ana, bea = await far.world.account("ana"), await other(far.world, "bea", "b.test")
    await follows_ours(far.world, bea, ana)
    await follows_ours(far.world, await other(far.world, "carl", "c.test"), ana)
    async with far.world.server.write() as tx:
        await accounts.change(tx, bea.id, suspended_at=tx.now)
    await do(far, ana, "statuses", status="hello @bea@b.test")
    await far.got("c.test", 1)
    await far.world.settle()
    assert far.at("b.test") == []


async def test_a_post_deleted_before_it_left_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with abroad(tmp_path, monkeypatch, "", HOSTS, workers=0) as far:
        ana = await far.world.account("ana")
        await follows_ours(far.world, await other(far.world, "bea", "b.test"), ana)
        status = await do(far, ana, "statuses", status="oops")
        ok(await (await api(far, ana)).delete(f"/api/v1/statuses/{status['id']}"))
        await far.world.app.runner.start()
        try:
            (doc,) = await far.got("b.test", 1)
            await far.world.settle()
        finally:
            await far.world.app.runner.stop()
        assert doc["type"] == "Delete"


async def test_a_status_has_a_receipt(far: Abroad) -> None:
    ana = await far.world.account("ana")
    for name, host in (("bea", "b.test"), ("carl", "c.test")):
        await follows_ours(far.world, await other(far.world, name, host), ana)
    status = await do(far, ana, "statuses", status="hello")
    await far.got("c.test", 1)
    await far.got("b.test", 1)
    await far.world.settle()
    async with far.world.server.read() as tx:
        found = await activities.receipt(tx, status["uri"])
    assert [(one.host, one.state, one.tries, one.error) for one in found] == [
        ("b.test", "delivered", 1, None),
        ("c.test", "delivered", 1, None),
    ]
