"""A longer page asks the database no oftener than a short one, whether its parts are kept encoded or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from dassie.api.entities.encoded_parts import EncodedParts
from dassie.services import favouriting, indexing
from dassie.services.writing import NewMedia, NewPoll
from dassie.store import search, statuses
from dassie.store.views import AccountView, PollOption
from people import befriend, stranger, write
from statements import least
from worlds import Client, World

FEW, MANY = 9, 18
# Nine hold posts of every kind; with fewer, what the longer page asks for besides would be polls, not length.
HELD = ("notification_groups", "statuses", "accounts")
PAGES = [
    "/api/v1/timelines/home",
    "/api/v1/timelines/public",
    "/api/v1/timelines/tag/stones",
    "/api/v1/timelines/list/{list}",
    "/api/v1/accounts/{eve}/statuses",
    "/api/v1/notifications",
    "/api/v2/notifications",
    "/api/v1/bookmarks",
    "/api/v1/favourites",
    "/api/v1/accounts/{ana}/followers",
    "/api/v1/accounts/{ana}/following",
    "/api/v1/statuses/{liked}/favourited_by",
    "/api/v2/search?q=pebbles&type=statuses",
    "/api/v2/search?q=person&type=accounts",
    "/api/v1/directory",
    "/api/v1/blocks",
    "/api/v1/mutes",
]


@dataclass
class Lively:
    """ana follows many who write all kinds of posts, like hers, and follow her."""

    world: World
    api: Client
    names: dict[str, Any]


@pytest.fixture
async def lively(world: World) -> Lively:
    ana = await world.account("ana")
    api = await world.api_as(ana)
    people = [await _person(world, n) for n in range(MANY + 2)]
    for one in people:
        await befriend(world, ana, one)
        await befriend(world, one, ana)
    listed = (await api.post("/api/v1/lists", title="all")).json["id"]
    await api.post(f"/api/v1/lists/{listed}/accounts", account_ids=[one.id for one in people])
    liked = int((await api.post("/api/v1/statuses", status="stones")).json["id"])
    for n, one in enumerate(people):
        for id in await _posts(world, ana, people[0], one, n):
            assert (await api.post(f"/api/v1/statuses/{id}/favourite")).code == 200
            assert (await api.post(f"/api/v1/statuses/{id}/bookmark")).code == 200
        await _likes(world, one, liked)
        verb = "block" if n % 2 else "mute"
        far = await _person(world, 100 + n)
        assert (await api.post(f"/api/v1/accounts/{far.id}/{verb}")).code == 200
    await indexing.drain(world.server)
    return Lively(world, api, {"ana": ana.id, "eve": people[0].id, "list": listed, "liked": liked})


async def _person(world: World, n: int) -> AccountView:
    made = await stranger(world, f"person{n}", f"h{n % 3}.test", discoverable=True, indexable=True)
    async with world.server.write() as tx:
        await search.index_account(tx, made.id, f"person{n}")
    return made


async def _posts(world: World, ana: AccountView, eve: AccountView, one: AccountView, n: int) -> list[int]:
    """Something by this person and by eve: a picture, a poll, an answer, a warning, and a boost."""
    kinds: list[dict[str, Any]] = [
        {"media": [NewMedia(kind="image", remote_url=f"https://{one.domain}/{n}.png")]},
        {"poll": NewPoll(options=[PollOption("yes", 1), PollOption("no", 2)])},
        {"spoiler_text": "stones"},
    ]
    tagged = {"tags": [("stones", "stones")], "mentions": [(ana.id, False)], **kinds[n % 3]}
    mine = await write(world, one, "pebbles", **tagged)
    async with world.server.read() as tx:
        first = await statuses.by_id(tx, mine)
    assert first is not None
    others = [await write(world, eve, "pebbles", in_reply_to=first), await write(world, eve, "", reblog_of=first)]
    return [mine, others[0]]


async def _likes(world: World, one: AccountView, liked: int) -> None:
    async with world.server.write() as tx:
        status = await statuses.by_id(tx, liked)
        assert status is not None
        await favouriting.receive_favourite(tx, world.server, one, status, f"{one.uri}#like")


async def asked(lively: Lively, path: str, limit: int) -> tuple[int, int]:
    """Statements for a page, and how much it held."""
    held = 0

    async def ask() -> None:
        nonlocal held
        got = await lively.api.get(path, limit=limit)
        assert got.code == 200, got.text
        held = (
            len(got.json)
            if isinstance(got.json, list)
            else next(len(got.json[name]) for name in HELD if got.json.get(name))
        )

    return await least(ask), held


@pytest.mark.parametrize("kept", [True, False])
async def test_a_longer_page_asks_no_oftener(lively: Lively, kept: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not kept:
        monkeypatch.setattr(EncodedParts, "get", lambda self, key: None)
    grew = {}
    for path in PAGES:
        here = path.format(**lively.names)
        few, held_few = await asked(lively, here, FEW)
        many, held_many = await asked(lively, here, MANY)
        assert held_many > held_few > 0, (path, held_few, held_many)
        if many > few:
            grew[path] = (few, many)
    assert grew == {}
