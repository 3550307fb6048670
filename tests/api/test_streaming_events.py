"""Every channel with every event that belongs on it, and who may listen for how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from contract_scene import PICTURE
from dassie.api.routing import API
from dassie.ports import Event
from dassie.services import authorising, deleting_accounts, signing_in, signing_up
from dassie.services.writing import NewMedia
from dassie.store import logins, tokens
from listeners import Socket, events, listeners, listening, socket
from people import befriend, stranger, write
from worlds import Client, World

OPEN = ("public", "public:media")
HERE = ("public:local", "public:local:media")
THERE = ("public:remote", "public:remote:media")
MINE = ("user", "user:notification", "direct")
TAGGED = ("hashtag Cats", "hashtag:local Cats")
PUBLIC = {*OPEN, *HERE, *TAGGED}
EVERYWHERE = (*MINE, *OPEN, *HERE, *THERE, *TAGGED)
FAR = {"media": [NewMedia(kind="image", remote_url="https://else.test/a.png")], "tags": [("cats", "Cats")]}


@pytest.fixture
async def port(world: World) -> AsyncIterator[int]:
    async with listening(world) as port:
        yield port


class Ears:
    """One socket with all there is."""

    def __init__(self, world: World, connected: Socket, me: int) -> None:
        self._world, self._socket, self._me = world, connected, me

    async def heard(self) -> set[tuple[str, str, str]]:
        """(stream, event, id) of all that came since; ids of statuses, of notifications their type."""
        found: set[tuple[str, str, str]] = set()
        self._world.server.streams.publish(f"user:{self._me}", Event("filters_changed", 0))
        while (frame := await self._socket.next())["event"] != "filters_changed":
            assert isinstance(frame["payload"], str)
            found.add((" ".join(frame["stream"]), frame["event"], _about(frame)))
        return found


def _about(frame: dict[str, Any]) -> str:
    """What a frame tells of. All of these have the word `wasps`, which a filter looks for: each says so."""
    if frame["event"] == "delete":
        return str(frame["payload"])
    said = msgspec.json.decode(frame["payload"])
    status = said.get("last_status") or said.get("status") or said
    [found] = status["filtered"]
    assert (found["filter"]["title"], found["keyword_matches"]) == ("insects", ["wasps"]), frame
    return str(said["type"]) if "type" in said else str(status["id"])


def on(streams: set[str], event: str, about: str) -> set[tuple[str, str, str]]:
    return {(stream, event, about) for stream in streams}


async def test_every_channel_tells_what_belongs_on_it(world: World, port: int) -> None:
    ana, bob = await world.account("ana"), await world.account("bob")
    eve, mal = await stranger(world, "eve"), await stranger(world, "mal", "bad.test")
    as_ana, as_bob = await world.api_as(ana), await world.api_as(bob)
    for other in (bob, eve):
        await befriend(world, ana, other)
    list_id = (await as_ana.post("/api/v1/lists", title="friends")).json["id"]
    await as_ana.post(f"/api/v1/lists/{list_id}/accounts", account_ids=[bob.id])
    words = {"title": "insects", "context": ["home"], "keywords_attributes": [{"keyword": "wasps"}]}
    assert (await as_ana.post("/api/v2/filters", json=words)).code == 200
    assert (await as_ana.post("/api/v1/domain_blocks", domain="bad.test")).code == 200
    picture = (await as_bob.upload("/api/v2/media", "file", PICTURE)).json["id"]
    await world.settle()
    listed = f"list {list_id}"
    async with socket(port, await world.token(ana, "read")) as connected:
        for stream in EVERYWHERE:
            name, _, tag = stream.partition(" ")
            await connected.say(type="subscribe", stream=name, **({"tag": tag} if tag else {}))
        await connected.subscribe("list", list=list_id)
        ears = Ears(world, connected, ana.id)

        said = {"status": "@ana wasps #cats", "media_ids": [picture]}
        one = (await as_bob.post("/api/v1/statuses", json=said)).json["id"]
        told = on({"user", "user:notification"}, "notification", "mention")
        assert await ears.heard() == on(PUBLIC | {"user", listed}, "update", one) | told
        await as_bob.put(f"/api/v1/statuses/{one}", json=said | {"status": "@ana wasps! #cats"})
        changed = on(PUBLIC | {"user", listed, "user:notification"}, "status.update", one)
        assert await ears.heard() == changed
        await as_bob.delete(f"/api/v1/statuses/{one}")
        assert await ears.heard() == on(PUBLIC | {"user", listed}, "delete", one)

        # From elsewhere; and from a server that Ana wants to hear nothing of.
        far = str(await write(world, eve, "wasps", **FAR))
        await write(world, mal, "wasps", **FAR)
        assert await ears.heard() == on({*OPEN, *THERE, "hashtag Cats", "user"}, "update", far)

        # What is not for everybody: a reply is on no public stream, but on that of its tag.
        reply = (await as_bob.post("/api/v1/statuses", status="wasps #cats", in_reply_to_id=far)).json["id"]
        answered = on({*TAGGED, "user"}, "update", reply)  # Eve is not in the list
        assert await ears.heard() == answered
        quiet = (await as_bob.post("/api/v1/statuses", status="wasps #cats", visibility="unlisted")).json["id"]
        assert await ears.heard() == on({"user", listed}, "update", quiet)
        talk = (await as_bob.post("/api/v1/statuses", status="@ana wasps", visibility="direct")).json["id"]
        between = await ears.heard()
        assert between - on({listed, "user"}, "update", talk) == told | on({"direct"}, "conversation", talk)

        # Muted from here on: nothing of Bob's is heard anywhere.
        assert (await as_ana.post(f"/api/v1/accounts/{bob.id}/mute")).code == 200
        await as_bob.post("/api/v1/statuses", json=said | {"media_ids": []})
        assert await ears.heard() == set()


async def test_media_alone_may_be_asked_for_by_events_of_each_half(world: World, port: int) -> None:
    ana, bob, eve = await world.account("ana"), await world.account("bob"), await stranger(world, "eve")
    token = await world.token(ana)
    as_bob = await world.api_as(bob)
    picture = (await as_bob.upload("/api/v2/media", "file", PICTURE)).json["id"]
    await world.settle()
    async with (
        events(port, "public/local", token, only_media="1") as here,
        events(port, "public/remote", token, only_media="on") as there,
        events(port, "hashtag/local", token, tag="cats", only_media="false") as tagged,
    ):
        await as_bob.post("/api/v1/statuses", status="words #cats")
        await write(world, eve, "words")
        near = (await as_bob.post("/api/v1/statuses", json={"status": "seen #cats", "media_ids": [picture]})).json["id"]
        far = str(await write(world, eve, "seen", **FAR))
        assert msgspec.json.decode((await here.next())[1])["id"] == near
        assert msgspec.json.decode((await there.next())[1])["id"] == far
        assert "words" in (await tagged.next())[1]


async def test_each_stream_asks_for_its_scope(idle_world: World) -> None:
    ana = await idle_world.account("ana")
    refused = {"error": "Access token does not have the required scopes", "status": 401}
    async with listening(idle_world) as port:
        for scopes, shut in (
            ("read", set()),
            ("read:statuses", {"user:notification"}),
            ("read:notifications", {*EVERYWHERE} - {"user:notification"}),
            ("write follow push read:lists", {*EVERYWHERE}),
        ):
            async with socket(port, await idle_world.token(ana, scopes)) as connected:
                for stream in EVERYWHERE:
                    name, _, tag = stream.partition(" ")
                    await connected.say(type="subscribe", stream=name, tag=tag)
                    if stream in shut:
                        assert await connected.next() == refused, (scopes, stream)
                await connected.settled()  # and there was no other complaint


async def test_a_query_counts_before_a_subprotocol_and_a_header_before_both(idle_world: World) -> None:
    token = await idle_world.token(await idle_world.account("ana"))
    async with listening(idle_world) as port:
        for header, query, protocol in ((token, "bad", "bad"), (None, token, "app"), (None, "", token)):
            asked = f"/?access_token={query}" if query else ""  # with the slash that many apps have
            async with socket(port, header, asked, subprotocols=[protocol]) as connected:
                assert connected.connection.subprotocol == protocol
                await connected.settled()


async def test_a_token_that_ends_while_a_stream_opens_opens_none(
    idle_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await idle_world.token(await idle_world.account("ana"))
    read = API._params

    async def revoked_meanwhile(*given: Any) -> Any:
        async with idle_world.server.write() as tx:
            found = await tokens.by_text(tx, token)
            if found is not None:
                authorising.tell_revoked(tx, idle_world.server, await tokens.revoke(tx, found.id))
        return await read(*given)

    monkeypatch.setattr(API, "_params", revoked_meanwhile)
    got = await Client(idle_world.app, token).get("/api/v1/streaming/user")
    assert (got.code, got.json) == (401, {"error": "The access token is invalid"})
    assert idle_world.server.streams.listeners("tokens") == 0


async def test_streams_end_with_the_token_the_login_and_the_account(world: World, port: int) -> None:
    """By `/oauth/revoke`, by a new password from somebody else, by being kept out, and by leaving."""
    people = [await world.account(name) for name in ("ana", "bob", "cas", "dan", "eve")]
    ana, bob, cas, dan, eve = people
    guest = await world.api_as()
    app = (await guest.post("/api/v1/apps", client_name="A", redirect_uris="urn:ietf:wg:oauth:2.0:oob")).json
    secret = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    async with world.server.write() as tx:
        users = {who.id: await logins.user_of(tx, who.id) for who in people}
        issued = await signing_up.issue_token(tx, world.server, users[ana.id], "read", int(app["id"]))
    held = [issued, *[await world.token(who, "read") for who in people[1:]]]
    async with AsyncExitStack() as stack:
        open_ = [await stack.enter_async_context(socket(port, token, "?stream=user")) for token in held]
        spoken = [await stack.enter_async_context(events(port, "user", token)) for token in held]
        for who in people:
            await listeners(world, f"user:{who.id}", 2)
        assert (await guest.post("/oauth/revoke", token=issued, **secret)).code == 200
        async with world.server.write() as tx:
            by_id = {id: user for id, user in users.items() if user is not None}
            await signing_in.set_disabled(tx, world.server, by_id[bob.id], True)
            await signing_in.reset_password(tx, world.server, by_id[cas.id], "hash")
            await deleting_accounts.delete_account(tx, world.server, dan)
        for one, heard in list(zip(open_, spoken, strict=True))[:4]:
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(one.connection.recv(), 5)
            assert one.connection.close_code == 1000
            assert await asyncio.wait_for(heard.response.content.read(), 5) == b""
        assert world.server.streams.listeners(f"user:{eve.id}") == 2
        await (await world.api_as(eve)).post("/api/v1/statuses", status="still here")
        assert (await open_[4].next())["event"] == (await spoken[4].next())[0] == "update"
    for token, code in zip(held, (401, 403, 401, 401), strict=False):
        assert (await Client(world.app, token).get("/api/v1/streaming/user")).code == code
