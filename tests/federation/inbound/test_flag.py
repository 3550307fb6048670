"""Reports from and to other servers."""

from __future__ import annotations

from typing import Any

from dassie.domain.ids import new_id
from dassie.domain.paging import Page
from dassie.domain.reports import Report
from dassie.services import reporting
from dassie.services.reporting import Complaint
from dassie.store import accounts, collections, reports
from dassie.store.collections import Collection
from dassie.store.views import AccountView
from fediverse import Actor, Fediverse
from following_here import the_account, write
from people import curated


def flag(by: Actor, objects: Any, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{by.uri}#reports/{number}",
        "type": "Flag",
        "actor": by.uri,
        "content": "Look at this",
        "object": objects,
    } | more


async def filed(fediverse: Fediverse) -> list[Report]:
    await fediverse.world.settle()
    async with fediverse.world.server.read() as tx:
        return await reports.newest(tx, Page(limit=20), opened=True)


async def notified(fediverse: Fediverse, owner: AccountView) -> int:
    api = await fediverse.world.api_as(owner)
    return len((await api.get("/api/v1/notifications", types=["admin.report"])).json)


async def test_mastodon_reports_an_account_with_posts(fediverse: Fediverse) -> None:
    owner = await fediverse.world.account("owner", role="Owner")
    ana = await fediverse.world.account("ana")
    there = fediverse.actor("there.test", type="Application")
    open_, hidden = await write(fediverse, ana), await write(fediverse, ana, visibility="private")
    said = flag(there, [ana.uri, open_.uri, hidden.uri, "https://else.test/1"])
    for _ in range(2):
        assert (await fediverse.send(there, said)).code == 202
        await fediverse.world.settle()
        fediverse.world.clock.forward(seconds=2)
    found = await filed(fediverse)
    assert [(one.target_account_id, one.status_ids, one.comment) for one in found] == [
        (ana.id, [open_.id], "Look at this")
    ]
    assert found[0].account_id == (await the_account(fediverse, there.uri)).id
    assert await notified(fediverse, owner) == 1


async def test_mastodon_reports_collections(fediverse: Fediverse) -> None:
    world = fediverse.world
    ana, eve = await world.account("ana"), await world.account("eve")
    first, second, other = await curated(world, ana), await curated(world, ana), await curated(world, eve)
    there = fediverse.actor("there.test", type="Application")
    urls = world.server.urls
    named = [urls.curated(ana.id, first), urls.collection_page(second)]
    assert (await fediverse.send(there, flag(there, [ana.uri, *named, "https://else.test/c/1"]))).code == 202
    assert (await fediverse.send(there, flag(there, [urls.curated(eve.id, other)], 2))).code == 202
    found = {one.target_account_id: (one.status_ids, one.collection_ids) for one in await filed(fediverse)}
    assert found == {ana.id: ([], [first, second]), eve.id: ([], [other])}


async def test_pleroma_embeds_what_it_reports(fediverse: Fediverse) -> None:
    ana = await fediverse.world.account("ana")
    there = fediverse.actor("relay", "there.test", type="Application")
    post = await write(fediverse, ana)
    embedded = {"type": "Note", "id": post.uri, "content": "x", "actor": {"id": ana.uri, "type": "Person"}}
    await fediverse.send(there, flag(there, [ana.uri, embedded]))
    assert [(one.target_account_id, one.status_ids) for one in await filed(fediverse)] == [(ana.id, [post.id])]


async def test_misskey_reports_an_account_alone(fediverse: Fediverse) -> None:
    ana = await fediverse.world.account("ana")
    there = fediverse.actor("instance.actor", "there.test", type="Service")
    await fediverse.send(there, flag(there, ana.uri))
    assert [(one.target_account_id, one.status_ids) for one in await filed(fediverse)] == [(ana.id, [])]


async def test_a_report_of_nobody_here_is_dropped(fediverse: Fediverse) -> None:
    await fediverse.world.account("ana")
    there = fediverse.actor("there.test", type="Application")
    await fediverse.send(there, flag(there, ["https://else.test/users/x"]))
    await fediverse.send(there, flag(there, ["https://here.test/users/nobody"], 2))
    assert await filed(fediverse) == []


async def test_one_server_cannot_flood_the_reports(fediverse: Fediverse) -> None:
    ana = await fediverse.world.account("ana")
    there = fediverse.actor("there.test", type="Application")
    id = await fediverse.world.server.remote.account(there.uri)
    async with fediverse.world.server.write() as tx:
        reporter = await accounts.by_id(tx, id)
        assert reporter is not None
        for number in range(100):
            await reporting.receive(tx, fediverse.world.server, reporter, ana, [], "", f"x{number}")
    await fediverse.send(there, flag(there, [ana.uri]))
    async with fediverse.world.server.read() as tx:
        assert await reports.of_last_day(tx, "there.test") == 100
    fediverse.world.clock.forward(hours=25)
    async with fediverse.world.server.read() as tx:
        assert await reports.of_last_day(tx, "there.test") == 0


async def test_a_forwarded_report_is_signed_by_the_server(fediverse: Fediverse) -> None:
    ana = await fediverse.world.account("ana")
    bob = fediverse.actor()
    note = fediverse.note(bob)
    fediverse.http.serve(note)
    status_id = await fediverse.world.server.remote.status(note["id"])
    target = await the_account(fediverse, bob.uri)
    async with fediverse.world.server.write() as tx:
        uri = f"{bob.uri}/collections/1"
        made = Collection(
            new_id(tx.now), target.id, uri, uri, "a", "", None, "", False, False, True, 0, tx.now, tx.now, tx.now
        )
        await collections.insert(tx, made)
        said = Complaint(target.id, "spam again", status_ids=[status_id], collection_ids=[made.id], forward=True)
        await reporting.report(tx, fediverse.world.server, ana, said)
    await fediverse.world.settle()
    [(inbox, sent)] = fediverse.http.posted
    assert inbox == bob.doc["inbox"]
    assert (sent["type"], sent["actor"], sent["content"]) == ("Flag", "https://here.test/actor", "spam again")
    assert sent["object"] == [bob.uri, note["id"], uri]
    assert ana.uri not in str(sent)
