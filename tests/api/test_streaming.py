"""Streaming over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from dassie.adapters import streams_memory
from dassie.api import listening as hearing
from dassie.api import streaming
from dassie.domain.errors import BadRequest
from dassie.domain.settings import InstanceSettings
from dassie.domain.stream_names import find_stream
from dassie.ports import Event
from dassie.services import authorising, blocking, favouriting, muting
from dassie.services.writing import NewMedia, remove_status
from dassie.store import logins, settings, statuses, tokens
from dassie.store.views import AccountView
from listeners import events, listeners, listening, socket
from people import befriend
from searching import post, stranger
from worlds import World


@pytest.fixture
async def port(world: World) -> AsyncIterator[int]:
    async with listening(world) as port:
        yield port


async def person(world: World, name: str = "ana", scopes: str = "read") -> tuple[AccountView, str]:
    account = await world.account(name)
    return account, await world.token(account, scopes)


def decoded(payload: str) -> Any:
    assert isinstance(payload, str)
    return msgspec.json.decode(payload)


# Server-sent events ------------------------------------------------------------------------------------


async def test_health_answers_ok(port: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/api/v1/streaming/health") as answer,
    ):
        assert (answer.status, await answer.text(), answer.content_type) == (200, "OK", "text/plain")


async def test_my_stream_tells_of_posts_deletions_and_notifications(world: World, port: int) -> None:
    ana, token = await person(world)
    bo = await world.account("bo")
    async with events(port, "user", token) as heard:
        assert heard.response.headers["content-type"].startswith("text/event-stream")
        assert heard.response.headers["access-control-allow-origin"] == "*"
        note = await post(world, ana, "hello")
        kind, data = await heard.next()
        assert (kind, decoded(data)["id"], decoded(data)["favourited"]) == ("update", str(note), False)
        async with world.server.write() as tx:
            row = await statuses.by_id(tx, note)
            assert row is not None
            await favouriting.favourite(tx, world.server, bo, row)
        kind, data = await heard.next()
        assert (kind, decoded(data)["type"]) == ("notification", "favourite")
        assert decoded(data)["account"]["acct"] == "bo"
        assert decoded(data)["status"]["id"] == str(note)
        async with world.server.write() as tx:
            await remove_status(tx, world.server, row)
        assert await heard.next() == ("delete", str(note))


async def test_notifications_have_a_stream_of_their_own(world: World, port: int) -> None:
    ana, token = await person(world, scopes="read:notifications")
    bo = await world.account("bo")
    async with events(port, "user/notification", token) as heard:
        await post(world, ana, "not told")
        await post(world, bo, "hi", mentions=[(ana.id, False)])
        kind, data = await heard.next()
        assert (kind, decoded(data)["type"]) == ("notification", "mention")


async def test_without_the_scope_my_stream_has_no_notifications(world: World, port: int) -> None:
    ana, token = await person(world, scopes="read:statuses")
    bo = await world.account("bo")
    async with events(port, "user", token) as heard:
        await post(world, bo, "hi", mentions=[(ana.id, False)])
        mine = await post(world, ana, "mine")
        assert decoded((await heard.next())[1])["id"] == str(mine)


@pytest.mark.parametrize(
    ("path", "scopes"),
    [("user", "read:accounts"), ("user/notification", "read:statuses"), ("public", "write"), ("public", None)],
)
async def test_a_stream_needs_a_token_with_its_scope(world: World, port: int, path: str, scopes: str | None) -> None:
    token = (await person(world, scopes=scopes))[1] if scopes else None
    async with events(port, path, token) as heard:
        assert heard.response.status == 401
        assert "error" in await heard.response.json()


async def test_an_unknown_token_is_refused(world: World, port: int) -> None:
    async with events(port, "user", "nonsense") as heard:
        assert heard.response.status == 401


async def test_the_token_may_come_in_the_query(world: World, port: int) -> None:
    ana, token = await person(world)
    async with events(port, "public/local", access_token=token) as heard:
        note = await post(world, ana, "hello")
        assert decoded((await heard.next())[1])["id"] == str(note)


async def test_public_streams_have_what_is_open(world: World, port: int) -> None:
    _, token = await person(world)
    bo, cy = await world.account("bo"), await stranger(world, "cy")
    async with (
        events(port, "public", token) as all_,
        events(port, "public/local", token) as here,
        events(port, "public/remote", token) as there,
    ):
        first = await post(world, bo, "first")
        async with world.server.read() as tx:
            row = await statuses.by_id(tx, first)
        await post(world, bo, "quiet", visibility="unlisted")
        await post(world, cy, "answer", in_reply_to=row)
        await post(world, cy, "boost", reblog_of=row)
        far = await post(world, cy, "far")
        thread = await post(world, bo, "more", in_reply_to=row)
        for heard, expected in ((all_, [first, far, thread]), (here, [first, thread]), (there, [far])):
            got = [decoded((await heard.next())[1])["id"] for _ in expected]
            assert got == [str(id) for id in expected]


async def test_what_stands_between_two_people_is_not_heard(world: World, port: int) -> None:
    ana, token = await person(world)
    bo, cy, di, ed = [await world.account(name) for name in ("bo", "cy", "di", "ed")]
    async with world.server.write() as tx:
        await blocking.block(tx, world.server, ana, bo)
        await blocking.block(tx, world.server, cy, ana)
        await muting.mute(tx, world.server, ana, di)
    async with events(port, "public", token) as heard:
        for author in (bo, cy, di):
            await post(world, author, "unheard")
        await post(world, ed, "about one I block", mentions=[(bo.id, False)])
        note = await post(world, ed, "heard")
        assert decoded((await heard.next())[1])["id"] == str(note)


async def test_direct_messages_are_heard_as_conversations(world: World, port: int) -> None:
    ana, token = await person(world)
    bo = await world.account("bo")
    await befriend(world, ana, bo)
    async with events(port, "direct", token) as heard:
        note = await post(world, bo, "psst", visibility="direct", mentions=[(ana.id, False)])
        kind, payload = await heard.next()
        assert (kind, decoded(payload)["last_status"]["id"]) == ("conversation", str(note))


async def test_a_tag_has_a_stream(world: World, port: int) -> None:
    _, token = await person(world)
    bo, cy = await world.account("bo"), await stranger(world, "cy")
    async with (
        events(port, "hashtag", token, tag="CATS") as all_,
        events(port, "hashtag/local", token, tag="cats") as here,
    ):
        await post(world, bo, "no tag")
        far = await post(world, cy, "x", tags=[("cats", "Cats")])
        near = await post(world, bo, "x", tags=[("cats", "Cats")])
        assert [decoded((await all_.next())[1])["id"] for _ in range(2)] == [str(far), str(near)]
        assert decoded((await here.next())[1])["id"] == str(near)
        async with world.server.write() as tx:
            await settings.save_instance(tx, InstanceSettings(remote_topic_feed_access="disabled"))
        await post(world, cy, "closed", tags=[("cats", "Cats")])
        open_ = await post(world, bo, "open", tags=[("cats", "Cats")])
        assert decoded((await all_.next())[1])["id"] == str(open_)
    async with events(port, "hashtag", token) as heard:
        assert (heard.response.status, (await heard.response.json())["error"]) == (400, "Missing tag name parameter")


async def test_only_posts_with_media_if_wished(world: World, port: int) -> None:
    _, token = await person(world)
    bo = await world.account("bo")
    async with events(port, "public", token, only_media="true") as heard:
        await post(world, bo, "words")
        shown = await post(world, bo, "seen", media=[NewMedia(kind="image", remote_url="https://else.test/a.png")])
        assert decoded((await heard.next())[1])["id"] == str(shown)


async def test_a_heartbeat_keeps_the_stream_open(world: World, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert streaming.THUMP_SECONDS == 15.0
    monkeypatch.setattr(streaming, "THUMP_SECONDS", 0.05)
    _, token = await person(world)
    async with events(port, "user", token) as heard:
        assert [await heard.line() for _ in range(3)] == [":thump"] * 3


async def test_nothing_is_left_of_those_who_went_away(world: World, port: int) -> None:
    ana, token = await person(world)
    async with events(port, "user", token), socket(port, token, "?stream=user") as connected:
        await connected.settled()
        await listeners(world, f"user:{ana.id}", 2)
    await listeners(world, f"user:{ana.id}", 0)
    await listeners(world, "tokens", 0)
    assert not hearing._open


async def test_too_many_streams_of_one_person_are_refused(
    world: World, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "MOST_CONNECTIONS", 1)
    _, token = await person(world)
    async with events(port, "user", token), events(port, "user", token) as second:
        assert second.response.status == 429


async def test_a_revoked_token_ends_its_streams(world: World, port: int) -> None:
    ana, token = await person(world)
    other = await world.token(ana, "read write")
    client = await world.api_as(ana)
    async with (
        events(port, "user", token) as heard,
        socket(port, token) as connected,
        events(port, "user", other) as left,
    ):
        async with world.server.read() as tx:
            caller = await logins.by_token(tx, token)
        assert caller is not None
        world.server.streams.publish("tokens", Event("token", caller.token_id))  # not revoked: nothing ends
        note = await post(world, ana, "still here")
        assert decoded((await heard.next())[1])["id"] == str(note)
        async with world.server.write() as tx:
            authorising.tell_revoked(tx, world.server, await tokens.revoke(tx, caller.token_id))
        assert await asyncio.wait_for(heard.response.content.read(), 5) == b""
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(connected.connection.recv(), 5)
        assert decoded((await left.next())[1])["id"] == str(note)
    assert (await client.get("/api/v1/streaming/health")).code == 200


# WebSocket ---------------------------------------------------------------------------------------------


async def test_one_socket_carries_many_streams(world: World, port: int) -> None:
    ana, token = await person(world)
    async with socket(port, token) as connected:
        await connected.subscribe("user")
        await connected.subscribe("public:local")
        await connected.subscribe("hashtag", tag="Cats")
        note = await post(world, ana, "hello", tags=[("cats", "cats")])
        frames = [await connected.next() for _ in range(3)]
        assert sorted(frame["stream"] for frame in frames) == [["hashtag", "Cats"], ["public:local"], ["user"]]
        assert {frame["event"] for frame in frames} == {"update"}
        assert {decoded(frame["payload"])["id"] for frame in frames} == {str(note)}
        for stream in ("user", "public:local"):
            await connected.say(type="unsubscribe", stream=stream)
        await connected.settled()
        async with world.server.write() as tx:
            row = await statuses.by_id(tx, note)
            assert row is not None
            await remove_status(tx, world.server, row)
        assert await connected.next() == {"stream": ["hashtag", "Cats"], "event": "delete", "payload": str(note)}


async def test_a_socket_may_name_its_stream_when_it_opens(world: World, port: int) -> None:
    ana, token = await person(world)
    async with socket(port, None, f"?stream=hashtag:local&tag=dog&access_token={token}") as connected:
        await connected.settled()
        await post(world, ana, "woof", tags=[("dog", "dog")])
        assert (await connected.next())["stream"] == ["hashtag:local", "dog"]


async def test_a_token_may_come_as_subprotocol_and_is_echoed(world: World, port: int) -> None:
    ana, token = await person(world)
    async with socket(port, None, "?stream=user", subprotocols=[Subprotocol(token)]) as connected:
        assert connected.connection.subprotocol == token
        await connected.settled()
        await post(world, ana, "hello")
        assert (await connected.next())["event"] == "update"


@pytest.mark.parametrize("token", [None, "nonsense"])
async def test_a_socket_without_a_good_token_is_not_opened(port: int, token: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with socket(port, token):
            pass
    assert refused.value.response.status_code == 401
    assert b"error" in (refused.value.response.body or b"")


async def test_mistakes_are_answered_and_the_socket_stays(world: World, port: int) -> None:
    ana, token = await person(world, scopes="read:statuses")
    async with socket(port, token, "?stream=nonsense") as connected:
        assert await connected.next() == {"error": "Unknown stream type", "status": 400}
        for message, code in (
            ({"type": "subscribe", "stream": "hashtag"}, 400),
            ({"type": "subscribe", "stream": ["user"]}, 400),
            ({"type": "subscribe", "stream": "user:notification"}, 401),
            ({"type": "dance", "stream": "user"}, 400),
            ({}, 400),
        ):
            await connected.say(**message)
            assert (await connected.next())["status"] == code, message
        for text in ("{", "[]", "null", "x" * 9000, "[" * 5000, r'"\ud83d"'):
            await connected.connection.send(text)
            assert (await connected.next())["status"] == 400, text
        await connected.subscribe("user")
        await post(world, ana, "still here")
        assert (await connected.next())["event"] == "update"


async def test_bytes_close_the_socket(world: World, port: int) -> None:
    _, token = await person(world)
    async with socket(port, token) as connected:
        await connected.connection.send(b"\x00")
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(connected.connection.recv(), 5)
        assert connected.connection.close_code == 1003


async def test_subscriptions_of_one_socket_are_bounded(world: World, port: int) -> None:
    _, token = await person(world)
    async with socket(port, token) as connected:
        for number in range(hearing.MOST_STREAMS):
            await connected.say(type="subscribe", stream="hashtag", tag=f"tag{number}")
        await connected.settled()
        await connected.say(type="subscribe", stream="hashtag", tag="onemore")
        assert (await connected.next())["status"] == 400


async def test_over_plain_http_there_is_no_socket_and_unknown_streams_are_400(idle_world: World) -> None:
    client = await idle_world.api_as()
    assert (await client.get("/api/v1/streaming", stream="user")).code == 404
    for path in ("dance", "public/dance", "user/dance"):
        got = await client.get(f"/api/v1/streaming/{path}")
        assert (got.code, got.json) == (400, {"error": "Unknown channel requested"}), path


async def test_an_event_is_written_once_for_each_account(
    world: World, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, token = await person(world)
    written: list[int] = []
    write = hearing._written_anew

    async def counted(*given: Any) -> Any:
        written.append(given[1])
        return await write(*given)

    monkeypatch.setattr(hearing, "_written_anew", counted)
    async with socket(port, token, "?stream=public") as one, socket(port, token, "?stream=public:local") as two:
        await one.settled()
        await two.settled()
        await post(world, ana, "hello")
        assert (await one.next())["payload"] == (await two.next())["payload"]
    assert written == [ana.id]


async def test_who_falls_too_far_behind_is_let_go_and_told_to_come_back(world: World, port: int) -> None:
    ana, token = await person(world)
    async with events(port, "public", token) as heard, socket(port, token, "?stream=public") as connected:
        await connected.settled()
        for number in range(streams_memory.WAITING_EVENTS + 1):
            world.server.streams.publish("public", Event("update", number))
        assert await asyncio.wait_for(heard.response.content.read(), 5) == b""
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(connected.connection.recv(), 5)
        assert connected.connection.close_code == 1013
    async with socket(port, token, "?stream=user") as again:
        await again.settled()
        await post(world, ana, "back")
        assert (await again.next())["event"] == "update"
        await world.server.streams.close()
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(again.connection.recv(), 5)
        assert again.connection.close_code == 1012


async def test_a_listener_that_takes_nothing_is_let_go(
    world: World, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "SEND_SECONDS", 0.3)
    ana, token = await person(world)
    note = await post(world, ana, "long", content=f"<p>{'word ' * 20_000}</p>")
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    try:
        head = f"GET /api/v1/streaming/user?access_token={token} HTTP/1.1\r\nHost: here.test\r\n\r\n"
        writer.write(head.encode())
        await reader.readuntil(b":)\n")
        await listeners(world, f"user:{ana.id}", 1)
        for _ in range(300):
            world.server.streams.publish(f"user:{ana.id}", Event("update", note, ana.id))
        await listeners(world, f"user:{ana.id}", 0)
    finally:
        writer.transport.abort()


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("user", "user:7"),
        ("user:notification", "notifications:7"),
        ("direct", "direct:7"),
        ("public", "public"),
        ("public:media", "public"),
        ("public:local", "public:local"),
        ("public:local:media", "public:local"),
        ("public:remote:media", "public:remote"),
        ("hashtag", "hashtag:cafe"),
        ("hashtag:local", "hashtag:local:cafe"),
    ],
)
def test_streams_have_channels(name: str, channel: str) -> None:
    stream = find_stream(name, me=7, tag="Café")
    assert stream.channel == channel
    assert stream.only_media == name.endswith(":media")


@pytest.mark.parametrize("name", ["", "USER", "user:8", "public:local:media:media", "hashtag:x", "tokens", "direct:8"])
def test_no_other_channel_can_be_named(name: str) -> None:
    with pytest.raises(BadRequest):
        find_stream(name, me=7, tag="x")
