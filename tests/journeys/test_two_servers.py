"""Two servers, a.test and b.test, each a process of its own: what people do on one is seen on the other."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

import templates
from running import Api, Running, eventually, town
from worlds import PG_URL

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

MOST = 20
"""People of each kind, so that every test has its own."""


@dataclass
class Two:
    """a.test on SQLite, b.test on either database; and how many people were given away."""

    a: Running
    b: Running
    used: int = 0


@dataclass
class People:
    """ana at a.test; ben, and lea who is locked, at b.test."""

    ana: Api
    ben: Api
    lea: Api
    nobody: Api
    """Somebody without a login, at b.test."""


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def two(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Two]:
    """Both servers, running. On PostgreSQL b.test asks for signed requests."""
    folder = tmp_path_factory.mktemp("two")
    if request.param == "sqlite":
        async with _both(folder, "") as made:
            yield made
        return
    if not PG_URL:
        pytest.skip("PG_URL is not set: no PostgreSQL to test on")
    async with templates.postgres_copy(PG_URL) as url, _both(folder, url) as made:
        yield made


@asynccontextmanager
async def _both(folder: Path, database_url: str) -> AsyncIterator[Two]:
    async with town(folder) as made:
        a = await made.server("a.test", [f"ana{n}" for n in range(MOST)])
        names = {name: [f"{name}{n}" for n in range(MOST)] for name in ("ben", "lea")}
        everybody = [*names["ben"], *names["lea"]]
        # The second time b.test also wants to know who reads there: then all of it must work signed.
        fetch = "on" if database_url else "off"
        b = await made.server(
            "b.test", everybody, database_url=database_url, locked=names["lea"], authorized_fetch=fetch
        )
        await asyncio.gather(a.start(), b.start())
        yield Two(a, b)


@pytest_asyncio.fixture(loop_scope="module")
async def people(two: Two) -> People:
    """People that no other test knows."""
    n, two.used = two.used, two.used + 1
    return People(two.a.api(f"ana{n}"), two.b.api(f"ben{n}"), two.b.api(f"lea{n}"), two.b.api())


async def find(api: Api, what: str, kind: str = "accounts") -> Any:
    """What an address or handle stands for, looked up at its own server where unknown."""
    found = await api.get(f"/api/v2/search?resolve=true&q={what}")
    return found[kind][0]


async def here(api: Api, uri: str) -> Any:
    """A status of the other server once it is here, by the home timeline."""

    async def look() -> Any:
        timeline = await api.get("/api/v1/timelines/home?limit=40")
        found = [one for one in timeline if one["uri"] == uri or (one["reblog"] or {}).get("uri") == uri]
        return found[0] if found else None

    return await eventually(look)


async def told(api: Api, kind: str) -> Any:
    """The newest notification of a kind, once there is one."""

    async def look() -> Any:
        found = await api.get(f"/api/v1/notifications?types[]={kind}")
        return found[0] if found else None

    return await eventually(look)


async def befriend(ana: Api, ben: Api) -> tuple[str, str]:
    """Both follow each other; (ben's id at a.test, ana's id at b.test)."""
    his = (await find(ana, ben.handle))["id"]
    hers = (await find(ben, ana.handle))["id"]
    for api, id in ((ana, his), (ben, hers)):
        await api.post(f"/api/v1/accounts/{id}/follow")
        await eventually(lambda api=api, id=id: following(api, id))  # type: ignore[misc]
    return his, hers


async def following(api: Api, id: str) -> bool:
    return bool((await api.get(f"/api/v1/accounts/relationships?id[]={id}"))[0]["following"])


def picture() -> bytes:
    """A small PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"".join(bytes((x * 3, y * 5, 128)) for x in range(64)) for y in range(48))
    head = struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


async def test_people_follow_and_are_accepted(people: People) -> None:
    ana, ben, lea = people.ana, people.ben, people.lea
    found = await find(ana, ben.handle)
    assert (found["acct"], found["url"]) == (ben.acct, f"https://b.test/@{ben.name}")
    by_page = await find(ana, f"https://b.test/@{ben.name}")
    assert by_page["id"] == found["id"]
    await befriend(ana, ben)
    notice = await told(ben, "follow")
    assert notice["account"]["acct"] == ana.acct
    counted = await eventually(lambda: one_follower(ben))
    assert counted["following_count"] == 1

    locked = await find(ana, lea.handle)
    assert locked["locked"]
    relation = await ana.post(f"/api/v1/accounts/{locked['id']}/follow")
    assert relation["requested"]
    request = await told(lea, "follow_request")
    assert not await following(ana, locked["id"])
    await lea.post(f"/api/v1/follow_requests/{request['account']['id']}/authorize")
    await eventually(lambda: following(ana, locked["id"]))
    await lea.post(f"/api/v1/accounts/{request['account']['id']}/remove_from_followers")

    async def left() -> bool:
        return not await following(ana, locked["id"])

    await eventually(left)


async def one_follower(api: Api) -> Any:
    me = await api.get("/api/v1/accounts/verify_credentials")
    return me if me["followers_count"] == 1 else None


async def test_a_post_with_everything_arrives_whole(people: People) -> None:
    ana, ben = people.ana, people.ben
    await befriend(ana, ben)
    form = aiohttp.FormData()
    form.add_field("file", picture(), filename="cat.png", content_type="image/png")
    form.add_field("description", "A cat, sitting")
    form.add_field("focus", "0.5,-0.25")
    upload = await ana.post("/api/v2/media", form)

    async def ready() -> bool:
        return (await ana.call("GET", f"/api/v1/media/{upload['id']}")).code == 200

    await eventually(ready)
    wanted = {
        "status": f"Hello {ben.handle}, look: https://example.org/a?b=c #Cats",
        "spoiler_text": "a cat",
        "sensitive": True,
        "language": "de",
        "media_ids": [upload["id"]],
        "visibility": "unlisted",
    }
    posted = await ana.post("/api/v1/statuses", wanted)
    got = await here(ben, posted["uri"])
    for name in ("uri", "url", "spoiler_text", "sensitive", "language", "visibility", "created_at"):
        assert got[name] == posted[name], name
    assert got["account"]["acct"] == ana.acct
    assert [tag["name"] for tag in got["tags"]] == ["cats"]
    assert [mention["acct"] for mention in got["mentions"]] == [ben.name]
    (file,) = got["media_attachments"]
    (own,) = posted["media_attachments"]
    assert (file["type"], file["description"], file["blurhash"]) == ("image", "A cat, sitting", own["blurhash"])
    assert (file["meta"]["original"]["width"], file["meta"]["original"]["height"]) == (64, 48)
    assert (file["meta"]["focus"]["x"], file["meta"]["focus"]["y"]) == (0.5, -0.25)
    assert file["remote_url"] == own["url"]
    seen = await ben.call("GET", file["url"].removeprefix("https://b.test"))
    assert (seen.code, seen.headers["content-type"].partition("/")[0]) == (200, "image")
    notice = await told(ben, "mention")
    assert notice["status"]["uri"] == posted["uri"]


@pytest.mark.parametrize("visibility", ["public", "private", "direct"])
async def test_who_may_see_a_post_is_the_same_on_both(people: People, visibility: str) -> None:
    ana, ben, lea = people.ana, people.ben, people.lea
    await befriend(ana, ben)
    text = f"for you {ben.handle}" if visibility == "direct" else "for all who may"
    posted = await ana.post("/api/v1/statuses", {"status": text, "visibility": visibility})
    if visibility == "direct":
        got = (await told(ben, "mention"))["status"]
    else:
        got = await here(ben, posted["uri"])
    assert got["visibility"] == visibility
    assert await lea.code(f"/api/v1/statuses/{got['id']}") == (200 if visibility == "public" else 404)
    assert await people.nobody.code(f"/api/v1/statuses/{got['id']}") == (200 if visibility == "public" else 404)


async def test_a_conversation_goes_both_ways(people: People) -> None:
    ana, ben = people.ana, people.ben
    await befriend(ana, ben)
    root = await ana.post("/api/v1/statuses", {"status": "who is there?"})
    at_b = await here(ben, root["uri"])
    answer = await ben.post("/api/v1/statuses", {"status": f"{ana.handle} me", "in_reply_to_id": at_b["id"]})
    notice = await told(ana, "mention")
    assert notice["status"]["uri"] == answer["uri"]
    assert notice["status"]["in_reply_to_id"] == root["id"]
    again = {"status": f"{ben.handle} good", "in_reply_to_id": notice["status"]["id"]}
    back = await ana.post("/api/v1/statuses", again)
    last = (await told(ben, "mention"))["status"]
    assert last["uri"] == back["uri"]
    for api, id in ((ana, root["id"]), (ben, at_b["id"])):
        thread = await api.get(f"/api/v1/statuses/{id}/context")
        assert [one["uri"] for one in thread["descendants"]] == [answer["uri"], back["uri"]]
    assert (await ana.get(f"/api/v1/statuses/{root['id']}"))["replies_count"] == 1


async def test_marks_are_made_and_taken_back(people: People) -> None:
    ana, ben = people.ana, people.ben
    await befriend(ana, ben)
    posted = await ana.post("/api/v1/statuses", {"status": "like me"})
    at_b = await here(ben, posted["uri"])

    async def counts(favourites: int, reblogs: int) -> bool:
        now = await ana.get(f"/api/v1/statuses/{posted['id']}")
        return (now["favourites_count"], now["reblogs_count"]) == (favourites, reblogs)

    await ben.post(f"/api/v1/statuses/{at_b['id']}/favourite")
    await ben.post(f"/api/v1/statuses/{at_b['id']}/reblog")
    await eventually(lambda: counts(1, 1))
    assert (await told(ana, "favourite"))["account"]["acct"] == ben.acct
    assert (await told(ana, "reblog"))["status"]["id"] == posted["id"]
    await ben.post(f"/api/v1/statuses/{at_b['id']}/unfavourite")
    await ben.post(f"/api/v1/statuses/{at_b['id']}/unreblog")
    await eventually(lambda: counts(0, 0))
    await ben.post(f"/api/v1/statuses/{at_b['id']}/favourite")
    await eventually(lambda: counts(1, 0))


async def test_a_boost_brings_a_post_to_followers(people: People) -> None:
    ana, ben, lea = people.ana, people.ben, people.lea
    await befriend(ana, ben)
    posted = await lea.post("/api/v1/statuses", {"status": "nobody at a.test follows me"})
    await ben.post(f"/api/v1/statuses/{posted['id']}/reblog")
    got = await here(ana, posted["uri"])
    assert got["account"]["acct"] == ben.acct
    assert got["reblog"]["account"]["acct"] == lea.acct
    assert got["reblog"]["content"] == posted["content"]


async def test_a_poll_counts_votes_of_both(people: People) -> None:
    ana, ben = people.ana, people.ben
    await befriend(ana, ben)
    poll = {"options": ["tea", "coffee", "water"], "expires_in": 3600, "multiple": True}
    posted = await ana.post("/api/v1/statuses", {"status": "what?", "poll": poll})
    at_b = await here(ben, posted["uri"])
    assert [option["title"] for option in at_b["poll"]["options"]] == ["tea", "coffee", "water"]
    assert at_b["poll"]["multiple"]
    voted = await ben.post(f"/api/v1/polls/{at_b['poll']['id']}/votes", {"choices": [0, 2]})
    assert voted["own_votes"] == [0, 2]

    async def counted() -> bool:
        now = await ana.get(f"/api/v1/polls/{posted['poll']['id']}")
        return [option["votes_count"] for option in now["options"]] == [1, 0, 1] and now["voters_count"] == 1

    await eventually(counted)


async def test_an_edit_and_a_deletion_arrive(people: People) -> None:
    ana, ben = people.ana, people.ben
    await befriend(ana, ben)
    posted = await ana.post("/api/v1/statuses", {"status": "frist"})
    at_b = await here(ben, posted["uri"])
    await ana.put(f"/api/v1/statuses/{posted['id']}", {"status": "first", "spoiler_text": "corrected"})

    async def edited() -> bool:
        now = await ben.get(f"/api/v1/statuses/{at_b['id']}")
        return "first" in now["content"] and now["spoiler_text"] == "corrected" and now["edited_at"] is not None

    await eventually(edited)
    history = await ben.get(f"/api/v1/statuses/{at_b['id']}/history")
    assert ["frist" in one["content"] for one in history] == [True, False]
    await ana.delete(f"/api/v1/statuses/{posted['id']}")

    async def deleted() -> bool:
        return await ben.code(f"/api/v1/statuses/{at_b['id']}") == 404

    await eventually(deleted)


async def test_a_changed_profile_is_seen_elsewhere(people: People) -> None:
    ana, ben = people.ana, people.ben
    _, hers = await befriend(ana, ben)
    form = aiohttp.FormData()
    form.add_field("display_name", "Ana the Great")
    form.add_field("note", "I like tea")
    form.add_field("fields_attributes[0][name]", "Site")
    form.add_field("fields_attributes[0][value]", "https://example.org")
    form.add_field("avatar", picture(), filename="me.png", content_type="image/png")
    await ana.patch("/api/v1/accounts/update_credentials", form)

    async def changed() -> Any:
        now = await ben.get(f"/api/v1/accounts/{hers}")
        return now if now["display_name"] == "Ana the Great" else None

    seen = await eventually(changed)
    assert "I like tea" in seen["note"]
    assert [field["name"] for field in seen["fields"]] == ["Site"]
    assert "missing" not in seen["avatar"]
    shown = await ben.call("GET", seen["avatar"].removeprefix("https://b.test"))
    assert (shown.code, shown.headers["content-type"].partition("/")[0]) == (200, "image")


async def test_a_block_parts_them(people: People) -> None:
    ana, ben = people.ana, people.ben
    his, hers = await befriend(ana, ben)
    posted = await ana.post("/api/v1/statuses", {"status": "before"})
    at_b = await here(ben, posted["uri"])
    await ana.post(f"/api/v1/accounts/{his}/block")

    async def parted() -> bool:
        relation = (await ben.get(f"/api/v1/accounts/relationships?id[]={hers}"))[0]
        return relation["blocked_by"] and not relation["following"] and not relation["followed_by"]

    await eventually(parted)
    assert await ben.code(f"/api/v1/statuses/{at_b['id']}") == 404
    await ana.post(f"/api/v1/accounts/{his}/unblock")

    async def unblocked() -> bool:
        return not (await ben.get(f"/api/v1/accounts/relationships?id[]={hers}"))[0]["blocked_by"]

    await eventually(unblocked)
    assert not await following(ben, hers)


async def quote_at(api: Api, id: str) -> Any:
    """What a status quotes, as somebody sees it: (state, the quoted status or None)."""
    shown = (await api.get(f"/api/v1/statuses/{id}"))["quote"]
    return shown["state"], shown["quoted_status"]


async def becomes(api: Api, id: str, state: str) -> Any:
    """The quoted status, once a quote has come to this state."""

    async def look() -> Any:
        now, quoted = await quote_at(api, id)
        return (quoted,) if now == state else None

    return (await eventually(look))[0]


async def quoted_between(author: Api, quoter: Api) -> tuple[Any, Any, Any, Any]:
    """One quotes the other across the servers, who agrees and is told: (the quoted status with its author, and
    with the quoter; the quoting one with the author, and with the quoter)."""
    posted = await author.post("/api/v1/statuses", {"status": "a thought worth quoting"})
    there = await here(quoter, posted["uri"])
    assert there["quote_approval"]["current_user"] == "automatic"
    made = await quoter.post("/api/v1/statuses", {"status": "well said", "quoted_status_id": there["id"]})
    notice = await told(author, "quote")
    assert (notice["account"]["acct"], notice["status"]["uri"]) == (quoter.acct, made["uri"])
    assert (await becomes(author, notice["status"]["id"], "accepted"))["id"] == posted["id"]
    assert (await becomes(quoter, made["id"], "accepted"))["id"] == there["id"]
    for api, quoted, quoting in ((author, posted, notice["status"]), (quoter, there, made)):
        assert (await api.get(f"/api/v1/statuses/{quoted['id']}"))["quotes_count"] == 1
        assert [one["id"] for one in await api.get(f"/api/v1/statuses/{quoted['id']}/quotes")] == [quoting["id"]]
    return posted, there, notice["status"], made


async def test_a_quote_is_agreed_to_and_taken_back_on_both(people: People) -> None:
    ana, ben = people.ana, people.ben
    await befriend(ana, ben)
    posted, there, got, made = await quoted_between(ana, ben)
    assert (await quote_at(people.nobody, made["id"]))[1]["uri"] == posted["uri"]
    now = await ana.post(f"/api/v1/statuses/{posted['id']}/quotes/{got['id']}/revoke")
    assert now["quote"] == {"state": "revoked", "quoted_status": None}
    assert await becomes(ben, made["id"], "revoked") is None
    assert (await ben.get(f"/api/v1/statuses/{there['id']}"))["quotes_count"] == 0
    assert await ben.get(f"/api/v1/statuses/{there['id']}/quotes") == []
    assert await ana.get("/api/v1/notifications?types[]=quote") == []

    posted, _, got, made = await quoted_between(ben, ana)
    await ben.delete(f"/api/v1/statuses/{posted['id']}")
    assert await becomes(ben, got["id"], "deleted") is None
    assert await becomes(ana, made["id"], "deleted") is None


async def test_who_may_be_quoted_is_said_and_kept_across_servers(people: People) -> None:
    ana, ben, lea = people.ana, people.ben, people.lea
    await befriend(ana, ben)
    posted = await ana.post("/api/v1/statuses", {"status": "mine alone", "quote_approval_policy": "nobody"})
    at_b = await here(ben, posted["uri"])
    assert (at_b["quote_approval"]["automatic"], at_b["quote_approval"]["current_user"]) == ([], "denied")
    wanted = {"status": "but I want to", "quoted_status_id": at_b["id"]}
    assert (await ben.call("POST", "/api/v1/statuses", wanted)).code == 404

    await ana.put(f"/api/v1/statuses/{posted['id']}/interaction_policy", {"quote_approval_policy": "followers"})

    async def heard() -> bool:
        return "followers" in (await ben.get(f"/api/v1/statuses/{at_b['id']}"))["quote_approval"]["automatic"]

    await eventually(heard)
    assert (await lea.call("POST", "/api/v1/statuses", wanted)).code == 404  # she does not follow
    await becomes(ben, (await ben.post("/api/v1/statuses", wanted))["id"], "accepted")

    # Where b.test has not heard of a new rule, a.test says no.
    stale = await lea.post("/api/v1/statuses", {"status": "nobody at a.test follows me"})
    at_a = await find(ana, stale["uri"], "statuses")
    await lea.put(f"/api/v1/statuses/{stale['id']}/interaction_policy", {"quote_approval_policy": "nobody"})
    assert at_a["quote_approval"]["current_user"] == "automatic"
    made = await ana.post("/api/v1/statuses", {"status": "too late", "quoted_status_id": at_a["id"]})
    assert await becomes(ana, made["id"], "rejected") is None
    assert await lea.get("/api/v1/notifications?types[]=quote") == []


async def members(api: Api, id: str) -> list[tuple[str, str]]:
    """Who is in a collection, as somebody sees it: handles and states."""
    shown = await api.get(f"/api/v1/collections/{id}")
    names = {one["id"]: one["acct"] for one in shown["accounts"]}
    return [(names[item["account_id"]], item["state"]) for item in shown["collection"]["items"]]


async def become(api: Api, id: str, wanted: list[tuple[str, str]]) -> None:
    """Wait until these are in a collection."""

    async def look() -> bool:
        return await members(api, id) == wanted

    await eventually(look)


async def test_somebody_elsewhere_is_put_into_a_collection_told_and_leaves(people: People) -> None:
    ana, ben = people.ana, people.ben
    await ben.patch("/api/v1/accounts/update_credentials", {"discoverable": True})
    his, hers = await befriend(ana, ben)
    draft = {"name": "Climbers", "description": "Who <climb>", "tag_name": "rocks", "account_ids": [his]}
    made = (await ana.post("/api/v1/collections", draft))["collection"]
    assert [item["state"] for item in made["items"]] == ["pending"]
    await become(ana, made["id"], [(ben.acct, "accepted")])

    notice = await told(ben, "added_to_collection")
    assert notice["account"]["acct"] == ana.acct
    at_b = notice["collection"]["id"]
    await become(ben, at_b, [(ben.name, "accepted")])
    for reader in (ben, people.nobody):
        (shown,) = (await reader.get(f"/api/v1/accounts/{hers}/collections"))["collections"]
        assert (shown["id"], shown["name"], shown["uri"]) == (at_b, "Climbers", made["uri"])
        assert (shown["description"], shown["tag"]["name"]) == ("Who &lt;climb&gt;", "rocks")
    me = (await ben.get("/api/v1/accounts/verify_credentials"))["id"]
    assert [one["id"] for one in (await ben.get(f"/api/v1/accounts/{me}/in_collections"))["collections"]] == [at_b]

    await ana.put(f"/api/v1/collections/{made['id']}", {"name": "Old climbers"})
    assert (await told(ben, "collection_update"))["collection"]["name"] == "Old climbers"

    item = (await ben.get(f"/api/v1/collections/{at_b}"))["collection"]["items"][0]["id"]
    await ben.post(f"/api/v1/collections/{at_b}/items/{item}/revoke")
    await become(ben, at_b, [])
    await become(ana, made["id"], [])
    again = await ana.call("POST", f"/api/v1/collections/{made['id']}/items", {"account_id": his})
    assert again.code == 422
    await ana.delete(f"/api/v1/collections/{made['id']}")

    async def gone() -> bool:
        return await ben.code(f"/api/v1/collections/{at_b}") == 404

    await eventually(gone)


async def test_who_does_not_want_to_be_in_collections_is_in_none(people: People) -> None:
    ana, ben, lea = people.ana, people.ben, people.lea
    await lea.patch("/api/v1/accounts/update_credentials", {"discoverable": True})
    await ben.patch("/api/v1/accounts/update_credentials", {"discoverable": True})
    his, hers = [(await find(ana, one.handle))["id"] for one in (ben, lea)]
    made = (await ana.post("/api/v1/collections", {"name": "Maybe"}))["collection"]
    items = f"/api/v1/collections/{made['id']}/items"
    assert (await ana.call("POST", items, {"account_id": hers})).code == 403  # only who follows her may
    # a.test does not hear that he changes his mind, and asks.
    await ben.patch("/api/v1/accounts/update_credentials", {"discoverable": False})
    assert (await ana.post(items, {"account_id": his}))["collection_item"]["state"] == "pending"
    await become(ana, made["id"], [])
    assert await ben.get("/api/v1/notifications?types[]=added_to_collection") == []
