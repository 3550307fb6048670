"""A thread of another server is read as a whole once somebody opens it: from list to list, within bounds."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dassie.domain.arrivals import Reason
from dassie.domain.ids import StatusId
from dassie.domain.jobs import FetchThread
from dassie.federation import whole_threads
from dassie.federation.remote import remote_of
from dassie.federation.vocab.notes import read_note
from dassie.store import arrivals, statuses, thread_fetches
from dassie.store.room import Level
from fediverse import Actor, Fediverse
from worlds import Client, Got

HEADER = re.compile(r'id="([^"]+)", retry=3, result_count=(\d+)')


async def opened(fediverse: Fediverse, note: dict[str, Any]) -> StatusId:
    """A post of another server that is here, and that its server still has."""
    fediverse.http.serve(note)
    return await remote_of(fediverse.world.server).take_note(read_note(note), reason=Reason.RELAY, thorough=False)


async def reader(fediverse: Fediverse, name: str = "ana") -> Client:
    return await fediverse.world.api_as(await fediverse.world.account(name))


async def context(client: Client, id: int) -> Got:
    got = await client.get(f"/api/v1/statuses/{id}/context")
    assert got.code == 200, got.text
    return got


async def descendants(client: Client, id: int) -> set[str]:
    return {one["uri"] for one in (await context(client, id)).json["descendants"]}


def told(got: Got) -> str:
    """The id by which to ask how it goes."""
    found = HEADER.fullmatch(got.headers["mastodon-async-refresh"])
    assert found is not None
    return found[1]


def answer(fediverse: Fediverse, by: Actor, answered: str, **changes: Any) -> dict[str, Any]:
    """An answer that its own server has."""
    note = fediverse.note(by, inReplyTo=answered, **changes)
    fediverse.http.serve(note)
    return note


def listed(fediverse: Fediverse, of: dict[str, Any], pages: list[list[str]]) -> dict[str, Any]:
    """The list of answers to a post, page by page; the post with it."""
    uri = f"{of['id']}/replies"
    fediverse.http.serve({"id": uri, "type": "Collection", "first": f"{uri}?page=1"})
    for number, items in enumerate(pages, 1):
        page: dict[str, Any] = {"id": f"{uri}?page={number}", "type": "CollectionPage", "partOf": uri, "items": items}
        if number < len(pages):
            page["next"] = f"{uri}?page={number + 1}"
        fediverse.http.serve(page)
    whole = of | {"replies": uri}
    fediverse.http.serve(whole)
    return whole


async def test_a_thread_over_three_servers_is_found_and_apps_see_how_it_goes(fediverse: Fediverse) -> None:
    eve, kim, bob = (
        fediverse.actor(*who) for who in (("eve", "far.test"), ("kim", "third.test"), ("bob", "four.test"))
    )
    root = fediverse.note(eve)
    first = answer(fediverse, kim, root["id"])
    second = answer(fediverse, bob, first["id"])
    third = answer(fediverse, eve, second["id"])
    listed(fediverse, second, [[third["id"]]])
    listed(fediverse, first, [[second["id"]]])
    id = await opened(fediverse, listed(fediverse, root, [[], [first["id"]]]))
    client = await reader(fediverse)
    fediverse.world.clock.forward(minutes=6)
    got = await context(client, id)
    assert got.json["descendants"] == []
    token = told(got)
    await fediverse.world.settle()
    asked = await client.get(f"/api/v1_alpha/async_refreshes/{token}")
    assert asked.json == {"async_refresh": {"id": token, "status": "finished", "result_count": 3}}
    again = await context(client, id)
    assert "mastodon-async-refresh" not in again.headers
    assert {one["uri"] for one in again.json["descendants"]} == {one["id"] for one in (first, second, third)}
    async with fediverse.world.server.read() as tx:
        row = await statuses.by_uri(tx, second["id"])
        assert row is not None
        assert (await arrivals.of(tx, [row.id]))[row.id].reason == Reason.CONTEXT
    other = await reader(fediverse, "ben")
    assert (await other.get("/api/v1/notifications")).json == []


async def test_it_begins_five_minutes_after_a_post_and_again_after_fifteen(fediverse: Fediverse) -> None:
    eve = fediverse.actor("eve", "far.test")
    root = fediverse.note(eve)
    id = await opened(fediverse, listed(fediverse, root, [[]]))
    client, guest = await reader(fediverse), Client(fediverse.world.app)
    assert "mastodon-async-refresh" not in (await context(client, id)).headers
    fediverse.world.clock.forward(minutes=5)
    assert "mastodon-async-refresh" not in (await context(guest, id)).headers
    fediverse.http.gate.clear()
    token = told(await context(client, id))
    assert told(await context(await reader(fediverse, "ben"), id)) == token  # one for all who ask meanwhile
    fediverse.http.gate.set()
    await fediverse.world.settle()
    pages = fediverse.http.asked.count(f"{root['id']}/replies?page=1")
    late = answer(fediverse, eve, root["id"])
    listed(fediverse, root, [[late["id"]]])
    fediverse.world.clock.forward(minutes=14)
    assert "mastodon-async-refresh" not in (await context(client, id)).headers
    fediverse.world.clock.forward(minutes=1)
    assert told(await context(client, id)) != token
    await fediverse.world.settle()
    assert fediverse.http.asked.count(f"{root['id']}/replies?page=1") == pages + 1
    assert await descendants(client, id) == {late["id"]}
    assert (await client.get(f"/api/v1_alpha/async_refreshes/{token}")).code == 404


async def test_only_somebody_with_a_login_who_was_told_may_ask(fediverse: Fediverse) -> None:
    client = await reader(fediverse)
    assert (await client.get("/api/v1_alpha/async_refreshes/none")).code == 404
    assert (await client.get(f"/api/v1_alpha/async_refreshes/{'a' * 5000}")).code == 404
    assert (await Client(fediverse.world.app).get("/api/v1_alpha/async_refreshes/none")).code == 401
    ben = await fediverse.world.account("ben")
    narrow = await fediverse.world.api_as(ben, "write")
    assert (await narrow.get("/api/v1_alpha/async_refreshes/none")).code == 403


async def test_posts_are_taken_from_their_own_server_and_only_where_they_are_in_the_thread(
    fediverse: Fediverse,
) -> None:
    eve, kim = fediverse.actor("eve", "far.test"), fediverse.actor("kim", "third.test")
    root = fediverse.note(eve)
    true = answer(fediverse, kim, root["id"], content="<p>as kim wrote it</p>")
    lie = true | {"content": "<p>as eve would have it</p>"}
    beside = fediverse.note(kim)
    fediverse.http.serve(beside)
    private = answer(fediverse, kim, root["id"], to=[kim.followers], cc=[])
    vote = answer(fediverse, kim, root["id"], content=None, name="tea")
    named = [
        lie,
        beside["id"],
        private["id"],
        vote["id"],
        "https://third.test/missing",
        "acct:x@y",
        "https://here.test/x",
    ]
    id = await opened(fediverse, listed(fediverse, root, [named]))
    client = await reader(fediverse)
    fediverse.world.clock.forward(minutes=6)
    await context(client, id)
    await fediverse.world.settle()
    (shown,) = (await context(client, id)).json["descendants"]
    assert (shown["uri"], shown["content"]) == (true["id"], "<p>as kim wrote it</p>")
    async with fediverse.world.server.read() as tx:
        for uri in (beside["id"], private["id"], vote["id"]):
            assert await statuses.by_uri(tx, uri) is None


async def test_a_context_brings_answers_before_what_they_answer_and_through_ours(fediverse: Fediverse) -> None:
    eve, kim = fediverse.actor("eve", "far.test"), fediverse.actor("kim", "third.test")
    root = fediverse.note(eve, context="https://far.test/contexts/1")
    id = await opened(fediverse, root)
    ana = await fediverse.world.account("ana")
    client = await fediverse.world.api_as(ana)
    ours = (await client.post("/api/v1/statuses", status="mine", in_reply_to_id=str(id))).json
    first = answer(fediverse, kim, root["id"])
    second = answer(fediverse, eve, first["id"])
    third = answer(fediverse, kim, ours["uri"])
    items = [third["id"], second["id"], ours["uri"], root["id"], first["id"]]
    listing = {"id": root["context"], "type": "OrderedCollection", "first": f"{root['context']}/items"}
    fediverse.http.serve(listing)
    fediverse.http.serve({"id": listing["first"], "type": "OrderedCollectionPage", "orderedItems": items})
    fediverse.world.clock.forward(minutes=6)
    await context(client, id)
    await fediverse.world.settle()
    assert await descendants(client, id) == {one["id"] for one in (first, second, third)} | {ours["uri"]}
    assert ours["uri"] not in fediverse.http.asked


async def test_an_answer_to_the_page_of_a_post_finds_its_place(fediverse: Fediverse) -> None:
    eve, kim = fediverse.actor("eve", "far.test"), fediverse.actor("kim", "third.test")
    root = fediverse.note(eve, url="https://far.test/@eve/7")
    reply = answer(fediverse, kim, root["url"])
    id = await opened(fediverse, listed(fediverse, root, [[reply["id"]]]))
    client = await reader(fediverse)
    fediverse.world.clock.forward(minutes=6)
    await context(client, id)
    await fediverse.world.settle()
    assert await descendants(client, id) == {reply["id"]}


@pytest.mark.parametrize(
    ("bound", "most", "came", "lists"),
    [("MOST_OF_ONE_POST", 6, 6, None), ("MOST_PAGES", 5, 20, 5), ("MOST_POSTS", 9, 9, None), ("MOST_BYTES", 0, 0, 0)],
)
async def test_the_bounds_hold_against_endless_lists(
    fediverse: Fediverse, monkeypatch: pytest.MonkeyPatch, bound: str, most: int, came: int, lists: int | None
) -> None:
    monkeypatch.setattr(whole_threads, bound, most)
    eve = fediverse.actor("eve", "far.test")
    root = fediverse.note(eve)
    answers = [answer(fediverse, eve, root["id"]) for _ in range(20)]
    for one in answers[:8]:
        listed(fediverse, one, [[], [], []])
    ids = [one["id"] for one in answers]
    id = await opened(fediverse, listed(fediverse, root, [ids[:4], ids[4:]]))
    client = await reader(fediverse)
    fediverse.world.clock.forward(minutes=6)
    await context(client, id)
    await fediverse.world.settle()
    assert len(await descendants(client, id)) == came
    if lists is not None:
        assert len([url for url in fediverse.http.asked if "/replies" in url]) == lists


async def test_a_loop_of_pages_ends(fediverse: Fediverse) -> None:
    eve = fediverse.actor("eve", "far.test")
    root = fediverse.note(eve)
    uri = f"{root['id']}/replies"
    fediverse.http.serve({"id": uri, "type": "Collection", "first": f"{uri}?a"})
    for here, there in (("a", "b"), ("b", "a")):
        fediverse.http.serve({"id": f"{uri}?{here}", "type": "CollectionPage", "items": [], "next": f"{uri}?{there}"})
    id = await opened(fediverse, root | {"replies": uri})
    client = await reader(fediverse)
    fediverse.world.clock.forward(minutes=6)
    await context(client, id)
    await fediverse.world.settle()
    assert [fediverse.http.asked.count(f"{uri}?{page}") for page in "ab"] == [1, 1]


async def test_a_host_that_gives_nothing_is_left_alone(fediverse: Fediverse) -> None:
    eve = fediverse.actor("eve", "far.test")
    root = fediverse.note(eve)
    good = answer(fediverse, eve, root["id"])
    fediverse.http.down.add("dead.test")
    named = [*(f"https://dead.test/{number}" for number in range(60)), good["id"]]
    id = await opened(fediverse, listed(fediverse, root, [named]))
    client = await reader(fediverse)
    fediverse.world.clock.forward(minutes=6)
    await context(client, id)
    await fediverse.world.settle()
    assert await descendants(client, id) == {good["id"]}
    assert len([url for url in fediverse.http.asked if "dead.test" in url]) <= whole_threads.MOST_MISSES + 2


async def test_without_room_for_strangers_nothing_is_looked_for(fediverse: Fediverse) -> None:
    eve = fediverse.actor("eve", "far.test")
    root = fediverse.note(eve)
    id = await opened(fediverse, listed(fediverse, root, [[]]))
    client = await reader(fediverse)
    fediverse.world.clock.forward(minutes=6)
    fediverse.world.server.room.level = Level.NEAR
    assert "mastodon-async-refresh" not in (await context(client, id)).headers


async def test_an_open_page_hears_of_what_came(fediverse: Fediverse) -> None:
    eve = fediverse.actor("eve", "far.test")
    root = fediverse.note(eve)
    reply = answer(fediverse, eve, root["id"])
    id = await opened(fediverse, listed(fediverse, root, [[reply["id"]]]))
    ana = await fediverse.world.account("ana")
    client = await fediverse.world.api_as(ana)
    fediverse.world.clock.forward(minutes=6)
    heard = fediverse.world.server.streams.subscribe(frozenset({f"user:{ana.id}"}))
    await context(client, id)
    await fediverse.world.settle()
    async for _, event in heard:
        if event.kind == "thread":
            assert (event.id, event.extra["count"]) == (id, 1)
            break


async def test_a_job_that_comes_back_goes_on_and_an_old_one_does_nothing(fediverse: Fediverse) -> None:
    eve = fediverse.actor("eve", "far.test")
    root = fediverse.note(eve)
    replies = [answer(fediverse, eve, root["id"]) for _ in range(3)]
    id = await opened(fediverse, listed(fediverse, root, [[one["id"] for one in replies]]))
    server = fediverse.world.server
    await remote_of(server).take_note(read_note(replies[0]), reason=Reason.CONTEXT, thorough=False)
    async with server.write() as tx:
        assert await thread_fetches.begin(tx, id, "word")
    await whole_threads.fetch_thread(server, FetchThread(status_id=id, token="another"))
    assert root["id"] not in fediverse.http.asked
    for _ in range(2):
        await whole_threads.fetch_thread(server, FetchThread(status_id=id, token="word"))
    async with server.read() as tx:
        fetch = await thread_fetches.of(tx, id)
    assert fetch is not None
    assert (fetch.running(server.clock.now()), fetch.found) == (False, 2)
    assert fediverse.http.asked.count(root["id"]) == 1


async def test_one_person_cannot_have_threads_read_without_end(fediverse: Fediverse) -> None:
    eve = fediverse.actor("eve", "far.test")
    ids = [await opened(fediverse, fediverse.note(eve)) for _ in range(21)]
    client = await reader(fediverse)
    fediverse.world.clock.forward(minutes=6)
    begun = []
    for id in ids:
        begun.append("mastodon-async-refresh" in (await context(client, id)).headers)
    assert begun == [True] * 20 + [False]
    await fediverse.world.settle()
