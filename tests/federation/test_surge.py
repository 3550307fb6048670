"""A post of ours goes round the world: its documents come from memory, and are right all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, update

import templates
from dassie.federation.routing import shield_of
from dassie.federation.storms import HOT
from dassie.store import accounts, storms
from dassie.store.tables import statuses
from dassie.store.tx import Statement
from dassie.store.views import AccountView
from others import follows_ours, other, read
from statements import counted, figures
from worlds import Client, World, new_world

_SECRETLY = Statement(
    update(statuses).where(statuses.c.id == bindparam("status_is")).values(content="changed elsewhere", rev=99)
)


@pytest.fixture
async def closed(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """A server that wants to know who reads, and runs no jobs."""
    if not database_url:
        await templates.sqlite_copy(tmp_path / "dassie.db")
    async with new_world(tmp_path, database_url=database_url, run_jobs=False, authorized_fetch=True) as made:
        yield made


async def post(world: World, me: AccountView, text: str, **form: Any) -> tuple[str, str]:
    """(id, path) of a new post."""
    got = await (await world.api_as(me)).post("/api/v1/statuses", status=text, **form)
    assert got.code == 200, got.text
    return got.json["id"], got.json["uri"].removeprefix("https://here.test")


# From memory -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/users/ana",
        "/@ana",
        "/actor",
        "/users/ana/outbox",
        "/users/ana/outbox?page=true",
        "/users/ana/followers",
        "/users/ana/following?page=true",
        "/users/ana/collections/featured",
        "/users/ana/collections/tags",
        "{note}",
        "{note}/activity",
        "{note}/replies",
        "{note}/likes",
        "{note}/shares",
        "/.well-known/webfinger?resource=acct:ana@here.test",
        "/.well-known/nodeinfo",
        "/nodeinfo/2.1",
    ],
)
async def test_a_document_is_asked_of_the_database_once(idle_world: World, path: str) -> None:
    world = idle_world
    _, note = await post(world, await world.account("ana"), "hello")
    path = path.format(note=note)
    first = await read(world, path)
    assert (first.code, first.headers["etag"][0]) == (200, '"')
    with counted() as asked:
        for _ in range(3):
            assert (await read(world, path)).body == first.body
        for given in (first.headers["etag"], f'"x", W/{first.headers["etag"]}', "*"):
            got = await read(world, path, if_none_match=given)
            assert (got.code, got.body, got.headers["etag"]) == (304, b"", first.headers["etag"])
            assert "content-length" not in got.headers
            assert got.headers["cache-control"] == first.headers["cache-control"]
        assert (await read(world, path, if_none_match='"other"')).code == 200
        head = await Client(world.app).request("HEAD", path, headers={"accept": "application/activity+json"})
        assert (head.code, head.body) == (200, b"")
        assert head.headers["content-length"] == str(len(first.body))
    assert asked.count == 0
    assert await figures(world, "surge.") == {"surge.from_memory": 8, "surge.not_modified": 3}


async def test_a_crowd_costs_as_much_as_one(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    (_, one), (_, two) = await post(world, ana, "one"), await post(world, ana, "two")
    with counted() as alone:
        await read(world, one)
    with counted() as together:
        got = await asyncio.gather(*(read(world, two) for _ in range(50)))
    assert {answer.code for answer in got} == {200}
    assert len({answer.body for answer in got}) == 1
    assert together.count == alone.count
    told = await figures(world, "surge.")
    assert told.get("surge.coalesced", 0) + told.get("surge.from_memory", 0) == 49


async def test_browsers_are_sent_to_the_page_all_the_same(idle_world: World) -> None:
    world = idle_world
    _, note = await post(world, await world.account("ana"), "hello")
    await read(world, note)
    got = await read(world, note, accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (got.code, got.headers["location"].startswith("https://here.test/@ana/")) == (302, True)
    assert (await read(world, note)).code == 200


async def test_an_answer_for_one_accept_of_host_meta_is_no_answer_for_another(idle_world: World) -> None:
    as_json = await read(idle_world, "/.well-known/host-meta", accept="application/json")
    as_xml = await read(idle_world, "/.well-known/host-meta", accept="application/xrd+xml")
    assert (as_json.body[:1], as_xml.body[:1]) == (b"{", b"<")


# Right at once ---------------------------------------------------------------------------------------


async def test_an_edited_post_is_new_at_once(world: World) -> None:
    ana = await world.account("ana")
    id, note = await post(world, ana, "before")
    paths = (note, f"{note}/activity", "/users/ana/outbox?page=true")
    for path in paths:
        assert "before" in (await read(world, path)).text
    etag = (await read(world, note)).headers["etag"]
    assert (await (await world.api_as(ana)).put(f"/api/v1/statuses/{id}", status="after")).code == 200
    for path in paths:
        got = await read(world, path, if_none_match=etag)
        assert (got.code, "after" in got.text) == (200, True)


async def test_a_deleted_post_is_gone_at_once(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    id, note = await post(world, ana, "oops")
    boost = await (await world.api_as(ben)).post(f"/api/v1/statuses/{id}/reblog")
    announce = boost.json["uri"].removeprefix("https://here.test")
    await (await world.api_as(ana)).post(f"/api/v1/statuses/{id}/pin")
    etag = (await read(world, note)).headers["etag"]
    assert (await read(world, announce)).code == 200
    for path in ("/users/ana/outbox?page=true", "/users/ana/collections/featured"):
        assert note in (await read(world, path)).text
    assert (await (await world.api_as(ana)).delete(f"/api/v1/statuses/{id}")).code == 200
    assert (await read(world, note, if_none_match=etag)).code == 410
    assert (await read(world, note)).json["type"] == "Tombstone"
    assert (await read(world, f"{note}/replies")).code == 410
    assert (await read(world, announce)).code in (404, 410)
    for path in ("/users/ana/outbox?page=true", "/users/ana/collections/featured"):
        assert note not in (await read(world, path)).text


async def test_a_suspended_author_is_silent_at_once(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    _, note = await post(world, ana, "hello")
    for path in (note, "/users/ana/outbox", "/users/ana"):
        assert (await read(world, path)).code == 200
    async with world.server.write() as tx:
        await accounts.change(tx, ana.id, suspended_at=tx.now)
    assert (await read(world, note)).code in (403, 404)
    assert (await read(world, "/users/ana/outbox")).code == 403
    assert (await read(world, "/users/ana")).json["suspended"] is True
    async with world.server.write() as tx:
        await accounts.change(tx, ana.id, suspended_at=None)
    assert (await read(world, note)).code == 200


async def test_pins_and_answers_and_followers_show_at_once(idle_world: World) -> None:
    world = idle_world
    ana, ben = await world.account("ana"), await world.account("ben")
    bea = await other(world, "bea", "b.test")
    id, note = await post(world, ana, "root")
    paths = ("/users/ana/collections/featured", f"{note}/replies", "/users/ana/followers", f"{note}/likes")
    before = [(await read(world, path)).body for path in paths]
    api = await world.api_as(ana)
    await api.post(f"/api/v1/statuses/{id}/pin")
    await (await world.api_as(ben)).post("/api/v1/statuses", status="@ana well", in_reply_to_id=id)
    await (await world.api_as(ben)).post(f"/api/v1/statuses/{id}/favourite")
    await follows_ours(world, bea, ana)
    after = [(await read(world, path)).body for path in paths]
    assert all(old != new for old, new in zip(before, after, strict=True))
    await api.post(f"/api/v1/statuses/{id}/unpin")
    assert (await read(world, paths[0])).json["totalItems"] == 0


async def test_what_another_process_changed_shows_within_a_second(idle_world: World) -> None:
    world = idle_world
    id, note = await post(world, await world.account("ana"), "hello")
    await read(world, note)
    async with world.server.write() as tx:
        await tx.run(_SECRETLY, status_is=int(id))
    assert "hello" in (await read(world, note)).text
    world.clock.forward(seconds=1.01)
    assert "changed elsewhere" in (await read(world, note)).text


async def test_a_change_that_is_undone_takes_nothing_away(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    await read(world, "/users/ana")
    with pytest.raises(ZeroDivisionError):
        async with world.server.write() as tx:
            await accounts.change(tx, ana.id, display_name="Nobody")
            raise ZeroDivisionError
    with counted() as asked:
        assert (await read(world, "/users/ana")).json["name"] != "Nobody"
    assert asked.count == 0


# Never from memory -----------------------------------------------------------------------------------


async def test_private_posts_are_never_kept(world: World) -> None:
    ana, bea = await world.account("ana"), await other(world, "bea", "b.test")
    await follows_ours(world, bea, ana)
    _, note = await post(world, ana, "for friends", visibility="private")
    for path in (note, f"{note}/activity", f"{note}/replies", f"{note}/likes"):
        readers = [bea if number % 2 else None for number in range(10)]
        got = await asyncio.gather(*(read(world, path, who) for who in readers))
        assert [answer.code for answer in got] == [200 if who else 404 for who in readers]
        assert (await read(world, path)).code == 404
    assert shield_of(world.server).answers.fresh((note, "")) is None


async def test_with_authorised_fetch_nothing_is_kept(closed: World) -> None:
    ana, bea = await closed.account("ana"), await other(closed, "bea", "b.test")
    _, note = await post(closed, ana, "hello")
    for path in ("/users/ana", note, "/users/ana/outbox"):
        got = await read(closed, path, bea)
        assert got.code == 200
        assert (await read(closed, path, bea, if_none_match=got.headers["etag"])).code == 304
        assert (await read(closed, path)).code == 401
    assert shield_of(closed.server).answers.size == 0


async def test_no_public_answer_is_kept_for_what_is_not_there(idle_world: World) -> None:
    for path in ("/users/nobody", "/users/nobody/statuses/1", "/.well-known/webfinger?resource=acct:x@here.test"):
        assert (await read(idle_world, path)).code == 404
    assert shield_of(idle_world.server).answers.size == 0


# The report ------------------------------------------------------------------------------------------


async def test_a_storm_is_told_of_afterwards(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    (id, note), (_, quiet) = await post(world, ana, "famous"), await post(world, ana, "quiet")
    world.clock.forward(seconds=60.1 - world.clock.monotonic() % 60)  # to where a minute begins
    started = world.clock.now()
    for _ in range(HOT + 20):
        await read(world, note)
    for _ in range(5):
        await read(world, quiet)
    async with world.server.write() as tx:
        await world.server.counters.flush(tx)
    async with world.server.read() as tx:
        (storm,) = await storms.hottest(tx, started - timedelta(hours=1))
    assert (storm.id, storm.fetched) == (int(id), HOT + 20)
    assert storm.began <= storm.last <= world.clock.now()
