"""Follows that end with the block of a server are told in one notification."""

from __future__ import annotations

import pytest

from dassie.domain.jobs import CutTies
from dassie.services import severing
from entities_check import check_entity, needs_definitions
from people import befriend, run, stranger, waiting
from worlds import World

SUPPORTED = {"supported_types": ["severed_relationships"]}


async def lose(world: World, account_id: int, domain: str, followers: int, following: int) -> None:
    async with world.server.write() as tx:
        await severing.tell(tx, world.server, account_id, domain, followers=followers, following=following)  # type: ignore[arg-type]


@needs_definitions
async def test_what_ended_is_told_with_its_numbers(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    api = await world.api_as(ana)
    await lose(world, ana.id, "else.test", 0, 0)
    assert (await api.get("/api/v1/notifications")).json == []
    await lose(world, ana.id, "else.test", 2, 1)
    await lose(world, ana.id, "else.test", 1, 3)
    await lose(world, ana.id, "far.test", 1, 0)
    got = (await api.get("/api/v1/notifications", **SUPPORTED)).json
    assert check_entity("List<Notification>", got) == []
    told = [
        (one["event"]["target_name"], one["event"]["followers_count"], one["event"]["following_count"]) for one in got
    ]
    assert told == [("far.test", 1, 0), ("else.test", 3, 4)]
    assert got[0]["account"]["id"] == str(ana.id)
    assert "fallback" not in got[0]
    world.clock.forward(hours=1)
    await lose(world, ana.id, "else.test", 1, 1)
    assert len((await api.get("/api/v1/notifications")).json) == 3
    await api.post("/api/v1/notifications/clear")
    await lose(world, ana.id, "else.test", 1, 1)
    assert (await api.get("/api/v1/notifications")).json[0]["event"]["followers_count"] == 1


@needs_definitions
@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_apps_that_do_not_know_it_get_words(idle_world: World, version: str) -> None:
    world = idle_world
    ana = await world.account("ana")
    api = await world.api_as(ana)
    await lose(world, ana.id, "else.test", 2, 1)
    path = f"/api/{version}/notifications"
    listed = (await api.get(path)).json
    one = listed[0] if version == "v1" else listed["notification_groups"][0]
    assert check_entity("Notification" if version == "v1" else "NotificationGroup", one) == []
    assert one["fallback"] == {"title": "You lost followers or follows", "summary": None, "description": None}
    assert one["event"]["type"] == "user_domain_block"
    alone = (await api.get(f"{path}/{one['id'] if version == 'v1' else one['group_key']}", **SUPPORTED)).json
    shown = alone if version == "v1" else alone["notification_groups"][0]
    assert "fallback" not in shown
    assert shown["event"] == one["event"]


async def test_blocking_a_server_tells_what_was_lost(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    api = await world.api_as(ana)
    people = [await stranger(world, name) for name in ("eve", "mal", "zoe")]
    other = await stranger(world, "bea", "far.test")
    for follower in (*people, other):
        await befriend(world, follower, ana)
    for followed in (people[0], other):
        await befriend(world, ana, followed)
    await api.post("/api/v1/notifications/clear")
    assert (await api.post("/api/v1/domain_blocks", domain="else.test")).code == 200
    [cut] = await waiting(world, CutTies)
    await run(world, cut)
    await run(world, cut)
    [told] = (await api.get("/api/v1/notifications")).json
    assert told["type"] == "severed_relationships"
    event = told["event"]
    assert (event["target_name"], event["followers_count"], event["following_count"]) == ("else.test", 3, 1)
