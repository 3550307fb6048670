"""Strangers are one row; looking at them fetches what they lack, once, and never keeps the reader waiting."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from dassie.domain.arrivals import Reason
from dassie.domain.errors import RemoteFailed
from dassie.domain.ids import StatusId
from dassie.federation.remote import remote_of
from dassie.federation.vocab.notes import read_note
from dassie.ports import Event
from dassie.services.watching import FAILED_SECONDS
from dassie.store import accounts, arrivals, materials, mentions, statuses
from dassie.store.materials import Person
from dassie.store.views import AccountView, StatusRow
from fediverse import PUBLIC, Actor, Fediverse
from worlds import Client


async def brought(fediverse: Fediverse, note: dict[str, Any]) -> StatusId:
    """A stranger's post as a relay brings it."""
    return await remote_of(fediverse.world.server).take_note(read_note(note), reason=Reason.RELAY, thorough=False)


async def attended(fediverse: Fediverse) -> None:
    """Wait until all that people looked at was fetched."""
    await fediverse.world.app.materialiser.attend()
    await fediverse.world.settle()


async def person(fediverse: Fediverse, actor: Actor) -> Person:
    async with fediverse.world.server.read() as tx:
        known = await accounts.by_uri(tx, actor.uri)
        found = await materials.person(tx, known.id) if known is not None else None
    assert found is not None
    return found


async def view(fediverse: Fediverse, actor: Actor) -> AccountView:
    async with fediverse.world.server.read() as tx:
        found = await accounts.by_uri(tx, actor.uri)
    assert found is not None
    return found


async def stored(fediverse: Fediverse, uri: str) -> StatusRow | None:
    async with fediverse.world.server.read() as tx:
        return await statuses.by_uri(tx, uri)


def collection(fediverse: Fediverse, uri: str, total: int, items: list[Any] | None = None, **more: Any) -> None:
    doc: dict[str, Any] = {"id": uri, "type": "OrderedCollection", "totalItems": total}
    fediverse.http.serve(doc | ({"orderedItems": items} if items is not None else {}) | more)


def stranger(fediverse: Fediverse, name: str = "eve", host: str = "far.test", **changes: Any) -> Actor:
    """An actor with counters."""
    actor = fediverse.actor(name, host, following=f"https://{host}/users/{name}/following", **changes)
    for part, total in (("followers", 12), ("following", 3), ("outbox", 456)):
        collection(fediverse, f"{actor.uri}/{part}", total)
    return actor


async def reader(fediverse: Fediverse, name: str = "ana") -> Client:
    return await fediverse.world.api_as(await fediverse.world.account(name))


async def look(client: Client, path: str = "/api/v1/timelines/public") -> Any:
    got = await client.get(path)
    assert got.code == 200, got.text
    return got.json


async def test_a_stranger_costs_one_request_and_a_look_by_two_people_each_thing_once(fediverse: Fediverse) -> None:
    eve = stranger(fediverse)
    ana, ben = await reader(fediverse), await reader(fediverse, "ben")
    await brought(fediverse, fediverse.note(eve))
    assert fediverse.http.asked == [eve.uri]
    for client in (ana, ben):
        (shown,) = await look(client)
        assert shown["account"]["followers_count"] == 0
    await attended(fediverse)
    for client in (ana, ben, ana):
        await look(client)
        await attended(fediverse)
    finger = "https://far.test/.well-known/webfinger?resource=acct:eve@far.test"
    wanted = [eve.uri, finger, *(f"{eve.uri}/{part}" for part in ("followers", "following", "outbox"))]
    assert sorted(fediverse.http.asked) == sorted(wanted)
    (shown,) = await look(ana)
    account = shown["account"]
    counts = [account[f"{name}_count"] for name in ("followers", "following", "statuses")]
    assert counts == [12, 3, 456]
    found = await person(fediverse, eve)
    assert found.materialised_at is not None
    assert not found.handle_trusted


async def test_guests_make_us_ask_nobody(fediverse: Fediverse) -> None:
    eve = stranger(fediverse)
    id = await brought(fediverse, fediverse.note(eve))
    account = await view(fediverse, eve)
    guest = Client(fediverse.world.app)
    for path in ("timelines/public", f"statuses/{id}", f"statuses/{id}/context", f"accounts/{account.id}"):
        await look(guest, f"/api/v1/{path}")
    for path in ("/public", f"/@eve@far.test/{id}", "/@eve@far.test"):
        assert (await guest.request("GET", path, headers={"accept": "text/html"})).code == 200
    await attended(fediverse)
    assert fediverse.http.asked == [eve.uri]


async def test_a_page_does_not_wait_for_a_slow_server_and_the_next_look_has_it(fediverse: Fediverse) -> None:
    eve = stranger(fediverse)
    client = await reader(fediverse)
    await brought(fediverse, fediverse.note(eve))
    fediverse.http.slow.add("far.test")
    asked = len(fediverse.http.asked)
    began = time.perf_counter()
    await look(client)
    assert time.perf_counter() - began < 0.5
    assert len(fediverse.http.asked) == asked
    await attended(fediverse)
    (shown,) = await look(client)
    assert shown["account"]["statuses_count"] == 456


async def test_a_dead_server_is_not_asked_again_at_each_look(fediverse: Fediverse) -> None:
    eve = stranger(fediverse)
    client = await reader(fediverse)
    await brought(fediverse, fediverse.note(eve))
    fediverse.http.down.add("far.test")
    await look(client)
    await attended(fediverse)
    asked = len(fediverse.http.asked)
    for _ in range(3):
        fediverse.world.clock.forward(seconds=120)
        await look(client)
        await attended(fediverse)
    assert len(fediverse.http.asked) == asked
    assert (await person(fediverse, eve)).materialised_at is None
    fediverse.http.down.clear()
    fediverse.world.clock.forward(seconds=FAILED_SECONDS)
    await look(client)
    await attended(fediverse)
    assert (await person(fediverse, eve)).materialised_at is not None


async def test_what_a_server_refuses_to_tell_is_not_asked_for_again(fediverse: Fediverse) -> None:
    eve = stranger(fediverse)
    client = await reader(fediverse)
    for part in ("followers", "following", "outbox"):
        fediverse.http.gone(f"{eve.uri}/{part}", 403)
    await brought(fediverse, fediverse.note(eve))
    await look(client)
    await attended(fediverse)
    found = await person(fediverse, eve)
    assert found.materialised_at is not None
    assert not found.handle_trusted


async def test_a_proved_handle_on_another_domain_is_moved_to_and_told(fediverse: Fediverse) -> None:
    eve = stranger(fediverse, "eve", "social.far.test")
    fediverse.finger("eve", "far.test", eve.uri)
    fediverse.finger("eve", "far.test", eve.uri, at="social.far.test")
    answer = fediverse.http.answers["https://far.test/.well-known/webfinger?resource=acct:eve@far.test"]
    fediverse.http.answers["https://social.far.test/.well-known/webfinger?resource=acct:eve@social.far.test"] = answer
    ana = await fediverse.world.account("ana")
    client = await fediverse.world.api_as(ana)
    id = await brought(fediverse, fediverse.note(eve))
    heard = fediverse.world.server.streams.subscribe(frozenset({f"user:{ana.id}"}))
    (shown,) = await look(client)
    assert shown["account"]["acct"] == "eve@social.far.test"
    await attended(fediverse)
    channel, event = await asyncio.wait_for(anext(aiter(heard)), 5)
    assert (channel, event.kind, event.id) == (f"user:{ana.id}", "status.update", id)
    assert not event.extra
    (shown,) = await look(client)
    assert shown["account"]["acct"] == "eve@far.test"


async def test_a_trusted_handle_never_takes_somebody_elses(fediverse: Fediverse) -> None:
    bob = fediverse.actor("bob", "far.test")
    remote = remote_of(fediverse.world.server)
    await remote.account(bob.uri)
    other = fediverse.actor("bob", "far.test", id="https://far.test/other/bob")
    ours = fediverse.actor("bob", "far.test", id="https://here.test.far.test/bob", preferredUsername="a b")
    for uri in (other.uri, ours.uri):
        with pytest.raises(RemoteFailed) as failed:
            await remote.stranger(uri)
        assert failed.value.kind == "malformed"
    assert (await view(fediverse, bob)).acct == "bob@far.test"


async def test_mentioned_strangers_are_looked_up_when_the_post_is_seen(fediverse: Fediverse) -> None:
    eve, kim = stranger(fediverse), fediverse.actor("kim", "third.test")
    dead = fediverse.actor("dan", "dead.test")
    fediverse.http.down.add("dead.test")
    tags = [{"type": "Mention", "href": one.uri, "name": "@x"} for one in (kim, dead)]
    ana = await fediverse.world.account("ana")
    client = await fediverse.world.api_as(ana)
    id = await brought(fediverse, fediverse.note(eve, tag=tags))
    assert fediverse.http.asked == [eve.uri]
    (shown,) = await look(client)
    assert shown["mentions"] == []
    await attended(fediverse)
    (shown,) = await look(client)
    assert [one["acct"] for one in shown["mentions"]] == ["kim@third.test"]
    async with fediverse.world.server.read() as tx:
        assert (await arrivals.of(tx, [id]))[id].mentioned == [dead.uri]
        assert len(await mentions.of(tx, id)) == 1


async def test_old_tallies_of_a_poll_are_read_again(fediverse: Fediverse) -> None:
    eve = stranger(fediverse)

    def question(votes: int) -> dict[str, Any]:
        options = [{"type": "Note", "name": name, "replies": {"totalItems": votes}} for name in ("tea", "sand")]
        end = "2099-01-01T00:00:00Z"
        return fediverse.note(eve, id="https://far.test/poll", type="Question", oneOf=options, endTime=end)

    ana = await fediverse.world.account("ana")
    client = await fediverse.world.api_as(ana)
    await brought(fediverse, question(1))
    await look(client)
    await attended(fediverse)
    assert "https://far.test/poll" not in fediverse.http.asked
    fediverse.world.clock.forward(minutes=10)
    fediverse.http.serve(question(5))
    heard = fediverse.world.server.streams.subscribe(frozenset({f"user:{ana.id}"}))
    for _ in range(2):
        await look(client)
        await attended(fediverse)
    assert fediverse.http.asked.count("https://far.test/poll") == 1
    (shown,) = await look(client)
    assert shown["poll"]["votes_count"] == 10
    assert (await asyncio.wait_for(anext(aiter(heard)), 5))[1].kind == "status.update"


async def test_opening_a_thread_brings_what_came_before_and_the_first_answers(fediverse: Fediverse) -> None:
    eve, kim = stranger(fediverse), fediverse.actor("kim", "third.test")
    first = fediverse.note(kim)
    second = fediverse.note(kim, inReplyTo=first["id"])
    opened = fediverse.note(eve, id="https://far.test/opened", inReplyTo=second["id"])
    listed = f"{opened['id']}/replies"
    answers = [fediverse.note(eve, inReplyTo=opened["id"]) for _ in range(3)]
    beside = fediverse.note(eve)
    far = fediverse.note(kim, inReplyTo=opened["id"])
    page = {"type": "CollectionPage", "next": f"{listed}?page=2", "items": [one["id"] for one in answers[:2]]}
    fediverse.http.serve({"id": listed, "type": "Collection", "first": page})
    more = [answers[2]["id"], beside["id"], far["id"]]
    following = {"id": f"{listed}?page=2", "type": "CollectionPage", "items": more, "next": f"{listed}?page=3"}
    fediverse.http.serve(following)
    for note in (first, second, opened | {"replies": listed}, *answers, beside, far):
        fediverse.http.serve(note)
    ana = await fediverse.world.account("ana")
    client = await fediverse.world.api_as(ana)
    id = await brought(fediverse, opened)
    assert fediverse.http.asked == [eve.uri]
    heard = fediverse.world.server.streams.subscribe(frozenset({f"user:{ana.id}"}))
    assert await look(client, f"/api/v1/statuses/{id}/context") == {"ancestors": [], "descendants": []}
    await attended(fediverse)
    told = await _heard(heard, "thread")
    assert (told.id, told.extra["count"]) == (id, 5)
    context = await look(client, f"/api/v1/statuses/{id}/context")
    assert [one["uri"] for one in context["ancestors"]] == [first["id"], second["id"]]
    assert {one["uri"] for one in context["descendants"]} == {one["id"] for one in answers}
    assert await stored(fediverse, beside["id"]) is None  # it answers something else
    assert far["id"] not in fediverse.http.asked  # of another host: its list is not believed
    assert f"{listed}?page=3" not in fediverse.http.asked
    row = await stored(fediverse, answers[0]["id"])
    assert row is not None
    async with fediverse.world.server.read() as tx:
        assert (await arrivals.of(tx, [row.id]))[row.id].reason == Reason.CONTEXT
    fediverse.world.clock.forward(minutes=10)
    await look(client, f"/api/v1/statuses/{id}/context")
    await attended(fediverse)
    assert fediverse.http.asked.count(listed) == 2  # now it is read as a whole
    assert far["id"] in fediverse.http.asked
    fediverse.world.clock.forward(minutes=10)
    await look(client, f"/api/v1/statuses/{id}/context")
    await attended(fediverse)
    assert fediverse.http.asked.count(listed) == 2


async def test_a_profile_gets_its_pinned_posts_and_loses_those_taken_down(fediverse: Fediverse) -> None:
    eve = stranger(fediverse)
    await brought(fediverse, fediverse.note(eve))
    pinned, named = fediverse.note(eve), fediverse.note(eve)
    foreign = fediverse.note(fediverse.actor("kim", "third.test"))
    fediverse.http.serve(named)
    featured = str(eve.doc["featured"])
    collection(fediverse, featured, 3, [pinned, named["id"], foreign])
    client = await reader(fediverse)
    account = await view(fediverse, eve)
    path = f"/api/v1/accounts/{account.id}/statuses?pinned=true"
    await look(client, f"/api/v1/accounts/{account.id}")
    await attended(fediverse)
    assert {one["uri"] for one in await look(client, path)} == {pinned["id"], named["id"]}
    assert pinned["id"] not in fediverse.http.asked  # its own server gave it whole
    assert await stored(fediverse, foreign["id"]) is None
    row = await stored(fediverse, pinned["id"])
    assert row is not None
    async with fediverse.world.server.read() as tx:
        assert (await arrivals.of(tx, [row.id]))[row.id].reason == Reason.BACKFILL
    collection(fediverse, featured, 1, [named["id"]])
    fediverse.world.clock.forward(hours=1)
    await look(client, f"/api/v1/accounts/{account.id}")
    await attended(fediverse)
    assert [one["uri"] for one in await look(client, path)] == [named["id"]]


async def test_a_profile_gets_the_hashtags_its_owner_shows(fediverse: Fediverse) -> None:
    tags_url = "https://far.test/users/eve/collections/tags"
    eve = stranger(fediverse, featuredTags=tags_url)
    await brought(
        fediverse, fediverse.note(eve, tag=[{"type": "Hashtag", "name": "#Granite", "href": "https://x.test"}])
    )

    def shows(*names: str) -> None:
        items: list[Any] = [
            {"type": "Hashtag", "name": f"#{name}", "href": f"https://far.test/t/{name}"} for name in names
        ]
        fediverse.http.serve({"id": tags_url, "type": "Collection", "totalItems": len(items), "items": items})

    shows("Granite", "dune", "!")
    client = await reader(fediverse)
    account = await view(fediverse, eve)
    path = f"/api/v1/accounts/{account.id}/featured_tags"
    assert await look(client, path) == []
    await look(client, f"/api/v1/accounts/{account.id}")
    await attended(fediverse)
    first, second = await look(client, path)
    assert (first["name"], first["statuses_count"]) == ("Granite", "1")
    assert first["url"] == "https://here.test/@eve@far.test/tagged/granite"
    assert (second["name"], second["statuses_count"], second["last_status_at"]) == ("dune", "0", None)
    page = await client.request("GET", "/@eve@far.test", headers={"accept": "text/html"})
    assert "/@eve@far.test/tagged/granite" in page.text
    shows("dune", *(f"tag{number}" for number in range(100)))
    fediverse.world.clock.forward(hours=1)
    await look(client, f"/api/v1/accounts/{account.id}")
    await attended(fediverse)
    names = [one["name"] for one in await look(client, path)]
    assert len(names) == 20
    assert "dune" in names
    assert "Granite" not in names
    fediverse.http.down.add("far.test")
    fediverse.world.clock.forward(hours=1)
    await look(client, f"/api/v1/accounts/{account.id}")
    await attended(fediverse)
    assert len(await look(client, path)) == 20


async def test_a_followed_persons_handle_is_proved_at_once_and_not_again(fediverse: Fediverse) -> None:
    bob = stranger(fediverse, "bob")
    await fediverse.deliver(bob, fediverse.create(bob, fediverse.note(bob, to=[PUBLIC])))
    server = fediverse.world.server
    await remote_of(server).account(bob.uri)
    found = await person(fediverse, bob)
    assert not found.handle_trusted
    assert found.materialised_at is None
    fingers = [url for url in fediverse.http.asked if "webfinger" in url]
    client = await reader(fediverse)
    await look(client, f"/api/v1/accounts/{found.id}")
    await attended(fediverse)
    assert [url for url in fediverse.http.asked if "webfinger" in url] == fingers
    assert (await view(fediverse, bob)).followers_count == 12


async def test_a_stranger_who_tells_of_a_changed_profile_is_still_not_asked_for_more(fediverse: Fediverse) -> None:
    eve = stranger(fediverse)
    await brought(fediverse, fediverse.note(eve))
    await fediverse.deliver(eve, fediverse.activity("Update", eve, eve.doc | {"name": "Eve anew"}, to=[PUBLIC]))
    assert (await view(fediverse, eve)).display_name == "Eve anew"
    assert fediverse.http.asked == [eve.uri]
    assert (await person(fediverse, eve)).handle_trusted


async def _heard(subscription: Any, kind: str) -> Event:
    async with asyncio.timeout(5):
        async for _, event in subscription:
            if event.kind == kind:
                return event  # type: ignore[no-any-return]
    raise AssertionError("the stream ended")
