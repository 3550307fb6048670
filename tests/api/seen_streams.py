"""Somebody who listens to everything while a scene is written: a WebSocket without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec

from dassie.ports import Event
from seen_scenes import HERE
from seen_stage import TAG, Stage
from seen_walk import Rule


class Ear:
    """One viewer's socket, subscribed to all there is."""

    def __init__(self, stage: Stage, viewer: str) -> None:
        self.stage = stage
        self.viewer = viewer
        self.heard: list[tuple[str, str, str]] = []
        """(stream, event, payload)"""
        self._said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._settled = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Subscribe, and wait until that is done."""
        self._task = asyncio.create_task(self._serve())
        self._said.put_nowait({"type": "websocket.connect"})
        for stream in self._streams():
            name, _, argument = stream.partition(" ")
            key = "list" if name == "list" else "tag"
            self._say(type="subscribe", stream=name, **({key: argument} if argument else {}))
        await self.settled()

    async def settled(self) -> None:
        """Messages are taken in order: an unknown stream is complained of after all before it."""
        self._settled.clear()
        self._say(type="subscribe", stream="no such stream")
        await asyncio.wait_for(self._settled.wait(), 10)

    async def caught_up(self) -> None:
        """Events come in their order: once the last is heard, all before it were."""
        self.stage.world.server.streams.publish(
            f"user:{self.stage.people[self.viewer].id}", Event("filters_changed", 0)
        )
        while not any(event == "filters_changed" for _, event, _ in self.heard):
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        """Hear nothing more."""
        self._said.put_nowait({"type": "websocket.disconnect", "code": 1000})
        if self._task is not None:
            await asyncio.wait_for(self._task, 10)

    def wrong(self) -> Iterator[str]:
        """What was heard that should not have been."""
        rules, streams = self.stage.rules, self._streams()
        for stream, event, payload in self.heard:
            rule = streams.get(stream, streams.get(stream.split(" ")[0]))
            assert rule is not None, stream
            for at in rules.all:
                allowed = any(rules.proper(one) == at and rule(self.viewer, one) for one in rules.all)
                if self.stage.token(at) in payload and not allowed:
                    yield f"{self.viewer} hears post {at} on {stream} ({event})"

    def missed(self) -> Iterator[str]:
        """What must have been heard of the public streams, and was not."""
        rules = self.stage.rules
        for stream in ("public", "public:local", "public:remote"):
            rule = self._streams()[stream]
            heard = "".join(payload for name, _, payload in self.heard if name == stream)
            for at in rules.all:
                due = rule(self.viewer, at) and not rules.names_avoided(self.viewer, at)
                if due and self.stage.token(at) not in heard:
                    yield f"{self.viewer} does not hear post {at} on {stream}"

    def _streams(self) -> dict[str, Rule]:
        rules, tag = self.stage.rules, f"{TAG}{self.stage.number}"
        of_tag = partial(rules.public, tag=True)
        return {
            "user": rules.heard_at_home,
            "user:notification": rules.notified,
            "direct": rules.may_see,
            f"list {self.stage.lists[self.viewer]}": rules.in_list,
            "public": rules.public,
            "public:media": rules.public,
            "public:local": partial(rules.public, local=True),
            "public:remote": partial(rules.public, local=False),
            f"hashtag {tag}": of_tag,
            f"hashtag:local {tag}": partial(rules.public, tag=True, local=True),
        }

    def _say(self, **message: str) -> None:
        self._said.put_nowait({"type": "websocket.receive", "text": msgspec.json.encode(message).decode()})

    async def _serve(self) -> None:
        token = self.stage.clients[self.viewer].token
        scope = {
            "type": "websocket",
            "path": "/api/v1/streaming",
            "raw_path": b"/api/v1/streaming",
            "query_string": f"access_token={token}".encode(),
            "headers": [(b"host", b"here.test")],
            "client": ("203.0.113.9", 50000),
            "scheme": "wss",
        }
        await self.stage.world.app(scope, self._said.get, self._send)

    async def _send(self, message: Any) -> None:
        if message["type"] != "websocket.send":
            return
        frame = msgspec.json.decode(message["text"])
        if "error" in frame:
            assert frame["error"] == "Unknown stream type", frame
            self._settled.set()
            return
        self.heard.append((" ".join(frame["stream"]), frame["event"], frame.get("payload", "")))


async def ears(stage: Stage) -> list[Ear]:
    """One for each viewer who may sign in."""
    opened = [Ear(stage, name) for name in HERE if name not in stage.scene.suspended]
    for ear in opened:
        await ear.open()
    return opened
