"""A post goes round the world: its documents are fetched, it is liked and boosted; strangers' Deletes come too."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from bench import load, peers, report
from bench.world import Bench, bench
from dassie.domain.ids import StatusId, new_id
from dassie.services.writing import NewStatus, write_status
from dassie.store import statuses
from dassie.store.views import StatusRow

GETS = 6_000
ROUNDS = 3
CONNECTIONS = 32
LIKES = 5_000
BOOSTS = 1_000
DELETES = 3_000
HOSTS = 500
ASKING = {
    "Host": "here.test",
    "User-Agent": "http.rb/5.2.0 (Mastodon/4.4.2; +https://h1.test/)",
    "Accept": 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
    "Signature": f'keyId="https://h1.test/actor#main-key",algorithm="rsa-sha256",signature="{"A" * 344}"',
    "X-Forwarded-Proto": "https",
}


async def run(kind: str, database_url: str) -> None:
    """Fetch, like and boost one post, then delete strangers."""
    async with bench(database_url) as made:
        post = await _post(made)
        path = post.uri.removeprefix("https://here.test")
        for name, address in _addresses(path):
            await _gets(made, f"GET {name} {kind}", load.request("GET", address, ASKING))
        tagged = ASKING | {"If-None-Match": await _etag(made, path)}
        await _gets(made, f"GET note, has it {kind}", load.request("GET", path, tagged))
        fans = await peers.make_actors(made.here.db, LIKES, HOSTS, followed_by=None)
        await _marks(made, f"likes {kind}", [_like(fan, post) for fan in fans], post, "favourites_count")
        await _marks(made, f"boosts {kind}", [_boost(fan, post) for fan in fans[:BOOSTS]], post, "reblogs_count")
        await _deletes(made, kind, fans[0])


def _addresses(note: str) -> list[tuple[str, str]]:
    finger = "/.well-known/webfinger?resource=acct:ana@here.test"
    return [("note", note), ("actor", "/users/ana"), ("replies", f"{note}/replies"), ("webfinger", finger)]


async def _post(made: Bench) -> StatusRow:
    async with made.here.write() as tx:
        id = StatusId(new_id(tx.now))
        uri = made.here.urls.status_uri("ana", id)
        words = "<p>" + " ".join(peers.WORDS * 5) + "</p>"
        row = await write_status(
            tx, made.here, NewStatus(id=id, author=made.ana, uri=uri, visibility="public", content=words)
        )
    assert row is not None
    return row


async def _gets(made: Bench, name: str, one: bytes) -> None:
    await load.send(made.process.port, [one] * 300, 4)
    for _ in range(ROUNDS):
        cpu = made.process.cpu
        outcome = await load.send(made.process.port, [one] * GETS, CONNECTIONS)
        _line(name, outcome, made.process.cpu - cpu)


async def _etag(made: Bench, path: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", made.process.port)
    try:
        writer.write(load.request("GET", path, ASKING))
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        return next(line.partition(":")[2].strip() for line in head if line.lower().startswith("etag:"))
    finally:
        writer.close()


def _like(fan: peers.Actor, post: StatusRow) -> bytes:
    return _signed(fan, {"id": f"{fan.uri}#likes/1", "type": "Like", "object": post.uri})


def _boost(fan: peers.Actor, post: StatusRow) -> bytes:
    to = {"to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [f"{fan.uri}/followers"]}
    return _signed(fan, {"id": f"{fan.uri}/statuses/1/activity", "type": "Announce", "object": post.uri, **to})


def _signed(fan: peers.Actor, activity: dict[str, object]) -> bytes:
    whole = {"@context": "https://www.w3.org/ns/activitystreams", "actor": fan.uri, **activity}
    headers, body = peers.signed(fan, whole)
    return load.request("POST", "/inbox", headers, body)


async def _marks(made: Bench, name: str, requests: Sequence[bytes], post: StatusRow, figure: str) -> None:
    """All of them, until the last is in the figure; and how often the post changed for it."""
    before = await _row(made, post)
    cpu, begun = made.process.cpu, time.perf_counter()
    outcome = await load.send(made.process.port, requests, CONNECTIONS)
    while getattr(row := await _row(made, post), figure) < len(requests):
        if time.perf_counter() - begun > 300:
            raise RuntimeError(f"only {getattr(row, figure)} of {len(requests)} were counted")
        await asyncio.sleep(0.1)
    seconds = time.perf_counter() - begun
    outcome.seconds = seconds
    _line(name, outcome, made.process.cpu - cpu, settled_s=f"{seconds:.1f}", changes=row.rev - before.rev)


async def _row(made: Bench, post: StatusRow) -> StatusRow:
    async with made.here.read() as tx:
        row = await statuses.by_id(tx, post.id)
    assert row is not None
    return row


async def _deletes(made: Bench, kind: str, somebody: peers.Actor) -> None:
    requests = []
    for n in range(DELETES):
        uri = f"https://gone{n % HOSTS}.test/users/gone{n // 3}"
        gone = peers.Actor(0, uri, f"gone{n}", f"gone{n % HOSTS}.test", somebody.pem)
        requests.append(_signed(gone, {"id": f"{uri}#delete", "type": "Delete", "object": uri}))
    cpu = made.process.cpu
    outcome = await load.send(made.process.port, requests, CONNECTIONS)
    _line(f"Deletes by strangers {kind}", outcome, made.process.cpu - cpu)


def _line(name: str, outcome: load.Outcome, cpu: float, **more: object) -> None:
    count = len(outcome.latencies)
    report.line(
        name,
        per_second=f"{outcome.rate:.0f}",
        p50_ms=f"{outcome.median:.1f}",
        p99_ms=f"{outcome.percentile(0.99):.0f}",
        cpu_s_per_1000=f"{cpu / count * 1000:.2f}",
        codes=outcome.codes,
        **more,
    )
