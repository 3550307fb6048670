"""Scheduled statuses: kept, moved, cancelled, and posted once when their time comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dassie.domain.jobs import PostScheduled
from dassie.services import deleting_accounts, scheduling, uploading
from dassie.store import logins
from entities_check import check_entity, needs_definitions
from people import run, waiting
from strangers import waiting_jobs
from test_media import uploaded
from worlds import Client, World


def later(world: World, **by: float) -> str:
    return (world.clock.now() + timedelta(**by)).isoformat()


async def posts(client: Client, account_id: int) -> list[Any]:
    found: list[Any] = (await client.get(f"/api/v1/accounts/{account_id}/statuses")).json
    return found


async def test_a_scheduled_post_appears_at_its_second_and_once(world: World) -> None:
    ana = await world.account("ana")
    client = await world.api_as(ana)
    at = world.clock.now() + timedelta(minutes=6)
    got = await client.post(
        "/api/v1/statuses", status="morning", visibility="unlisted", spoiler_text="early", scheduled_at=at.isoformat()
    )
    assert got.code == 200
    assert datetime.fromisoformat(got.json["scheduled_at"]) == at.replace(microsecond=at.microsecond // 1000 * 1000)
    (job,) = await waiting_jobs(world, "PostScheduled")
    assert abs(job["run_at"] - at) < timedelta(milliseconds=2)
    assert await posts(client, ana.id) == []
    (kept,) = await waiting(world, PostScheduled)
    world.clock.forward(minutes=6)
    await run(world, kept)
    await run(world, kept)
    (posted,) = await posts(client, ana.id)
    assert (posted["visibility"], posted["spoiler_text"]) == ("unlisted", "early")
    assert "morning" in posted["content"]
    assert (await client.get("/api/v1/scheduled_statuses")).json == []
    assert (await client.get(f"/api/v1/scheduled_statuses/{got.json['id']}")).code == 404


async def test_the_worker_posts_it_when_it_is_due(world: World) -> None:
    ana = await world.account("ana")
    client = await world.api_as(ana)
    await client.post("/api/v1/statuses", status="by itself", scheduled_at=later(world, minutes=10))
    world.clock.forward(minutes=10)
    async with world.server.write() as tx:
        tx.notify_queue(None)  # the clock of this test jumped; a real one is waited for
    for _ in range(200):
        if await posts(client, ana.id):
            break
        await world.settle()
    assert len(await posts(client, ana.id)) == 1


@needs_definitions
async def test_it_looks_as_the_api_says(idle_world: World) -> None:
    client = await idle_world.api_as(await idle_world.account("ana"))
    got = await client.post(
        "/api/v1/statuses",
        json={
            "status": "which?",
            "poll": {"options": ["a", "b"], "expires_in": 3600},
            "scheduled_at": later(idle_world, hours=1),
        },
    )
    assert check_entity("ScheduledStatus", got.json) == []
    plain = await client.post(
        "/api/v1/statuses", status="plain", language="de", scheduled_at=later(idle_world, hours=1)
    )
    assert check_entity("ScheduledStatus", plain.json) == []
    assert (plain.json["params"]["language"], plain.json["params"]["quote_approval_policy"]) == ("de", "public")
    listed = await client.get("/api/v1/scheduled_statuses", limit=1)
    assert [one["id"] for one in listed.json] == [plain.json["id"]]
    assert 'rel="next"' in listed.headers["link"]


async def test_too_soon_is_refused_and_the_past_posts_at_once(idle_world: World) -> None:
    client = await idle_world.api_as(await idle_world.account("ana"))
    got = await client.post("/api/v1/statuses", status="x", scheduled_at=later(idle_world, minutes=4))
    assert got.code == 422
    assert "must be in the future" in got.json["error"]
    now = await client.post("/api/v1/statuses", status="x", scheduled_at=later(idle_world, minutes=-4))
    assert "content" in now.json
    strange = await client.post("/api/v1/statuses", status="x", scheduled_at="0001-01-01T00:00:00+14:00")
    assert strange.code == 422
    empty = await client.post("/api/v1/statuses", status=" ", scheduled_at=later(idle_world, minutes=40))
    assert empty.code == 422
    lost = await client.post(
        "/api/v1/statuses", status="x", in_reply_to_id="9", scheduled_at=later(idle_world, minutes=40)
    )
    assert lost.code == 404


async def test_the_same_key_schedules_once(idle_world: World) -> None:
    client = await idle_world.api_as(await idle_world.account("ana"))
    body = f'{{"status": "x", "scheduled_at": "{later(idle_world, hours=1)}"}}'.encode()
    headers = {"content-type": "application/json", "idempotency-key": "k"}
    first, second = [await client.request("POST", "/api/v1/statuses", body, headers) for _ in range(2)]
    assert first.json["id"] == second.json["id"]
    assert len((await client.get("/api/v1/scheduled_statuses")).json) == 1


async def test_there_are_limits_for_a_day_and_in_all(idle_world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(scheduling, "MOST_A_DAY", 2)
    monkeypatch.setattr(scheduling, "MOST", 3)
    client = await idle_world.api_as(await idle_world.account("ana"))
    day = (idle_world.clock.now() + timedelta(days=2)).replace(hour=12)

    async def schedule(at: datetime) -> int:
        return (await client.post("/api/v1/statuses", status="x", scheduled_at=at.isoformat())).code

    assert [await schedule(day), await schedule(day), await schedule(day)] == [200, 200, 422]
    assert await schedule(day + timedelta(days=1)) == 200
    assert await schedule(day + timedelta(days=2)) == 422


async def test_it_can_be_moved_and_cancelled_by_its_author_alone(idle_world: World) -> None:
    world = idle_world
    ana, ben = await world.account("ana"), await world.account("ben")
    client, other = await world.api_as(ana), await world.api_as(ben)
    path = "/api/v1/scheduled_statuses/" + str(
        (await client.post("/api/v1/statuses", status="x", scheduled_at=later(world, hours=1))).json["id"]
    )
    for got in (
        await other.get(path),
        await other.put(path, scheduled_at=later(world, hours=2)),
        await other.delete(path),
    ):
        assert got.code == 404
    (old,) = await waiting(world, PostScheduled)
    moved = await client.put(path, scheduled_at=later(world, hours=2))
    assert moved.code == 200
    assert (await client.put(path, scheduled_at=later(world, minutes=1))).code == 422
    world.clock.forward(hours=1)
    await run(world, old)
    assert await posts(client, ana.id) == []
    assert (await client.delete(path)).json == {}
    world.clock.forward(hours=1)
    for job in await waiting(world, PostScheduled):
        await run(world, job)
    assert await posts(client, ana.id) == []


async def test_files_are_held_until_then(world: World) -> None:
    ana = await world.account("ana")
    client = await world.api_as(ana)
    file = (await uploaded(client))["id"]
    got = await client.post("/api/v1/statuses", json={"media_ids": [file], "scheduled_at": later(world, days=3)})
    assert [one["id"] for one in got.json["media_attachments"]] == [file]
    assert got.json["params"]["media_ids"] == [file]
    taken = await client.post("/api/v1/statuses", json={"media_ids": [file], "status": "mine"})
    assert taken.code == 422
    assert (await client.delete(f"/api/v1/media/{file}")).code == 422
    world.clock.forward(days=2)
    await uploading.clean_loose_uploads(world.server)
    (job,) = await waiting(world, PostScheduled)
    world.clock.forward(days=1, seconds=1)
    await run(world, job)
    (posted,) = await posts(client, ana.id)
    assert [one["id"] for one in posted["media_attachments"]] == [file]


async def test_files_of_what_is_cancelled_are_free_again(world: World) -> None:
    client = await world.api_as(await world.account("ana"))
    file = (await uploaded(client))["id"]
    got = await client.post("/api/v1/statuses", json={"media_ids": [file], "scheduled_at": later(world, days=3)})
    await client.delete(f"/api/v1/scheduled_statuses/{got.json['id']}")
    posted = await client.post("/api/v1/statuses", json={"media_ids": [file]})
    assert [one["id"] for one in posted.json["media_attachments"]] == [file]


async def test_what_cannot_be_posted_any_more_is_kept_with_the_reason(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    client = await world.api_as(ana)
    parent = (await client.post("/api/v1/statuses", status="first")).json["id"]
    got = await client.post(
        "/api/v1/statuses", status="answer", in_reply_to_id=parent, scheduled_at=later(world, hours=1)
    )
    await client.delete(f"/api/v1/statuses/{parent}")
    (job,) = await waiting(world, PostScheduled)
    world.clock.forward(hours=1, seconds=1)
    await run(world, job)
    assert await posts(client, ana.id) == []
    async with world.server.read() as tx:
        one = await scheduling.mine(tx, ana, int(got.json["id"]))
    assert one.error == "The post you are trying to reply to does not appear to exist."
    assert (await client.get(f"/api/v1/scheduled_statuses/{one.id}")).code == 200
    assert (await client.put(f"/api/v1/scheduled_statuses/{one.id}", scheduled_at=later(world, hours=1))).code == 200


async def test_a_disabled_login_posts_nothing(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    client = await world.api_as(ana)
    await client.post("/api/v1/statuses", status="x", scheduled_at=later(world, hours=1))
    async with world.server.write() as tx:
        user = await logins.user_of(tx, ana.id)
        assert user is not None
        await logins.set_disabled(tx, user.id, True)
    (job,) = await waiting(world, PostScheduled)
    world.clock.forward(hours=1, seconds=1)
    await run(world, job)
    assert await posts(Client(world.app), ana.id) == []


async def test_a_deleted_account_leaves_no_plans(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    client = await world.api_as(ana)
    await client.post("/api/v1/statuses", status="secret", scheduled_at=later(world, hours=1))
    async with world.server.write() as tx:
        await deleting_accounts.delete_account(tx, world.server, ana)
    from dassie.store import scheduled

    async with world.server.read() as tx:
        assert await scheduled.count(tx, ana.id) == 0
