"""Search over the API: who finds what."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dassie.domain.arrivals import Reason
from dassie.domain.errors import RemoteFailed
from dassie.domain.ids import AccountId, StatusId
from dassie.services import blocking, bookmarking, favouriting, finding, following, muting
from dassie.services.finding import Sought
from dassie.services.writing import NewMedia, NewPoll, NewStatus, remove_status, write_status
from dassie.store import polls, statuses
from dassie.store.views import AccountView, PollOption
from searching import ids, indexable, post, stranger
from worlds import Client, World


async def found(client: Client, q: str, **more: Any) -> list[int]:
    got = await client.get("/api/v2/search", q=q, type="statuses", **more)
    assert got.code == 200, got.text
    return ids(got.json["statuses"])


# Posts -----------------------------------------------------------------------------------------------


async def test_my_library_is_found_and_the_posts_of_others_are_not(world: World) -> None:
    ana, bo = await world.account("ana"), await world.account("bo")
    mine = await post(world, ana, "cheese of mine", visibility="direct")
    await post(world, bo, "cheese of bo")
    to_me = await post(world, bo, "cheese for ana", visibility="direct", mentions=[(ana.id, False)])
    liked, kept, boosted = [await post(world, bo, f"cheese {what}") for what in ("liked", "kept", "boosted")]
    async with world.server.write() as tx:
        rows = await statuses.by_ids(tx, [liked, kept, boosted])
        await favouriting.favourite(tx, world.server, ana, rows[liked])
        await bookmarking.bookmark(tx, world.server, ana, rows[kept])
    async with world.server.write() as tx:
        reblog = NewStatus(author=ana, uri="https://here.test/r", visibility="public", reblog_of=rows[boosted])
        await write_status(tx, world.server, reblog)
    client = await world.api_as(ana)
    assert await found(client, "cheese") == [boosted, kept, liked, to_me, mine]
    assert await found(client, "in:library") == [boosted, kept, liked, to_me, mine]
    assert await found(await world.api_as(await world.account("cy")), "cheese") == []


async def test_votes_belong_to_the_library(world: World) -> None:
    ana, bo = await world.account("ana"), await world.account("bo")
    poll = NewPoll(options=[PollOption("gouda"), PollOption("brie")])
    asked = await post(world, bo, "best cheese?", poll=poll)
    client = await world.api_as(ana)
    assert await found(client, "gouda") == []
    async with world.server.write() as tx:
        poll_id = (await polls.of_statuses(tx, [asked], viewer=None))[asked].id
        await polls.add_vote(tx, id=1, poll_id=poll_id, account_id=ana.id, choice=0)
    assert await found(client, "gouda") == [asked]
    assert await found(client, "in:library has:poll") == [asked]


async def test_public_posts_of_those_who_agree_are_found(world: World) -> None:
    ana = await world.account("ana")
    open_ = await indexable(world, await world.account("bo"))
    far = await stranger(world, "cy", indexable=True)
    limited = await stranger(world, "di", indexable=True, silenced_at=datetime.now(UTC))
    gone = await stranger(world, "ed", indexable=True, suspended_at=datetime.now(UTC))
    expected = [await post(world, open_, "tulips"), await post(world, far, "tulips too")]
    await post(world, open_, "tulips unlisted", visibility="unlisted")
    await post(world, open_, "tulips private", visibility="private")
    await post(world, limited, "tulips limited")
    await post(world, gone, "tulips gone")
    client = await world.api_as(ana)
    assert await found(client, "tulips") == expected[::-1]
    assert await found(client, "tulips in:library") == []
    assert await found(client, "tulips in:public") == expected[::-1]
    assert await found(client, "tulips -in:public") == []


async def test_blocks_and_mutes_hide_what_would_be_found(world: World) -> None:
    ana = await world.account("ana")
    people = [await indexable(world, await world.account(name)) for name in ("bo", "cy", "di", "ed")]
    wrote = {person.username: await post(world, person, "plums", mentions=[(ana.id, False)]) for person in people}
    bo, cy, di, _ = people
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, ana, bo)
        await blocking.block(tx, world.server, cy, ana)
        await muting.mute(tx, world.server, ana, di)
    assert await found(await world.api_as(ana), "plums") == [wrote["ed"]]


async def test_operators_narrow_what_is_found(world: World) -> None:
    ana = await world.account("ana")
    bo = await stranger(world, "bo", "else.test", indexable=True)
    picture = NewMedia(kind="image", remote_url="https://else.test/a.jpg", description="a heron")
    film = NewMedia(kind="gifv", remote_url="https://else.test/a.mp4")
    plain = await post(world, ana, "bird one", language="en")
    seen = await post(world, bo, "bird two", media=[picture], language="zh-TW", sensitive=True)
    moved = await post(world, bo, "bird three", media=[film], language="fr", tags=[("wings", "Wings")])
    link = '<p>bird <a href="https://birds.test/" rel="nofollow noopener">birds</a></p>'
    mention = '<p>bird <a class="u-url mention" href="https://birds.test/" rel="nofollow noopener">@x</a></p>'
    linked = await post(world, ana, "bird four", content=link, in_reply_to_uri="https://else.test/x")
    named = await post(world, ana, "bird five", content=mention, quote_uri="https://else.test/q")
    every = [named, linked, moved, seen, plain]
    client = await world.api_as(ana)
    for query, expected in {
        "bird": every,
        "bird has:image": [seen],
        "bird has:video": [moved],
        "bird has:media": [moved, seen],
        "bird -has:media": [named, linked, plain],
        "bird has:link": [linked],
        "bird -has:link -has:media": [named, plain],
        "bird has:embed": [],
        "bird has:audio": [],
        "bird is:sensitive": [seen],
        "bird is:reply": [linked],
        "bird is:quote": [named],
        "bird language:zh": [seen],
        "bird language:fr": [moved],
        "bird -language:zh -language:en": [named, linked, moved],
        "bird language:fr language:en": [],
        "from:me": [named, linked, plain],
        "from:@bo@else.test": [moved, seen],
        "from:ana@here.test has:link": [linked],
        "bird -from:me": [moved, seen],
        "from:me from:bo@else.test": [],
        "from:nobody bird": [],
        "-from:nobody bird one": [plain],
        "#WINGS": [moved],
        "bird #unknown": [],
        "bird -#wings -from:me": [seen],
        "-wings -three bird -bird": [],
        "bird -two -three": [named, linked, plain],
        '"a heron"': [seen],
        '"heron a"': [],
        "who:bird": [],
    }.items():
        assert await found(client, query) == expected, query


async def test_dates_and_ids_narrow_what_is_found(world: World) -> None:
    ana = await world.account("ana")
    at = datetime(2024, 5, 1, 23, 59, tzinfo=UTC)
    days = [await post(world, ana, "day", at=at + timedelta(days=n)) for n in range(4)]
    client = await world.api_as(ana)
    for query, expected in {
        "day before:2024-05-02": days[:1],
        "day after:2024-05-02": days[2:],
        "day during:2024-05-02": days[1:2],
        "-during:2024-05-02 day": [days[0], *days[2:]],
        "-before:2024-05-03": days[2:],
        "day during:2024-05": days,
        "during:2023": [],
    }.items():
        assert await found(client, query) == expected[::-1], query
    assert await found(client, "day", min_id=days[0], max_id=days[3]) == [days[2], days[1]]
    assert await found(client, "day", account_id=ana.id + 1) == []
    assert await found(client, "day", account_id=ana.id) == days[::-1]


async def test_pages_go_on_past_what_may_not_be_found(world: World) -> None:
    ana, bo = await world.account("ana"), await world.account("bo")
    mine = [await post(world, ana, "page") for _ in range(5)]
    for _ in range(130):
        await post(world, bo, "page", live=False)
    client = await world.api_as(ana)
    assert await found(client, "page", limit=2) == [mine[4], mine[3]]
    assert await found(client, "page", limit=2, offset=2) == [mine[2], mine[1]]
    assert await found(client, "page", limit=40, offset=4) == [mine[0]]


async def test_deleted_posts_are_not_found(world: World) -> None:
    ana = await world.account("ana")
    id = await post(world, ana, "fleeting")
    client = await world.api_as(ana)
    assert await found(client, "fleeting") == [id]
    async with world.server.write() as tx:
        row = await statuses.by_id(tx, id)
        assert row is not None
        await remove_status(tx, world.server, row)
    assert await found(client, "fleeting") == []


# People ----------------------------------------------------------------------------------------------


async def handles(client: Client, q: str, **more: Any) -> list[str]:
    got = await client.get("/api/v2/search", q=q, type="accounts", **more)
    assert got.code == 200, got.text
    return [account["acct"] for account in got.json["accounts"]]


async def test_accounts_are_found_by_how_their_names_begin(world: World) -> None:
    ana = await world.account("ana")
    await stranger(world, "marta", display_name="Zoé Flower")
    await stranger(world, "zoe_b", "b.test", followers_count=5)
    await stranger(world, "mallory", suspended_at=datetime.now(UTC))
    client = await world.api_as(ana)
    assert await handles(client, "zo") == ["zoe_b@b.test", "marta@else.test"]
    assert await handles(client, "flower zoe") == ["marta@else.test"]
    assert await handles(client, "ma") == ["marta@else.test"]
    assert await handles(client, "@zoe_") == ["zoe_b@b.test"]
    assert await handles(client, "oe") == []
    assert await handles(client, "mallory@else.test") == []


async def test_a_handle_finds_that_account_first(world: World) -> None:
    ana = await world.account("ana")
    await stranger(world, "bo", "big.test", followers_count=900)
    await stranger(world, "bo", "small.test")
    await stranger(world, "bobby", "small.test", followers_count=5_000)
    client = await world.api_as(ana)
    assert await handles(client, "@bo@small.test") == ["bo@small.test", "bobby@small.test"]
    assert await handles(client, "bo@s") == ["bo@small.test", "bobby@small.test"]
    assert await handles(client, "@ANA@here.test") == ["ana"]
    assert await handles(client, "Bo") == ["bo@big.test", "bo@small.test", "bobby@small.test"]


async def test_whom_i_follow_comes_first_and_can_be_all_there_is(world: World) -> None:
    ana = await world.account("ana")
    await stranger(world, "carl", "big.test", followers_count=900)
    friend = await stranger(world, "carla", "small.test")
    async with world.server.write() as tx:
        await following.follow(tx, world.server, ana, friend)
        await following.follow_accepted(tx, world.server, ana, friend)
    client = await world.api_as(ana)
    assert await handles(client, "car") == ["carla@small.test", "carl@big.test"]
    assert await handles(client, "car", following=True) == ["carla@small.test"]
    assert await handles(client, "an", following=True) == ["ana"]
    assert await handles(client, "carl@big.test", following=True) == []
    assert await handles(client, "car", limit=1, offset=1) == ["carl@big.test"]


async def test_strangers_search_accounts_from_three_characters_on(world: World) -> None:
    await stranger(world, "gabriel")
    client = await world.api_as()
    assert await handles(client, "ga") == []
    assert await handles(client, "@gab") == ["gabriel@else.test"]
    got = await client.get("/api/v2/search", q="gab")
    assert [len(got.json[kind]) for kind in ("accounts", "statuses", "hashtags")] == [1, 0, 0]


async def test_strangers_neither_page_nor_look_up(world: World) -> None:
    guest = await world.api_as()
    paged = await guest.get("/api/v2/search", q="gab", offset=3, type="accounts")
    words = "Search queries pagination is not supported without authentication"
    assert (paged.code, paged.json) == (401, {"error": words})
    resolved = await guest.get("/api/v2/search", q="gab", resolve=True)
    words = "Search queries that resolve remote resources are not supported without authentication"
    assert (resolved.code, resolved.json) == (401, {"error": words})


async def test_a_search_needs_words_and_a_scope(world: World) -> None:
    ana = await world.account("ana")
    assert (await (await world.api_as(ana)).get("/api/v2/search")).code == 400
    assert (await (await world.api_as(ana, "read:accounts")).get("/api/v2/search", q="x")).code == 403
    assert (await (await world.api_as(ana, "read:search")).get("/api/v2/search", q="x")).code == 200
    api = await world.api_as(ana)
    assert (await api.get("/api/v2/search", q="x", type="cheese")).code == 422
    for name in ("limit", "offset"):
        got = await api.get("/api/v2/search", q="ana", type="accounts", **{name: -1})
        words = "Pagination values for `offset` and `limit` must be positive"
        assert (got.code, got.json) == (400, {"error": words})
    assert (await api.get("/api/v2/search", q="ana", type="accounts", offset=999_999)).json["accounts"] == []


# Addresses -------------------------------------------------------------------------------------------


class Elsewhere:
    """A `Remote` that knows what it is told and records what it is asked."""

    def __init__(self) -> None:
        self.things: dict[str, Any] = {}
        self.asked: list[str] = []

    async def resolve(self, url: str) -> Any:
        self.asked.append(url)
        return await self._give(url)

    async def account_by_handle(self, username: str, domain: str, *, fresh: bool = False) -> AccountId:
        self.asked.append(f"{username}@{domain}")
        return await self._give(f"{username}@{domain}")  # type: ignore[no-any-return]

    async def account(self, uri: str, *, fresh: bool = False) -> AccountId:
        raise AssertionError(f"a search asks for no account by its id: {uri}")

    async def status(self, uri: str, *, reason: Reason = Reason.SEARCH) -> StatusId:
        raise AssertionError(f"a search asks for no status by its id: {uri}")

    async def _give(self, name: str) -> Any:
        thing = self.things.get(name)
        if isinstance(thing, Exception):
            raise thing
        if thing == "slow":
            await asyncio.sleep(3600)
        return thing


async def seek(world: World, me: AccountView, remote: Elsewhere, text: str, **more: Any) -> tuple[list[str], list[int]]:
    server = replace(world.server, remote=remote)
    got = await finding.find(server, me, Sought(text, **({"resolve": True} | more)))
    return [account.acct for account in got.accounts], [int(id) for id in got.statuses]


async def test_an_address_gives_the_one_thing_it_stands_for(world: World) -> None:
    ana, bo = await world.account("ana"), await stranger(world, "bo")
    note = await post(world, bo, "hello")
    remote = Elsewhere()
    remote.things = {"https://else.test/@bo": ("account", bo.id), "https://else.test/@bo/1": ("status", note)}
    assert await seek(world, ana, remote, "https://else.test/@bo") == (["bo@else.test"], [])
    assert await seek(world, ana, remote, "https://else.test/@bo/1", what="statuses") == ([], [note])
    for more in ({"what": "accounts"}, {"what": "statuses", "offset": 1}):
        assert await seek(world, ana, remote, "https://else.test/@bo/1", **more) == ([], [])
    assert await seek(world, ana, remote, "https://else.test/nothing") == ([], [])
    assert len(remote.asked) == 5


async def test_what_is_known_is_not_asked_for(world: World) -> None:
    ana, bo = await world.account("ana"), await stranger(world, "bo")
    note, own = await post(world, bo, "hello"), await post(world, ana, "mine")
    remote = Elsewhere()
    async with world.server.read() as tx:
        row = await statuses.by_id(tx, note)
    assert row is not None
    base = world.server.urls.base
    for url, expected in {
        bo.uri: (["bo@else.test"], []),
        row.uri: ([], [note]),
        ana.uri: (["ana"], []),
        f"{base}/@ana": (["ana"], []),
        f"{base}/@ana/{own}": ([], [own]),
        f"{base}/@bo@else.test/{note}?x=1": ([], [note]),
        f"{base}/users/ana/statuses/{own}": ([], [own]),
        f"{base}/@ana/{note}": ([], []),
        f"{base}/about": ([], []),
        "@bo@else.test": (["bo@else.test"], []),
    }.items():
        assert await seek(world, ana, remote, url) == expected, url
    assert remote.asked == []


async def test_an_unknown_handle_is_looked_up_when_wished(world: World) -> None:
    ana, bo = await world.account("ana"), await stranger(world, "bo")
    remote = Elsewhere()
    remote.things = {"new@far.test": bo.id, "bad@far.test": RemoteFailed("no", kind="http", code=404)}
    assert await seek(world, ana, remote, "@new@far.test", resolve=False) == ([], [])
    assert await seek(world, ana, remote, "@new@far.test") == (["bo@else.test"], [])
    assert await seek(world, ana, remote, "bad@far.test") == ([], [])
    assert remote.asked == ["new@far.test", "bad@far.test"]


async def test_a_slow_server_does_not_hold_up_a_search(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "RESOLVE_SECONDS", 0.05)
    ana, remote = await world.account("ana"), Elsewhere()
    remote.things = {"https://slow.test/": "slow", "x@slow.test": "slow"}
    assert await seek(world, ana, remote, "https://slow.test/") == ([], [])
    assert await seek(world, ana, remote, "@x@slow.test") == ([], [])


async def test_a_status_that_may_not_be_seen_is_not_shown(world: World) -> None:
    ana, bo = await world.account("ana"), await world.account("bo")
    secret = await post(world, bo, "secret", visibility="private")
    url = f"{world.server.urls.base}/@bo/{secret}"
    got = await (await world.api_as(ana)).get("/api/v2/search", q=url, resolve=True)
    assert (got.code, got.json["statuses"]) == (200, [])


# Hashtags --------------------------------------------------------------------------------------------


async def test_hashtags_come_in_the_order_of_their_names(world: World) -> None:
    ana = await world.account("ana")
    for name in ("catfish", "cats", "cat", "dog"):
        await post(world, ana, name, tags=[(name, name.title())])
    client = await world.api_as(ana)
    got = await client.get("/api/v2/search", q="#CAT", type="hashtags")
    assert [tag["name"] for tag in got.json["hashtags"]] == ["Cat", "Catfish", "Cats"]
    assert got.json["accounts"] == got.json["statuses"] == []
    got = await client.get("/api/v2/search", q="cat", type="hashtags", limit=1, offset=1)
    assert [tag["name"] for tag in got.json["hashtags"]] == ["Catfish"]


async def test_a_tag_shows_its_last_seven_days(world: World) -> None:
    ana, bo = await world.account("ana"), await world.account("bo")
    now = world.server.clock.now()
    cat = [("cat", "Cat")]
    for author, days in ((ana, 0), (ana, 0), (bo, 0), (bo, 3), (bo, 9)):
        await post(world, author, "x", tags=cat, at=now - timedelta(days=days))
    await post(world, ana, "x", tags=cat, visibility="private")
    got = await (await world.api_as()).get("/api/v1/tags/CAT")
    assert (got.code, got.json["name"], got.json["url"]) == (200, "Cat", f"{world.server.urls.base}/tags/cat")
    history = got.json["history"]
    assert [(day["uses"], day["accounts"]) for day in history] == [
        ("3", "2"), ("0", "0"), ("0", "0"), ("1", "1"), ("0", "0"), ("0", "0"), ("0", "0"),
    ]  # fmt: skip
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    assert [int(day["day"]) for day in history] == [
        int((midnight - timedelta(days=back)).timestamp()) for back in range(7)
    ]


async def test_an_unknown_tag_is_shown_without_uses(world: World) -> None:
    got = await (await world.api_as()).get("/api/v1/tags/Nobody")
    assert (got.code, got.json["name"], len(got.json["history"])) == (200, "Nobody", 7)
    assert (await (await world.api_as()).get("/api/v1/tags/!!!")).code == 404


async def test_everything_is_searched_without_a_type(world: World) -> None:
    ana = await world.account("ana")
    await stranger(world, "moss")
    note = await post(world, ana, "moss grows", tags=[("mossy", "mossy")])
    got = (await (await world.api_as(ana)).get("/api/v2/search", q="moss")).json
    assert [account["acct"] for account in got["accounts"]] == ["moss@else.test"]
    assert ids(got["statuses"]) == [note]
    assert [tag["name"] for tag in got["hashtags"]] == ["mossy"]
    assert set(got) == {"accounts", "statuses", "hashtags", "collections"}
