"""kill -9 at random moments, while activities come in and go out: what was acknowledged is there once, nothing is lost.

DASSIE_KILL=full does 500 of each instead of 60.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import templates
from dassie.domain.jobs import Lane
from dassie.federation.signatures import load_private, signer
from dassie.jobs.places import AGAIN
from dassie.jobs.runner import LANES
from dassie.server import Server
from dassie.store import accounts
from net import Peer, reply
from others import Other, followed_by_ours, follows_ours, other
from running import Running, eventually, town
from worlds import PG_URL

pytestmark = pytest.mark.slow

FULL = os.environ.get("DASSIE_KILL") == "full"
COUNT = 500 if FULL else 60
KILLS = 12 if FULL else 4
SENDERS = 6
FAR = ("b.test", "c.test", "d.test")
REPEATED = AGAIN * LANES[Lane.DELIVER].per_host
"""What a kill may have delivered to one host again: all that was under way, and as much that had ended without that
being written down. More is never begun, however slow the database is (jobs/places.py)."""
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


@dataclass
class Storm:
    """One server that is killed again and again, and what the others know of it."""

    server: Running
    peer: Peer
    bea: Other
    chance: random.Random
    acknowledged: list[str] = field(default_factory=list)
    """Uris of posts from outside that were answered with 202."""
    posted: list[str] = field(default_factory=list)
    """Uris of our own posts that the app was told of."""
    kills: int = 0

    @property
    def progress(self) -> int:
        return len(self.acknowledged) + len(self.posted)

    def arrived(self, host: str) -> list[str]:
        """Ids of the activities that this host got, as often as it got them."""
        bodies = [seen.body for seen in self.peer.seen if seen.method == "POST" and seen.headers["host"] == host]
        return [json.loads(body)["id"] for body in bodies]


@asynccontextmanager
async def storm(folder: Path, database_url: str, seed: int) -> AsyncIterator[Storm]:
    """ana at a.test follows bea of b.test and is followed from three servers."""
    found: list[Other] = []

    async def prepare(server: Server) -> None:
        home = _Home(server)
        async with server.read() as tx:
            ana = await accounts.by_name(tx, "ana")
        assert ana is not None
        for host in FAR:
            somebody = await other(home, "bea" if host == "b.test" else host[0], host)
            await follows_ours(home, somebody, ana)
            found.append(somebody)
        await followed_by_ours(home, ana, found[0])

    async with town(folder) as made, Peer(made.ca, *FAR) as peer:
        peer.on("/inbox", reply(code=202))
        made.others = [f"{host}=127.0.0.1:{peer.port}" for host in FAR]
        server = await made.server("a.test", ["ana"], database_url=database_url, prepare=prepare, sync="full")
        await server.start()
        yield Storm(server, peer, found[0], random.Random(seed))


@dataclass
class _Home:
    server: Server


async def receive(one: Storm, numbers: asyncio.Queue[int]) -> None:
    """bea's server sends posts, each until it is acknowledged, and then never again."""
    sign = signer(one.bea.key_id, load_private(one.bea.private_key), "cavage", lambda: datetime.now(UTC))
    town_, server = one.server.town, one.server
    while not numbers.empty():
        uri = f"{one.bea.uri}/statuses/{numbers.get_nowait()}"
        body = json.dumps(_create(one.bea.uri, uri)).encode()
        while True:
            headers = {**sign("POST", "https://a.test/inbox", body), "Content-Type": "application/activity+json"}
            try:
                async with town_.session.post(
                    f"https://127.0.0.1:{server.port}/inbox",
                    data=body,
                    headers=headers,
                    ssl=town_.ca.client_context,
                    server_hostname="a.test",
                ) as response:
                    if response.status == 202:
                        one.acknowledged.append(uri)
                        break
                    assert response.status >= 500, f"{response.status} {await response.text()}"
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(1.1)  # a second later the signature is another one
        await asyncio.sleep(one.chance.random() * 0.02)


async def write(one: Storm, numbers: asyncio.Queue[int]) -> None:
    """ana's app posts, each until it is told so; the key makes a repeated one the same."""
    api = one.server.api("ana")
    while not numbers.empty():
        number = numbers.get_nowait()
        while True:
            try:
                got = await api.call(
                    "POST", "/api/v1/statuses", {"status": f"post {number}"}, {"Idempotency-Key": f"post {number}"}
                )
                if got.code == 200:
                    one.posted.append(got.json["uri"])
                    break
                assert got.code >= 500, got.body
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.2)
        await asyncio.sleep(one.chance.random() * 0.02)


async def kill(one: Storm, kills: int) -> None:
    """Kill the server when some of the work is done, a random while after, and start it again."""
    for moment in sorted(one.chance.sample(range(5, 2 * COUNT - 5), kills)):
        while one.progress < moment:
            await asyncio.sleep(0.002)
        await asyncio.sleep(one.chance.random() * 0.05)
        await one.server.kill()
        one.kills += 1
        await one.server.start()


def _create(actor: str, uri: str) -> dict[str, Any]:
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    to = {"to": [PUBLIC], "cc": [f"{actor}/followers"]}
    note = {"id": uri, "type": "Note", "attributedTo": actor, "content": f"<p>{uri}</p>", "published": at, **to}
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{uri}/activity",
        "type": "Create",
        "actor": actor,
        "object": note,
        **to,
    }


async def listed(server: Running, path: str) -> list[str]:
    """Uris of all statuses of a timeline, as often as they are in it."""
    found: list[str] = []
    below = ""
    while True:
        page = await server.api("ana").get(f"{path}?limit=40{below}")
        if not page:
            return found
        found += [one["uri"] for one in page]
        below = f"&max_id={page[-1]['id']}"


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_nothing_is_lost_or_doubled_when_the_server_is_killed(tmp_path: Path, database: str) -> None:
    if database == "sqlite":
        async with storm(tmp_path, "", seed=20261) as one:
            await weather(one, KILLS)
        return
    if not PG_URL:
        pytest.skip("PG_URL is not set: no PostgreSQL to test on")
    async with templates.postgres_copy(PG_URL) as url, storm(tmp_path, url, seed=20262) as one:
        await weather(one, max(KILLS // 2, 2))


async def weather(one: Storm, kills: int) -> None:
    """The storm, and what must be true after it."""
    incoming: asyncio.Queue[int] = asyncio.Queue()
    outgoing: asyncio.Queue[int] = asyncio.Queue()
    for number in range(COUNT):
        incoming.put_nowait(number)
        outgoing.put_nowait(number)
    async with asyncio.timeout(1200 if FULL else 300), asyncio.TaskGroup() as tasks:
        for _ in range(SENDERS):
            tasks.create_task(receive(one, incoming))
            tasks.create_task(write(one, outgoing))
        tasks.create_task(kill(one, kills))
    assert one.kills == kills
    assert len(set(one.acknowledged)) == COUNT
    assert len(set(one.posted)) == COUNT

    await seen_once(one)
    await arrived_once(one)


async def seen_once(one: Storm) -> None:
    """Every acknowledged post is visible exactly once."""
    (bea,) = (await one.server.api("ana").get("/api/v2/search?q=@bea@b.test"))["accounts"]
    theirs = f"/api/v1/accounts/{bea['id']}/statuses"

    async def all_there() -> bool:
        return len(await listed(one.server, theirs)) >= COUNT

    await eventually(all_there, seconds=90)
    assert Counter(await listed(one.server, theirs)) == Counter(one.acknowledged)
    if not FULL:  # a home feed is cut at some hundred
        assert Counter(await listed(one.server, "/api/v1/timelines/home")) == Counter(one.acknowledged + one.posted)


async def arrived_once(one: Storm) -> None:
    """Every post of ours came to every inbox under one id; a second copy only where we were killed meanwhile."""
    wanted = {f"{uri}/activity" for uri in one.posted}

    async def all_arrived() -> bool:
        return all(wanted <= set(one.arrived(host)) for host in FAR)

    await eventually(all_arrived, seconds=120)
    began = time.monotonic()
    while time.monotonic() - began < 2:  # nothing comes after
        await asyncio.sleep(0.1)
    for host in FAR:
        got = Counter(one.arrived(host))
        assert set(got) == wanted
        again = sum(got.values()) - len(got)
        assert again <= REPEATED * one.kills, f"{host} got {again} copies"
