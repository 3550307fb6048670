"""The words of a search, each line of limits_and_rules section 18, asked of a server."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec import structs

from dassie.services import bookmarking
from dassie.services.writing import NewMedia, NewPoll
from dassie.store import logins, statuses
from dassie.store.views import PollOption
from searching import ids, indexable, post, stranger
from worlds import Client, World


async def found(client: Client, q: str) -> set[int]:
    got = await client.get("/api/v2/search", q=q, type="statuses", limit=40)
    assert got.code == 200, got.text
    return set(ids(got.json["statuses"]))


async def test_every_form_of_the_grammar(world: World) -> None:
    ana, bo = await world.account("ana"), await indexable(world, await world.account("bo"))
    cy = await stranger(world, "cy", "else.test", indexable=True)
    sound = NewMedia(kind="audio", remote_url="https://else.test/a.mp3")
    question = NewPoll(options=[PollOption("yes"), PollOption("no")])
    mine = await post(world, ana, "red fox runs", visibility="private")
    theirs = await post(world, bo, "fox red sits", poll=question)
    far = await post(world, cy, "the red fox", media=[sound], tags=[("zoo", "Zoo")])
    kept = await post(world, cy, "a quiet fox", visibility="unlisted")
    japanese = await post(world, bo, "吾輩は猫である", language="ja")
    unseen = await post(world, cy, "another quiet fox", visibility="unlisted")
    async with world.server.write() as tx:
        row = await statuses.by_id(tx, kept)
        assert row is not None
        await bookmarking.bookmark(tx, world.server, ana, row)
    client = await world.api_as(ana)
    every = {mine, theirs, far, kept}
    for query, expected in {
        "fox": every,
        "FÓX": every,
        "+fox +red": {mine, theirs, far},
        "fox -red": {kept},
        '"red fox"': {mine, far},
        "“red fox”": {mine, far},
        "„red fox“": {mine, far},
        '-"red fox" fox': {theirs, kept},
        "#zoo": {far},
        "fox -#Zoo": {mine, theirs, kept},
        "from:me": {mine},
        "from:@ana": {mine},
        "from:bo fox": {theirs},
        "from:@cy@else.test": {far, kept},
        "from:cy": set(),
        "-from:me fox": {theirs, far, kept},
        "has:audio": {far},
        "has:poll": {theirs},
        "is:poll": {theirs},
        "fox -has:poll": {mine, far, kept},
        "in:library fox": {mine, kept},
        "in:public fox": {theirs, far},
        "in:all fox": every,
        "fox -in:library": {theirs, far},
        "猫": {japanese},
        "吾輩": {japanese},
        "輩吾": set(),
        "language:ja": {japanese},
        "colour:fox": set(),
        "fox:red": {theirs},
    }.items():
        assert await found(client, query) == expected, query
    assert unseen not in await found(client, "another")


async def test_quotes_are_found_as_such(world: World) -> None:
    ana = await world.account("ana")
    quote = await post(world, ana, "look at this", quote_uri="https://else.test/q")
    await post(world, ana, "look away")
    client = await world.api_as(ana)
    assert await found(client, "look is:quote") == await found(client, "look has:quote") == {quote}


async def test_dates_are_meant_in_the_time_zone_of_the_person(world: World) -> None:
    ana = await world.account("ana")
    late = await post(world, ana, "night", at=datetime(2024, 5, 1, 22, 30, tzinfo=UTC))
    client = await world.api_as(ana)
    assert await found(client, "night during:2024-05-02") == set()
    async with world.server.write() as tx:
        user = await logins.user_of(tx, ana.id)
        assert user is not None
        await logins.save_settings(tx, user.id, structs.replace(user.settings, time_zone="Europe/Paris"))
    assert await found(client, "night during:2024-05-02") == {late}


async def test_people_are_found_by_what_they_say_of_themselves_if_they_agree(world: World) -> None:
    ana, bo = await world.account("ana"), await world.account("bo")
    await world.account("gardener")
    client = await world.api_as(bo)
    note = "I am a passionate gardener from Lyon"

    async def handles(q: str, who: Client) -> list[str]:
        return [one["acct"] for one in (await who.get("/api/v2/search", q=q, type="accounts")).json["accounts"]]

    reader = await world.api_as(ana)
    assert (await client.patch("/api/v1/accounts/update_credentials", note=note)).code == 200
    assert await handles("passionate", reader) == []
    assert (await client.patch("/api/v1/accounts/update_credentials", discoverable=True)).code == 200
    assert await handles("lyon", reader) == ["bo"]
    assert await handles("passionate gard", reader) == ["bo"]
    assert await handles("gardener", reader) == ["gardener", "bo"]  # names come before
    assert await handles("lyon", await world.api_as()) == ["bo"]
    assert (await client.patch("/api/v1/accounts/update_credentials", note="")).code == 200
    assert await handles("lyon", reader) == []


@pytest.mark.parametrize("limit", ["-1", "-20"])
async def test_a_negative_limit_is_a_mistake_in_a_search(world: World, limit: str) -> None:
    client = await world.api_as(await world.account("ana"))
    assert (await client.get("/api/v2/search", q="fox", limit=limit)).code == 400
