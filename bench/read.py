"""The home timeline of 20, at 1, 8 and 32 connections."""

from __future__ import annotations

import asyncio
import random
import time

from bench import load, peers, report
from bench.ingest import _stored
from bench.world import bench

REQUESTS = {1: 800, 8: 3000, 32: 6000}


async def run(kind: str, database_url: str) -> None:
    """Fill a home feed through the inbox, then read it."""
    async with bench(database_url) as made:
        actors = await peers.make_actors(made.here.db, 60, 20, followed_by=made.ana.id)
        chance = random.Random(7)
        posts = []
        for i in range(600):
            actor = chance.choice(actors)
            headers, body = peers.signed(actor, peers.create(actor, i, chance, made.ana.uri))
            posts.append(load.request("POST", "/inbox", headers, body))
        await load.send(made.process.port, posts, 8)
        deadline = time.perf_counter() + 60
        while await _stored(made) < 600 and time.perf_counter() < deadline:
            await asyncio.sleep(0.1)
        headers = {"Host": "here.test", "Authorization": f"Bearer {made.token}"}
        one = load.request("GET", "/api/v1/timelines/home?limit=20", headers)
        await load.send(made.process.port, [one] * 300, 4)
        for connections, count in REQUESTS.items():
            cpu = made.process.cpu
            outcome = await load.send(made.process.port, [one] * count, connections)
            report.line(
                f"home of 20 {kind} x{connections}",
                per_second=f"{outcome.rate:.0f}",
                p50_ms=f"{outcome.median:.2f}",
                p99_ms=f"{outcome.percentile(0.99):.1f}",
                cpu_s_per_1000=f"{(made.process.cpu - cpu) / count * 1000:.2f}",
                codes=outcome.codes,
            )
