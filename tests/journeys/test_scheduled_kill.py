"""A scheduled post survives kill -9, before its time and at it, and is posted once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dassie.server import Server
from dassie.services import scheduling
from dassie.services.drafts import Draft
from dassie.store import accounts
from dassie.store.queue import LEASE
from running import eventually, town

pytestmark = pytest.mark.slow


async def test_a_scheduled_post_survives_kills_and_is_posted_once(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduling, "LEAST_AHEAD", timedelta())  # nobody waits for five minutes here
    times: list[datetime] = []

    async def prepare(server: Server) -> None:
        async with server.read() as tx:
            ana = await accounts.by_name(tx, "ana")
        assert ana is not None
        async with server.write() as tx:
            for number in range(8):
                at = datetime.now(UTC) + timedelta(seconds=6 + number * 0.7)
                times.append(at)
                await scheduling.schedule(tx, server, ana, Draft(text=f"post {number}"), at)

    async with town(tmp_path) as made:
        server = await made.server("a.test", ["ana"], database_url=database_url, prepare=prepare, sync="full")
        await server.start()
        await server.kill()
        for number in (1, 3, 5):
            await server.start()
            await asyncio.sleep(max((times[number] - datetime.now(UTC)).total_seconds(), 0.0) + 0.002)
            await server.kill()
        await server.start()
        ana = server.api("ana")
        id = (await ana.get("/api/v1/accounts/verify_credentials"))["id"]

        async def posted() -> list[str] | None:
            left = await ana.get("/api/v1/scheduled_statuses")  # first: what is posted in between is not missed
            found = await ana.get(f"/api/v1/accounts/{id}/statuses?limit=40")
            return [one["content"] for one in found] if not left else None

        # Where others may work on the database too, a killed worker's jobs return only when their lease ends.
        contents = await eventually(posted, seconds=LEASE.total_seconds() + 30)
        assert sorted(contents or []) == [f"<p>post {number}</p>" for number in range(8)]
