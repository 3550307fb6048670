"""Start-up and memory of a server that nobody asks anything."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from bench import report
from bench.process import server
from bench.world import fresh_database, install_size


async def run(kind: str, database_url: str) -> None:
    """First and second start; memory and CPU after a quiet while."""
    with tempfile.TemporaryDirectory() as folder:
        async with fresh_database(database_url) as url:
            async with server(database_url=url, data=Path(folder)) as first:
                first_start = first.started_in
            async with server(database_url=url, data=Path(folder)) as process:
                await asyncio.sleep(5)
                cpu = process.cpu
                await asyncio.sleep(10)
                report.line(
                    f"idle {kind}",
                    first_start_s=f"{first_start:.2f}",
                    start_s=f"{process.started_in:.2f}",
                    rss_mb=f"{process.rss:.0f}",
                    cpu_ms_per_s=f"{(process.cpu - cpu) * 100:.1f}",
                )
    if kind == "sqlite":
        report.line("installed", venv_mb=f"{install_size(Path(sys.prefix)):.0f}")
