"""Reading on a server that has lived for a while (`bench/populated.py`), at 1, 8 and 32 connections."""

from __future__ import annotations

import tempfile
from pathlib import Path
from shutil import rmtree

from bench import load, report
from bench.populated import Populated, populated
from bench.process import Process, server
from bench.world import fresh_database

WARM = 300
SECONDS_EACH = 4.0
"""About so long each figure is measured."""
LEAST = 200


def pages(made: Populated) -> dict[str, str]:
    """What is read, by the name it has in the report."""
    return {
        "home": "/api/v1/timelines/home?limit=20",
        "public": "/api/v1/timelines/public?limit=20",
        "tag": "/api/v1/timelines/tag/koppie?limit=20",
        "list": f"/api/v1/timelines/list/{made.list_id}?limit=20",
        "account": f"/api/v1/accounts/{made.account_id}/statuses?limit=20",
        "thread of 200": f"/api/v1/statuses/{made.thread_id}/context",
        "notifications": "/api/v1/notifications?limit=40",
        "grouped": "/api/v2/notifications?limit=40",
        "search, common words": f"/api/v2/search?q={made.common.replace(' ', '+')}&limit=20",
        "search, a rare word": f"/api/v2/search?q={made.rare}&limit=20",
        "search for a person": "/api/v2/search?q=person12&type=accounts",
    }


async def run(kind: str, database_url: str) -> None:
    """Each page by itself: rates, latencies and CPU."""
    folder = Path(tempfile.mkdtemp(prefix="dassie-bench-"))
    try:
        async with fresh_database(database_url) as url:
            made = await populated(folder, url)
            async with server(database_url=url, data=folder) as process:
                for name, path in pages(made).items():
                    await _measure(kind, process, made.token, name, path)
                report.line(f"after reading {kind}", rss_mb=f"{process.rss:.0f}")
    finally:
        rmtree(folder, ignore_errors=True)


async def _measure(kind: str, process: Process, token: str, name: str, path: str) -> None:
    one = load.request("GET", path, {"Host": "here.test", "Authorization": f"Bearer {token}"})
    warm = await load.send(process.port, [one] * WARM, 4)
    count = max(LEAST, int(warm.rate * SECONDS_EACH))
    for connections in (1, 8, 32):
        cpu = process.cpu
        outcome = await load.send(process.port, [one] * count, connections)
        report.line(
            f"{name} {kind} x{connections}",
            per_second=f"{outcome.rate:.0f}",
            p50_ms=f"{outcome.median:.2f}",
            p99_ms=f"{outcome.percentile(0.99):.1f}",
            cpu_s_per_1000=f"{(process.cpu - cpu) / count * 1000:.2f}",
            codes=outcome.codes,
        )
