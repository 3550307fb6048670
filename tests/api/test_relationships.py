"""Following, blocking, muting and noting by the API."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from dassie.domain.jobs import Tell
from people import befriend, stranger, waiting, write
from worlds import World

FIELDS = {
    "id",
    "following",
    "showing_reblogs",
    "notifying",
    "languages",
    "followed_by",
    "blocking",
    "blocked_by",
    "muting",
    "muting_notifications",
    "muting_expires_at",
    "requested",
    "requested_by",
    "domain_blocking",
    "endorsed",
    "note",
}


async def test_follow_answers_with_the_relationship_and_keeps_options(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    api = await world.api_as(ana)
    got = await api.post(f"/api/v1/accounts/{ben.id}/follow", reblogs=False, languages=["en", "eo-XX"])
    assert got.code == 200
    assert set(got.json) == FIELDS
    assert (got.json["following"], got.json["showing_reblogs"], got.json["languages"]) == (True, False, ["en", "eo"])
    got = await api.post(f"/api/v1/accounts/{ben.id}/follow", json={"notify": True})
    assert (got.json["notifying"], got.json["showing_reblogs"], got.json["languages"]) == (True, False, ["en", "eo"])
    got = await api.post(f"/api/v1/accounts/{ben.id}/follow", json={"languages": []})
    assert got.json["languages"] is None
    got = await api.post(f"/api/v1/accounts/{ben.id}/unfollow")
    assert got.json["following"] is False


async def test_following_elsewhere_is_a_request_until_accepted_though_the_answer_is_hopeful(idle_world: World) -> None:
    world = idle_world
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    api = await world.api_as(ana)
    got = await api.post(f"/api/v1/accounts/{eve.id}/follow", notify=True)
    assert (got.json["following"], got.json["requested"], got.json["notifying"]) == (True, False, True)
    (stands,) = (await api.get("/api/v1/accounts/relationships", id=[eve.id])).json
    assert (stands["following"], stands["requested"]) == (False, True)
    lea = await stranger(world, "lea", locked=True)
    got = await api.post(f"/api/v1/accounts/{lea.id}/follow")
    assert (got.json["following"], got.json["requested"]) == (False, True)
    await api.post(f"/api/v1/accounts/{lea.id}/unfollow")
    got = await api.post(f"/api/v1/accounts/{eve.id}/unfollow")
    assert got.json["requested"] is False
    assert sorted(job.what for job in await waiting(world, Tell)) == ["follow", "follow", "undo_follow", "undo_follow"]


async def test_what_cannot_be_followed_is_refused(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    api = await world.api_as(ana)
    assert (await api.post(f"/api/v1/accounts/{ana.id}/follow")).code == 403
    assert (await api.post("/api/v1/accounts/77/follow")).code == 404
    assert (await api.post(f"/api/v1/accounts/{ben.id}/follow", languages=["klingon"])).code == 422
    reader = await world.api_as(ana, "read")
    got = await reader.post(f"/api/v1/accounts/{ben.id}/follow")
    assert (got.code, got.json["error"]) == (403, "This action is outside the authorized scopes")
    assert (await (await world.api_as()).post(f"/api/v1/accounts/{ben.id}/follow")).code == 401


async def test_a_follower_is_removed(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    await befriend(world, ben, ana)
    api = await world.api_as(ana)
    got = await api.post(f"/api/v1/accounts/{ben.id}/remove_from_followers")
    assert (got.code, got.json["followed_by"]) == (200, False)
    assert (await api.get(f"/api/v1/accounts/{ana.id}")).json["followers_count"] == 0


async def test_blocks_are_made_listed_and_lifted(world: World) -> None:
    ana, ben, cem = [await world.account(name) for name in ("ana", "ben", "cem")]
    api = await world.api_as(ana)
    for one in (ben, cem):
        got = await api.post(f"/api/v1/accounts/{one.id}/block")
        assert (got.code, got.json["blocking"]) == (200, True)
    listed = await api.get("/api/v1/blocks", limit=1)
    assert [one["username"] for one in listed.json] == ["cem"]
    older = listed.headers["link"].partition("max_id=")[2].partition(">")[0]
    assert [one["username"] for one in (await api.get("/api/v1/blocks", max_id=older)).json] == ["ben"]
    got = await (await world.api_as(ben)).get("/api/v1/accounts/relationships", id=[ana.id])
    assert got.json[0]["blocked_by"] is True
    assert (await api.post(f"/api/v1/accounts/{cem.id}/unblock")).json["blocking"] is False
    assert [one["username"] for one in (await api.get("/api/v1/blocks")).json] == ["ben"]


async def test_a_mute_has_an_end_that_is_shown(world: World) -> None:
    ana, ben, cem = [await world.account(name) for name in ("ana", "ben", "cem")]
    api = await world.api_as(ana)
    got = await api.post(f"/api/v1/accounts/{ben.id}/mute", notifications=False, duration=3600)
    assert (got.json["muting"], got.json["muting_notifications"]) == (True, False)
    ends = datetime.fromisoformat(got.json["muting_expires_at"])
    assert timedelta(minutes=59) < ends - world.clock.now() < timedelta(minutes=61)
    got = await api.post(f"/api/v1/accounts/{cem.id}/mute")
    assert (got.json["muting_notifications"], got.json["muting_expires_at"]) == (True, None)
    listed = (await api.get("/api/v1/mutes")).json
    assert [(one["username"], one["mute_expires_at"] is None) for one in listed] == [("cem", True), ("ben", False)]
    world.clock.forward(hours=2)
    got = await api.get("/api/v1/accounts/relationships", id=[ben.id])
    assert (got.json[0]["muting"], got.json[0]["muting_expires_at"]) == (False, None)
    assert [one["username"] for one in (await api.get("/api/v1/mutes")).json] == ["cem"]
    assert (await api.post(f"/api/v1/accounts/{cem.id}/unmute")).json["muting"] is False
    assert (await api.post(f"/api/v1/accounts/{ana.id}/mute")).code == 403
    assert (await api.post(f"/api/v1/accounts/{ben.id}/mute", duration="soon")).code == 422


async def test_a_note_is_seen_by_its_writer_alone(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    api = await world.api_as(ana)
    got = await api.post(f"/api/v1/accounts/{ben.id}/note", comment="met at the fair")
    assert (got.code, got.json["note"]) == (200, "met at the fair")
    got = await (await world.api_as(ben)).get("/api/v1/accounts/relationships", id=[ana.id])
    assert got.json[0]["note"] == ""
    assert (await api.post(f"/api/v1/accounts/{ben.id}/note", comment="x" * 2001)).code == 422
    assert (await api.post(f"/api/v1/accounts/{ben.id}/note", comment="")).json["note"] == ""


async def test_a_follow_fills_the_home_timeline_and_an_unfollow_empties_it(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    id = await write(world, ben, "before you came")
    api = await world.api_as(ana)
    await api.post(f"/api/v1/accounts/{ben.id}/follow")
    await world.settle()
    assert [one["id"] for one in (await api.get("/api/v1/timelines/home")).json] == [str(id)]
    await api.post(f"/api/v1/accounts/{ben.id}/unfollow")
    assert (await api.get("/api/v1/timelines/home")).json == []


async def test_people_who_follow_each_other_at_the_same_moment_do_not_wait_for_each_other(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    first, second = await world.api_as(ana), await world.api_as(ben)
    for verb in ("follow", "unfollow") * 5:
        got = await asyncio.gather(
            first.post(f"/api/v1/accounts/{ben.id}/{verb}"), second.post(f"/api/v1/accounts/{ana.id}/{verb}")
        )
        assert [one.code for one in got] == [200, 200]
    await asyncio.gather(*(first.post(f"/api/v1/accounts/{ben.id}/follow") for _ in range(5)))
    assert (await first.get(f"/api/v1/accounts/{ben.id}")).json["followers_count"] == 1
    assert [one["type"] for one in (await second.get("/api/v1/notifications")).json] == ["follow"]


async def test_the_bell_rings_for_posts_and_what_is_added_to_them(world: World) -> None:
    ana, ben = await world.account("ana"), await world.account("ben")
    as_ana, as_ben = await world.api_as(ana), await world.api_as(ben)
    await as_ana.post(f"/api/v1/accounts/{ben.id}/follow", notify=True, languages=["en"])
    first = (await as_ben.post("/api/v1/statuses", status="one", language="en")).json["id"]
    more = (await as_ben.post("/api/v1/statuses", status="two", language="en", in_reply_to_id=first)).json["id"]
    await as_ben.post("/api/v1/statuses", status="drei", language="de")
    other = (await as_ana.post("/api/v1/statuses", status="mine")).json["id"]
    await as_ben.post("/api/v1/statuses", status="an answer", in_reply_to_id=other)
    told = (await as_ana.get("/api/v1/notifications", types=["status"])).json
    assert [one["status"]["id"] for one in told] == [more, first]
