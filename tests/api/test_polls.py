"""Polls: asking, voting, and what is told when they end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from dassie.domain.jobs import ClosePoll
from dassie.services import voting
from dassie.services.polling import close_poll
from dassie.services.writing import NewPoll
from dassie.store import polls, tables
from dassie.store.dialect import put
from dassie.store.tx import Statement
from dassie.store.views import PollOption, PollView
from people import stranger
from strangers import remote_status, waiting_jobs
from worlds import Client, World


async def asked(api: Client, **values: Any) -> Any:
    poll = {"options": ["yes", "no", "maybe"], "expires_in": 600} | values
    got = await api.post("/api/v1/statuses", json={"status": "?", "poll": poll})
    assert got.code == 200, got.text
    return got.json["poll"]


async def poll_row(world: World, id: str) -> PollView:
    async with world.server.read() as tx:
        found = await polls.by_id(tx, int(id))
    assert found is not None
    return found


async def test_a_vote_counts_once(world: World) -> None:
    ana, bob = await world.api_as(await world.account("ana")), await world.api_as(await world.account("bob"))
    poll = await asked(ana)
    assert (poll["votes_count"], poll["voters_count"], poll["expired"], poll["voted"]) == (0, 0, False, True)
    path = f"/api/v1/polls/{poll['id']}"
    assert (await bob.get(path)).json["voted"] is False
    voted = (await bob.post(f"{path}/votes", choices=[1])).json
    assert [one["votes_count"] for one in voted["options"]] == [0, 1, 0]
    assert (voted["votes_count"], voted["voters_count"], voted["own_votes"], voted["voted"]) == (1, 1, [1], True)
    got = await bob.post(f"{path}/votes", choices=[0])
    assert (got.code, got.json["error"]) == (422, "Validation failed: You have already voted on this poll")
    anonymous = (await (await world.api_as()).get(path)).json
    assert "voted" not in anonymous
    assert anonymous["votes_count"] == 1


async def test_further_options_of_a_multiple_choice_can_be_added(world: World) -> None:
    ana, bob = await world.api_as(await world.account("ana")), await world.api_as(await world.account("bob"))
    poll = await asked(ana, multiple=True)
    path = f"/api/v1/polls/{poll['id']}/votes"
    await bob.post(path, json={"choices": [0, 2]})
    more = (await bob.post(path, json={"choices": [1]})).json
    assert (more["votes_count"], more["voters_count"], more["own_votes"]) == (3, 1, [0, 1, 2])
    assert (await bob.post(path, json={"choices": [1]})).code == 422


async def test_votes_at_the_same_time_all_count(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    poll = await asked(ana)
    voters = [await world.api_as(await world.account(f"v{n}")) for n in range(6)]
    await asyncio.gather(
        *(one.post(f"/api/v1/polls/{poll['id']}/votes", choices=[n % 2]) for n, one in enumerate(voters))
    )
    got = (await ana.get(f"/api/v1/polls/{poll['id']}")).json
    assert [one["votes_count"] for one in got["options"]] == [3, 3, 0]
    assert (got["votes_count"], got["voters_count"]) == (6, 6)


@pytest.mark.parametrize(
    ("choices", "code", "error"),
    [
        ([], 400, "Missing parameter choices"),
        ([3], 422, "Validation failed: The chosen vote option does not exist"),
        (["-1"], 422, "Validation failed: The chosen vote option does not exist"),
        (["x"], 422, "Validation failed: The chosen vote option does not exist"),
        ([0, 1], 422, "Validation failed: You have already voted on this poll"),
        ([0, 0], 422, "Validation failed: You have already voted on this poll"),
    ],
)
async def test_votes_that_break_a_rule(world: World, choices: list[Any], code: int, error: str) -> None:
    ana, bob = await world.api_as(await world.account("ana")), await world.api_as(await world.account("bob"))
    poll = await asked(ana)
    got = await bob.post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": choices})
    assert (got.code, got.json["error"]) == (code, error)
    assert (await poll_row(world, poll["id"])).votes_count == 0


async def test_no_votes_on_own_and_ended_polls(world: World) -> None:
    ana, bob = await world.api_as(await world.account("ana")), await world.api_as(await world.account("bob"))
    poll = await asked(ana)
    path = f"/api/v1/polls/{poll['id']}/votes"
    got = await ana.post(path, choices=[0])
    assert (got.code, got.json["error"]) == (422, "Validation failed: You cannot vote in your own polls")
    world.clock.forward(minutes=11)
    got = await bob.post(path, choices=[0])
    assert (got.code, got.json["error"]) == (422, "Validation failed: The poll has already ended")
    assert (await bob.get(f"/api/v1/polls/{poll['id']}")).json["expired"] is True


async def test_a_poll_of_a_hidden_status_is_not_there(world: World) -> None:
    ana, bob = await world.api_as(await world.account("ana")), await world.api_as(await world.account("bob"))
    poll = {"options": ["a", "b"], "expires_in": 600}
    made = (await ana.post("/api/v1/statuses", json={"status": "?", "poll": poll, "visibility": "private"})).json
    assert (await bob.get(f"/api/v1/polls/{made['poll']['id']}")).code == 404
    assert (await bob.post(f"/api/v1/polls/{made['poll']['id']}/votes", choices=[0])).code == 404


@pytest.mark.parametrize(
    ("poll", "error"),
    [
        ({"options": ["a"]}, "Choices must have more than one item"),
        ({"options": ["a", " "]}, "Choices must have more than one item"),
        ({"options": list("abcde")}, "Choices can't contain more than 4 items"),
        ({"options": ["a", "b" * 51]}, "Choices cannot be longer than 50 characters each"),
        ({"options": ["a", "a "]}, "Choices contain duplicate items"),
        ({"expires_in": 299}, "Deadline is too soon"),
        ({"expires_in": 32 * 86_400}, "Deadline is too far into the future"),
        ({"expires_in": None}, "Deadline is too far into the future"),
    ],
)
async def test_polls_that_break_a_rule(world: World, poll: dict[str, Any], error: str) -> None:
    ana = await world.api_as(await world.account("ana"))
    whole = {"options": ["a", "b"], "expires_in": 600} | poll
    got = await ana.post("/api/v1/statuses", json={"status": "?", "poll": whole})
    assert (got.code, got.json["error"]) == (422, f"Validation failed: {error}")


async def test_hidden_totals_show_at_the_end(world: World) -> None:
    ana, bob = await world.api_as(await world.account("ana")), await world.api_as(await world.account("bob"))
    poll = await asked(ana, hide_totals=True)
    voted = (await bob.post(f"/api/v1/polls/{poll['id']}/votes", choices=[0])).json
    assert [one["votes_count"] for one in voted["options"]] == [None, None, None]
    assert await waiting_jobs(world, "PublishPoll") == []
    world.clock.forward(minutes=11)
    ended = (await bob.get(f"/api/v1/polls/{poll['id']}")).json
    assert [one["votes_count"] for one in ended["options"]] == [1, 0, 0]


async def test_new_tallies_go_out_at_most_every_few_minutes(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    poll = await asked(ana)
    for n in range(3):
        voter = await world.api_as(await world.account(f"v{n}"))
        await voter.post(f"/api/v1/polls/{poll['id']}/votes", choices=[0])
    (job,) = await waiting_jobs(world, "PublishPoll")
    wait = job["run_at"] - world.clock.now()
    assert timedelta(minutes=2) < wait <= timedelta(minutes=3)


async def test_author_and_voters_are_told_of_the_end_once(world: World) -> None:
    people = [await world.account(name) for name in ("ana", "bob", "carl")]
    ana, bob, carl = [await world.api_as(one) for one in people]
    poll = await asked(ana)
    await bob.post(f"/api/v1/polls/{poll['id']}/votes", choices=[0])
    (job,) = await waiting_jobs(world, "ClosePoll")
    assert abs(job["run_at"] - world.clock.now() - timedelta(minutes=10)) < timedelta(seconds=30)
    await close_poll(world.server, ClosePoll(poll_id=int(poll["id"])))
    assert (await bob.get("/api/v1/notifications")).json == []
    world.clock.forward(minutes=11)
    for _ in range(2):
        await close_poll(world.server, ClosePoll(poll_id=int(poll["id"])))
    for api, told in ((ana, ["poll"]), (bob, ["poll"]), (carl, [])):
        assert [one["type"] for one in (await api.get("/api/v1/notifications")).json] == told


async def test_votes_of_other_servers_count_by_title_and_once(world: World) -> None:
    ana = await world.api_as(await world.account("ana"))
    poll = await asked(ana)
    eve = await stranger(world, "eve")
    row = await poll_row(world, poll["id"])
    for title, counts in (("nonsense", False), ("no", True), ("no", False), ("yes", False)):
        async with world.server.write() as tx:
            assert await voting.receive_vote(tx, world.server, eve, row, title, f"{eve.uri}/votes/1") is counts
    after = await poll_row(world, poll["id"])
    assert ([option.votes for option in after.options], after.voters_count) == ([0, 1, 0], 1)
    world.clock.forward(minutes=11)
    mal = await stranger(world, "mal")
    async with world.server.write() as tx:
        assert not await voting.receive_vote(tx, world.server, mal, row, "yes", None)


async def test_old_tallies_of_elsewhere_are_asked_for_when_somebody_looks(tmp_path: Any, database_url: str) -> None:
    from worlds import new_world

    async with new_world(tmp_path, database_url=database_url, run_jobs=False) as world:
        poll = NewPoll(options=[PollOption("a"), PollOption("b")], fetched_at=world.clock.now())
        row = await remote_status(world, await stranger(world, "eve"), poll=poll)
        api, anybody = await world.api_as(await world.account("bob")), await world.api_as()
        id = (await api.get(f"/api/v1/statuses/{row.id}")).json["poll"]["id"]
        await api.get(f"/api/v1/polls/{id}")
        assert await waiting_jobs(world, "RefreshPoll") == []
        world.clock.forward(minutes=2)
        await anybody.get(f"/api/v1/polls/{id}")
        assert await waiting_jobs(world, "RefreshPoll") == []
        for _ in range(2):
            await api.get(f"/api/v1/polls/{id}")
        assert [job["poll_id"] for job in await waiting_jobs(world, "RefreshPoll")] == [int(id)]


async def test_a_vote_elsewhere_is_sent_there(tmp_path: Any, database_url: str) -> None:
    from worlds import new_world

    async with new_world(tmp_path, database_url=database_url, run_jobs=False) as world:
        bob = await world.account("bob")
        eve = await stranger(world, "eve")
        poll = NewPoll(
            options=[PollOption("a", 3), PollOption("b", 4)],
            voters_count=None,
            expires_at=world.clock.now() + timedelta(hours=1),
        )
        row = await remote_status(world, eve, poll=poll)
        api = await world.api_as(bob)
        shown = (await api.get(f"/api/v1/statuses/{row.id}")).json["poll"]
        voted = (await api.post(f"/api/v1/polls/{shown['id']}/votes", choices=[1])).json
        assert [one["votes_count"] for one in voted["options"]] == [3, 5]
        assert voted["voters_count"] is None
        (job,) = await waiting_jobs(world, "Tell")
        assert (job["what"], job["options"], job["object_uri"]) == ("vote", ["b"], row.uri)
        assert (job["account_id"], job["to_account_id"]) == (bob.id, eve.id)
        assert len(await waiting_jobs(world, "ClosePoll")) == 1
        assert await waiting_jobs(world, "PublishPoll") == []


async def test_a_poll_in_a_status_shows_the_emojis_of_its_options(world: World) -> None:
    add = Statement(put(tables.custom_emojis, "id", "shortcode", "domain", "file_key", "updated_at"))
    async with world.server.write() as tx:
        await tx.run(add, id=1, shortcode="stone", domain="", file_key="emoji/stone.png", updated_at=tx.now)
    ana = await world.api_as(await world.account("ana"))
    poll = await asked(ana, options=[":stone:", "sand"])
    assert [emoji["shortcode"] for emoji in poll["emojis"]] == ["stone"]
