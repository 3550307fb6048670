"""Servers that this one keeps away: what is refused, hidden, limited, and what comes back."""

from __future__ import annotations

import pytest

from dassie.domain.errors import Invalid, NotAllowed
from dassie.domain.jobs import Deliver
from dassie.domain.paging import Page
from dassie.domain.server_blocks import obfuscated
from dassie.services import blocking_servers, notifying
from dassie.store import follows, reports, server_blocks
from fediverse import Fediverse
from following_here import pair, status, the_account, write


async def block(fediverse: Fediverse, domain: str = "there.test", severity: str = "suspend", **more: bool) -> None:
    async with fediverse.world.server.write() as tx:
        await blocking_servers.block(tx, fediverse.world.server, domain, severity, **more)  # type: ignore[arg-type]
    await fediverse.world.settle()


async def lift(fediverse: Fediverse, domain: str = "there.test") -> None:
    async with fediverse.world.server.write() as tx:
        await blocking_servers.lift(tx, fediverse.world.server, domain)
    await fediverse.world.settle()


async def test_nothing_is_taken_from_or_sent_to_a_suspended_server(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    theirs = await the_account(fediverse, bob.uri)
    async with fediverse.world.server.write() as tx:
        await notifying.notify(tx, fediverse.world.server, ana.id, "follow_request", theirs.id)
    await block(fediverse)
    fediverse.http.posted.clear()
    note = fediverse.note(bob)
    assert (await fediverse.send(bob, fediverse.create(bob, note))).code == 403
    assert await status(fediverse, note["id"]) is None
    async with fediverse.world.server.read() as tx:
        assert not await follows.following(tx, ana.id, theirs.id)
    await write(fediverse, ana)
    await fediverse.world.settle()
    assert fediverse.http.posted == []
    with pytest.raises(NotAllowed):
        await fediverse.world.server.remote.account(fediverse.actor("cleo").uri)
    api = await fediverse.world.api_as(ana)
    [told] = (await api.get("/api/v1/notifications")).json
    assert (await api.get("/api/v1/notifications/unread_count")).json == {"count": 1}
    assert told["type"] == "severed_relationships"
    assert (told["event"]["type"], told["event"]["target_name"], told["event"]["following_count"]) == (
        "domain_block",
        "there.test",
        1,
    )
    assert (await api.get(f"/api/v1/accounts/{theirs.id}")).json["suspended"] is True


async def test_what_was_hidden_is_seen_again_but_follows_do_not_come_back(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    note = fediverse.note(bob)
    await fediverse.send(bob, fediverse.create(bob, note))
    await fediverse.world.settle()
    row = await status(fediverse, note["id"])
    assert row is not None
    api = await fediverse.world.api_as(ana)
    await block(fediverse)
    assert (await api.get(f"/api/v1/statuses/{row.id}")).code == 404
    await lift(fediverse)
    assert (await api.get(f"/api/v1/statuses/{row.id}")).code == 200
    theirs = await the_account(fediverse, bob.uri)
    assert theirs.suspended_at is None
    async with fediverse.world.server.read() as tx:
        assert not await follows.following(tx, ana.id, theirs.id)
    fediverse.world.clock.forward(seconds=5)
    private = fediverse.note(bob, to=[ana.uri], cc=[])
    assert (await fediverse.send(bob, fediverse.create(bob, private))).code == 202


async def test_servers_below_a_domain_are_meant_too(fediverse: Fediverse) -> None:
    eve = fediverse.actor("eve", "deep.there.test")
    other = fediverse.actor("eve", "notthere.test")
    for one in (eve, other):
        await fediverse.world.server.remote.account(one.uri)
    await block(fediverse)
    assert (await the_account(fediverse, eve.uri)).suspended_at is not None
    assert (await the_account(fediverse, other.uri)).suspended_at is None
    await block(fediverse, "deep.there.test", "silence")
    await lift(fediverse)
    known = await the_account(fediverse, eve.uri)
    assert (known.suspended_at, known.silenced_at is not None) == (None, True)


async def test_people_of_a_limited_server_are_limited_also_those_who_come_later(fediverse: Fediverse) -> None:
    ana, bob = await pair(fediverse)
    await block(fediverse, severity="silence")
    later = fediverse.actor("cleo")
    await fediverse.world.server.remote.account(later.uri)
    for uri in (bob.uri, later.uri):
        assert (await the_account(fediverse, uri)).silenced_at is not None
    note = fediverse.note(bob)
    assert (await fediverse.send(bob, fediverse.create(bob, note))).code == 202
    await fediverse.world.settle()
    row = await status(fediverse, note["id"])
    assert row is not None
    stranger = await fediverse.world.api_as(await fediverse.world.account("zoe"))
    assert (await stranger.get("/api/v1/timelines/public")).json == []
    home = (await (await fediverse.world.api_as(ana)).get("/api/v1/timelines/home")).json
    assert [one["id"] for one in home] == [str(row.id)]
    await block(fediverse, severity="suspend")
    assert (await the_account(fediverse, bob.uri)).suspended_at is not None
    assert (await the_account(fediverse, bob.uri)).silenced_at is None
    await block(fediverse, severity="noop")
    assert (await the_account(fediverse, bob.uri)).suspended_at is None


async def test_an_account_that_was_suspended_for_itself_stays_so(fediverse: Fediverse) -> None:
    _, bob = await pair(fediverse)
    theirs = await the_account(fediverse, bob.uri)
    async with fediverse.world.server.write() as tx:
        await server_blocks.set_mark(tx, [theirs.id], "suspended_at", tx.now)
    fediverse.world.clock.forward(seconds=1)  # what a block marked is known by its moment
    await block(fediverse)
    await lift(fediverse)
    assert (await the_account(fediverse, bob.uri)).suspended_at is not None


async def test_reports_of_a_server_can_be_dropped(fediverse: Fediverse) -> None:
    ana = await fediverse.world.account("ana")
    there = fediverse.actor("there.test", type="Application")
    await block(fediverse, severity="noop", reject_reports=True)
    flag = {"id": f"{there.uri}#1", "type": "Flag", "actor": there.uri, "object": ana.uri}
    assert (await fediverse.send(there, flag)).code == 202
    await fediverse.world.settle()
    async with fediverse.world.server.read() as tx:
        assert await reports.newest(tx, Page(limit=5), opened=True) == []


@pytest.mark.parametrize("name", ["here.test", "test", "no name", "", "-.-"])
async def test_this_server_and_nonsense_cannot_be_blocked(fediverse: Fediverse, name: str) -> None:
    async with fediverse.world.server.write() as tx:
        with pytest.raises(Invalid):
            await blocking_servers.block(tx, fediverse.world.server, name, "suspend")


def test_hidden_letters_leave_both_ends_and_the_dots() -> None:
    assert obfuscated("example.org") == "exa****.*rg"
    assert Deliver.__name__
