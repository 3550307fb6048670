"""Announcements: read, dismissed, reacted to, heard."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from dassie.domain.announcements import is_emoji
from dassie.services import announcing
from entities_check import check_entity, needs_definitions
from listeners import events, listeners, listening
from test_timelines import posted
from worlds import World

PATH = "/api/v1/announcements"


async def announce(world: World, text: str, **times: timedelta) -> int:
    async with world.server.write() as tx:
        given = {name: tx.now + by for name, by in times.items()}
        return await announcing.announce(tx, world.server, text, **given)


@needs_definitions
async def test_what_is_announced_is_shown_with_its_parts(world: World) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    api = await world.api_as(ana)
    post = await posted(await world.api_as(bob), "see here")
    await announce(world, f"Hello @bob, #Upgrade tonight: https://here.test/@bob/{post}", ends_at=timedelta(hours=2))
    (one,) = (await api.get(PATH)).json
    assert check_entity("Announcement", one) == []
    assert one["read"] is False
    assert [mention["acct"] for mention in one["mentions"]] == ["bob"]
    assert [status["id"] for status in one["statuses"]] == [post]
    assert [tag["name"] for tag in one["tags"]] == ["upgrade"]
    assert 'href="https://here.test/@bob"' in one["content"]
    world.clock.forward(hours=3)
    assert (await api.get(PATH)).json == []


async def test_dismissing_marks_as_read_for_oneself(world: World) -> None:
    api, as_bob = [await world.api_as(await world.account(name)) for name in ("ana", "bob")]
    id = await announce(world, "first")
    await announce(world, "second")
    assert (await api.post(f"{PATH}/{id}/dismiss")).json == {}
    assert (await api.post(f"{PATH}/{id}/dismiss")).code == 200
    assert [one["read"] for one in (await api.get(PATH)).json] == [True, False]
    assert [one["read"] for one in (await as_bob.get(PATH)).json] == [False, False]
    assert (await api.post(f"{PATH}/7/dismiss")).code == 404
    assert (await (await world.api_as()).get(PATH)).code == 401


async def test_people_react_once_each_with_eight_kinds_at_most(world: World) -> None:
    api, as_bob = [await world.api_as(await world.account(name)) for name in ("ana", "bob")]
    id = await announce(world, "news")
    party = f"{PATH}/{id}/reactions/🎉"
    assert (await api.put(party)).json == {}
    assert (await api.put(party)).code == 200
    assert (await as_bob.put(party)).code == 200
    (one,) = (await api.get(PATH)).json
    assert one["reactions"] == [{"name": "🎉", "count": 2, "me": True}]
    assert (await api.delete(party)).json == {}
    assert (await api.delete(party)).code == 404
    assert (await api.get(PATH)).json[0]["reactions"] == [{"name": "🎉", "count": 1, "me": False}]
    assert (await api.put(f"{PATH}/{id}/reactions/nothing_of_ours")).code == 422
    for emoji in "🐘🐝🐞🐟🐢🐧🐨":
        assert (await api.put(f"{PATH}/{id}/reactions/{emoji}")).code == 200
    assert (await as_bob.put(f"{PATH}/{id}/reactions/🦊")).code == 422
    assert (await as_bob.put(f"{PATH}/{id}/reactions/🐘")).code == 200


@pytest.mark.parametrize("name", ["🎉", "👩‍🚀", "🇿🇦", "1️⃣", "👍🏿"])
def test_these_are_emojis(name: str) -> None:
    assert is_emoji(name)


@pytest.mark.parametrize("name", ["", "a", "1", "🎉🎉", "<b>", "🎉" * 50, "ü"])
def test_these_are_not(name: str) -> None:
    assert not is_emoji(name)


async def test_who_listens_hears_of_it_of_reactions_and_of_its_end(world: World) -> None:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    async with listening(world) as port, events(port, "user", await world.token(ana)) as heard:
        await listeners(world, "announcements", 1)
        id = await announce(world, "news")
        kind, data = await heard.next()
        assert (kind, msgspec.json.decode(data)["id"]) == ("announcement", str(id))
        await api.put(f"{PATH}/{id}/reactions/🎉")
        kind, data = await heard.next()
        expected = {"name": "🎉", "count": 1, "announcement_id": str(id)}
        assert (kind, msgspec.json.decode(data)) == ("announcement.reaction", expected)
        async with world.server.write() as tx:
            await announcing.withdraw(tx, world.server, id)
        assert await heard.next() == ("announcement.delete", str(id))
