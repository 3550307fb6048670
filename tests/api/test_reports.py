"""Reporting somebody: who is told here, and there."""

from __future__ import annotations

import msgspec
import pytest

from dassie.domain.jobs import ForwardReport
from dassie.domain.settings import InstanceSettings, Rule
from dassie.services import blocking
from dassie.store import audit, settings, statuses
from entities_check import check_entity, needs_definitions
from people import befriend, curated, stranger, waiting, write
from worlds import World

SUPPORTED = {"supported_types": ["admin.report"]}


@needs_definitions
async def test_a_report_reaches_those_who_look_after_the_server(idle_world: World) -> None:
    world = idle_world
    owner = await world.account("owner", role="Owner")
    helper = await world.account("helper", role="Moderator")
    ana, bob = await world.account("ana"), await world.account("bob")
    post = await write(world, bob, "buy this")
    api = await world.api_as(ana)
    got = await api.post("/api/v1/reports", account_id=bob.id, status_ids=[post], comment=" rude ", category="spam")
    assert got.code == 200, got.text
    assert check_entity("Report", got.json) == []
    shown = got.json
    assert (shown["comment"], shown["category"], shown["action_taken"]) == ("rude", "spam", False)
    assert (shown["status_ids"], shown["rule_ids"], shown["forwarded"]) == ([str(post)], None, False)
    assert shown["target_account"]["id"] == str(bob.id)
    for one in (owner, helper):
        told = (await (await world.api_as(one)).get("/api/v1/notifications", **SUPPORTED)).json
        assert check_entity("List<Notification>", told) == []
        assert [(n["type"], n["account"]["id"], n["report"]["id"]) for n in told] == [
            ("admin.report", str(ana.id), shown["id"])
        ]
        assert "fallback" not in told[0]
        grouped = (await (await world.api_as(one)).get("/api/v2/notifications")).json["notification_groups"]
        assert check_entity("List<NotificationGroup>", grouped) == []
        assert grouped[0]["report"]["id"] == shown["id"]
        assert grouped[0]["fallback"]["title"] == "ana filed a report"
    for one in (ana, bob):
        assert (await (await world.api_as(one)).get("/api/v1/notifications")).json == []
    async with world.server.read() as tx:
        assert next(entry.action for entry in await audit.newest(tx, 5)) == "report.filed"


async def test_a_second_report_about_the_same_person_does_not_ring_again(idle_world: World) -> None:
    world = idle_world
    owner, ana, bob = await world.account("owner", role="Owner"), await world.account("ana"), await world.account("bob")
    for _ in range(2):
        assert (await (await world.api_as(ana)).post("/api/v1/reports", account_id=bob.id)).code == 200
    assert len((await (await world.api_as(owner)).get("/api/v1/notifications")).json) == 1


async def test_rules_make_it_a_violation(idle_world: World) -> None:
    world = idle_world
    ana, bob = await world.account("ana"), await world.account("bob")
    async with world.server.write() as tx:
        await settings.save_instance(tx, InstanceSettings(rules=[Rule(7, "Be kind")]))
    api = await world.api_as(ana)
    got = await api.post("/api/v1/reports", account_id=bob.id, rule_ids=["7"], category="spam")
    assert (got.json["category"], got.json["rule_ids"]) == ("violation", ["7"])
    assert (await api.post("/api/v1/reports", account_id=bob.id, rule_ids=["8"])).code == 422


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, 422),
        ({"account_id": "1"}, 404),
        ({"account_id": "bob", "comment": "x" * 1001}, 422),
        ({"account_id": "bob", "category": "dull"}, 422),
        ({"account_id": "bob", "status_ids": ["private"]}, 404),
        ({"account_id": "bob", "status_ids": ["mine"]}, 404),
    ],
)
async def test_what_is_wrong_is_refused(idle_world: World, sent: dict[str, object], code: int) -> None:
    world = idle_world
    ana, bob = await world.account("ana"), await world.account("bob")
    hidden, own = await write(world, bob, visibility="private"), await write(world, ana)
    known = {"bob": str(bob.id), "private": str(hidden), "mine": str(own)}
    given = {
        name: [known[one] for one in value] if isinstance(value, list) else known.get(str(value), value)
        for name, value in sent.items()
    }
    assert (await (await world.api_as(ana)).post("/api/v1/reports", **given)).code == code
    assert (await (await world.api_as(None)).post("/api/v1/reports", account_id=bob.id)).code == 401
    assert (await (await world.api_as(ana, "read")).post("/api/v1/reports", account_id=bob.id)).code == 403


async def test_collections_of_the_account_can_be_the_matter(idle_world: World) -> None:
    world = idle_world
    ana, bob, eve = await world.account("ana"), await world.account("bob"), await world.account("eve")
    theirs, other = await curated(world, bob), await curated(world, eve)
    hidden = await curated(world, bob, discoverable=False)
    api = await world.api_as(ana)
    got = await api.post("/api/v1/reports", account_id=bob.id, collection_ids=[theirs, hidden, theirs])
    assert got.code == 200, got.text
    assert (got.json["collection_ids"], got.json["status_ids"]) == ([str(theirs), str(hidden)], [])
    none = await api.post("/api/v1/reports", account_id=bob.id)
    assert none.json["collection_ids"] == []
    for wrong in (other, 1):
        assert (await api.post("/api/v1/reports", account_id=bob.id, collection_ids=[theirs, wrong])).code == 404
    many = [str(number) for number in range(1, 22)]
    assert (await api.post("/api/v1/reports", account_id=bob.id, collection_ids=many)).code == 422
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, bob, ana)
    assert (await api.post("/api/v1/reports", account_id=bob.id, collection_ids=[theirs])).code == 404


async def test_forwarding_tells_their_server_and_those_they_answered(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    bob, eve = await stranger(world, "bob"), await stranger(world, "eve", "far.test")
    asked = await write(world, eve)
    async with world.server.read() as tx:
        parent = await statuses.by_id(tx, asked)
    post = await write(world, bob, in_reply_to=parent)
    api = await world.api_as(ana)
    await api.post("/api/v1/reports", account_id=bob.id, status_ids=[post])
    assert await waiting(world, ForwardReport) == []
    got = (await api.post("/api/v1/reports", account_id=bob.id, status_ids=[post], forward=True)).json
    assert got["forwarded"] is True
    assert await waiting(world, ForwardReport) == [ForwardReport(int(got["id"]), [bob.id])]
    domains = ["far.test", "unasked.test"]
    got = (
        await api.post(
            "/api/v1/reports", account_id=bob.id, status_ids=[post], forward=True, forward_to_domains=domains
        )
    ).json
    assert got["forwarded"] is False
    assert ForwardReport(int(got["id"]), [eve.id]) in await waiting(world, ForwardReport)


async def test_a_report_can_be_of_a_post_for_followers(idle_world: World) -> None:
    world = idle_world
    ana, bob = await world.account("ana"), await world.account("bob")
    await befriend(world, ana, bob)
    post = await write(world, bob, visibility="private")
    got = await (await world.api_as(ana)).post(
        "/api/v1/reports", json={"account_id": str(bob.id), "status_ids": [post]}
    )
    assert msgspec.json.decode(got.body)["status_ids"] == [str(post)]
