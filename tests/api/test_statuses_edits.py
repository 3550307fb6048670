"""Editing statuses, and their history."""

from __future__ import annotations

from typing import Any

from strangers import waiting_jobs
from worlds import Client, World


async def posted(api: Client, text: str = "hello", **values: Any) -> Any:
    got = await api.post("/api/v1/statuses", json={"status": text, **values})
    assert got.code == 200, got.text
    return got.json


async def test_an_edit_shows_and_its_history_stays(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    made = await posted(ana, "first #one", spoiler_text="old")
    world.clock.forward(minutes=2)
    got = await ana.put(f"/api/v1/statuses/{made['id']}", json={"status": "second #two", "language": "fr"})
    assert got.code == 200
    assert "second" in got.json["content"]
    assert got.json["edited_at"] is not None
    assert (got.json["spoiler_text"], got.json["sensitive"]) == ("", False)
    assert got.json["language"] == "fr"
    assert [tag["name"] for tag in got.json["tags"]] == ["two"]
    assert (got.json["id"], got.json["created_at"]) == (made["id"], made["created_at"])

    history = (await (await world.api_as()).get(f"/api/v1/statuses/{made['id']}/history")).json
    assert [version["spoiler_text"] for version in history] == ["old", ""]
    assert history[0]["created_at"] == made["created_at"]
    assert history[1]["created_at"] == got.json["edited_at"]
    assert history[0]["content"] == made["content"]
    assert history[1]["account"]["acct"] == "ana"
    assert (await ana.get("/api/v1/timelines/tag/one")).json == []
    assert len((await ana.get("/api/v1/timelines/tag/two")).json) == 1


async def test_a_status_that_was_never_edited_has_one_version(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    made = await posted(ana, "first", poll={"options": ["a", "b"], "expires_in": 300})
    history = (await ana.get(f"/api/v1/statuses/{made['id']}/history")).json
    assert len(history) == 1
    assert history[0]["content"] == "<p>first</p>"
    assert history[0]["poll"] == {"options": [{"title": "a"}, {"title": "b"}]}


async def test_an_edit_that_changes_nothing_is_none(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    made = await posted(ana, "same")
    got = await ana.put(f"/api/v1/statuses/{made['id']}", json={"status": "same"})
    assert got.json["edited_at"] is None
    assert len((await ana.get(f"/api/v1/statuses/{made['id']}/history")).json) == 1
    assert [job["activity"] for job in await waiting_jobs(world, "Publish")] in ([], ["Create"])


async def test_an_edit_keeps_to_the_rules_of_posting(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    made = await posted(ana, "same")
    assert (await ana.put(f"/api/v1/statuses/{made['id']}", json={"status": ""})).code == 422
    assert (await ana.put(f"/api/v1/statuses/{made['id']}", json={"status": "x" * 501})).code == 422
    assert (await ana.get(f"/api/v1/statuses/{made['id']}")).json["content"] == "<p>same</p>"


async def test_audience_and_parent_stay(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    parent = await posted(ana)
    made = await posted(ana, "x", visibility="private", in_reply_to_id=parent["id"])
    got = await ana.put(f"/api/v1/statuses/{made['id']}", json={"status": "y", "visibility": "public"})
    assert got.json["visibility"] == "private"
    assert got.json["in_reply_to_id"] == parent["id"]


async def test_new_mentions_are_told_and_rebloggers_hear_of_the_edit(world: World) -> None:
    ana, bob, carl = [await world.account(name) for name in ("ana", "bob", "carl")]
    as_ana, as_bob, as_carl = [await world.api_as(one) for one in (ana, bob, carl)]
    made = await posted(as_ana, "hi")
    await as_bob.post(f"/api/v1/statuses/{made['id']}/reblog")
    got = await as_ana.put(f"/api/v1/statuses/{made['id']}", json={"status": "hi @carl"})
    assert [one["acct"] for one in got.json["mentions"]] == ["carl"]
    told = (await as_bob.get("/api/v1/notifications")).json
    assert [one["type"] for one in told] == ["update"]
    told = (await as_carl.get("/api/v1/notifications")).json
    assert [(one["type"], one["status"]["id"]) for one in told] == [("mention", made["id"])]


async def test_whoever_is_no_longer_named_can_still_read(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    made = await posted(as_ana, "@bob psst", visibility="direct")
    got = await as_ana.put(f"/api/v1/statuses/{made['id']}", json={"status": "psst"})
    assert got.json["mentions"] == []
    assert (await as_bob.get(f"/api/v1/statuses/{made['id']}")).json["content"] == "<p>psst</p>"


async def test_a_changed_poll_starts_again(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    poll = {"options": ["a", "b"], "expires_in": 600}
    made = await posted(as_ana, "?", poll=poll)
    poll_id = made["poll"]["id"]
    await as_bob.post(f"/api/v1/polls/{poll_id}/votes", choices=[1])

    world.clock.forward(seconds=5)
    kept = (await as_ana.put(f"/api/v1/statuses/{made['id']}", json={"status": "??", "poll": poll})).json
    assert kept["poll"]["id"] == poll_id
    assert kept["poll"]["votes_count"] == 1
    assert kept["poll"]["expires_at"] > made["poll"]["expires_at"]

    other = {"options": ["a", "c"], "expires_in": 600}
    reset = (await as_ana.put(f"/api/v1/statuses/{made['id']}", json={"status": "??", "poll": other})).json
    assert [(one["title"], one["votes_count"]) for one in reset["poll"]["options"]] == [("a", 0), ("c", 0)]
    assert reset["poll"]["voters_count"] == 0
    assert (await as_bob.get(f"/api/v1/polls/{poll_id}")).json["own_votes"] == []

    gone = (await as_ana.put(f"/api/v1/statuses/{made['id']}", json={"status": "??"})).json
    assert gone["poll"] is None
    history = (await as_ana.get(f"/api/v1/statuses/{made['id']}/history")).json
    assert [version.get("poll") is None for version in history] == [False, False, False, True]
