"""Signed Creates of followed people over HTTP, until the last is a status in the home feed."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import time

from sqlalchemy import func, select

from bench import load, peers, report
from bench.world import Bench, bench
from dassie.store.tables import statuses
from dassie.store.tx import Query

COUNT = int(os.environ.get("BENCH_INGEST", "3000"))
ROUNDS = 3
CONNECTIONS = 16
_COUNT = Query(int, select(func.count()).select_from(statuses))


async def run(kind: str, database_url: str) -> None:
    """Rounds of COUNT Creates; prints medians."""
    async with bench(database_url) as made:
        actors = await peers.make_actors(made.here.db, 400, 100, followed_by=made.ana.id)
        rates, cpus, accepted = [], [], []
        for number in range(ROUNDS):
            rate, cpu, outcome = await _round(made, actors, number)
            rates.append(rate)
            cpus.append(cpu)
            accepted.append(outcome.percentile(0.99))
        await _flooded(made, actors)
        report.line(
            f"ingest {kind}",
            per_second=f"{statistics.median(rates):.0f}",
            cpu_s_per_1000=f"{statistics.median(cpus):.2f}",
            accept_p99_ms=f"{statistics.median(accepted):.0f}",
            rss_mb=f"{made.process.rss:.0f}",
        )


async def _round(made: Bench, actors: list[peers.Actor], number: int) -> tuple[float, float, load.Outcome]:
    prepared = _requests(made, actors, COUNT, number)
    before = await _stored(made)
    cpu, begun = made.process.cpu, time.perf_counter()
    outcome = await load.send(made.process.port, prepared, CONNECTIONS)
    if set(outcome.codes) != {202}:
        raise RuntimeError(f"not all were accepted: {outcome.codes}")
    while await _stored(made) - before < COUNT:
        if time.perf_counter() - begun > 300:
            raise RuntimeError(f"only {await _stored(made) - before} of {COUNT} were taken in")
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - begun
    return COUNT / seconds, (made.process.cpu - cpu) / COUNT * 1000, outcome


async def _flooded(made: Bench, actors: list[peers.Actor]) -> None:
    """How quick the API stays meanwhile."""
    flood = asyncio.create_task(load.send(made.process.port, _requests(made, actors, COUNT, 99), CONNECTIONS))
    headers = {"Host": "here.test", "Authorization": f"Bearer {made.token}"}
    one = load.request("GET", "/api/v1/timelines/home?limit=20", headers)
    latencies: list[float] = []
    while not flood.done():
        outcome = await load.send(made.process.port, [one], 1)
        latencies += outcome.latencies
        await asyncio.sleep(0.02)
    await flood
    ordered = sorted(latencies)
    report.line(
        "  home under this flood",
        p50_ms=f"{ordered[len(ordered) // 2] * 1000:.1f}",
        p99_ms=f"{ordered[int(len(ordered) * 0.99)] * 1000:.1f}",
        samples=len(ordered),
    )


def _requests(made: Bench, actors: list[peers.Actor], count: int, number: int) -> list[bytes]:
    chance = random.Random(number)
    out = []
    for i in range(count):
        actor = chance.choice(actors)
        headers, body = peers.signed(actor, peers.create(actor, number * 1_000_000 + i, chance, made.ana.uri))
        out.append(load.request("POST", "/inbox", headers, body))
    return out


async def _stored(made: Bench) -> int:
    async with made.here.read() as tx:
        return await tx.one(_COUNT) or 0
