"""Health and metrics, and who may see them."""

from __future__ import annotations

import pytest

from dassie.domain.jobs import RefreshAccount
from dassie.door.observing import part_of
from dassie.store import queue
from stored import cached
from worlds import Client, World


async def test_health_says_ok_and_counts_against_no_limit(world: World) -> None:
    world.app.limits._on = True
    client = await world.api_as()
    for _ in range(320):
        got = await client.get("/health")
    assert (got.code, got.body) == (200, b"OK")
    assert (await client.get("/api/v1/instance/rules")).code == 200


async def test_metrics_tell_jobs_and_answers_to_this_machine_only(world: World) -> None:
    async with world.server.write() as tx:
        later = tx.now.replace(year=tx.now.year + 1)
        await queue.enqueue(tx, RefreshAccount(uri="https://a.test/u"), host="a.test", run_at=later)
    client = await world.api_as()
    await client.get("/api/v1/instance/rules")
    assert (await client.get("/metrics")).code == 403

    here = Client(world.app, address="127.0.0.1")
    got = await here.get("/metrics")
    assert got.code == 200
    assert 'dassie_jobs{kind="RefreshAccount",state="scheduled"} 1.0' in got.text
    assert 'dassie_answers_total{code="200",part="api"}' in got.text
    assert 'dassie_request_seconds_bucket{le="0.1",part="api"}' in got.text


async def test_metrics_tell_what_is_stored_and_how_much_room_is_left(world: World) -> None:
    await cached(world, "small", "https://b.test/a.png", 1234)
    got = await Client(world.app, address="127.0.0.1").get("/metrics")
    assert 'dassie_storage_bytes{kind="small"} 1234.0' in got.text
    assert 'dassie_storage_files{kind="small"} 1.0' in got.text
    assert float(got.text.partition("\ndassie_storage_budget_bytes ")[2].split()[0]) == 20_000_000_000
    assert "dassie_room_level 3.0" in got.text
    assert float(got.text.partition("\ndassie_disk_free_bytes ")[2].split()[0]) > 0


@pytest.mark.parametrize("header", ["x-forwarded-for", "cf-connecting-ip", "forwarded"])
async def test_a_proxy_that_is_not_trusted_does_not_open_the_metrics(world: World, header: str) -> None:
    here = Client(world.app, address="127.0.0.1")
    got = await here.request("GET", "/metrics", headers={header: "198.51.100.1"})
    assert got.code == 403


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/api/v1/statuses/1", "api"),
        ("/users/ana/inbox", "inbox"),
        ("/inbox", "inbox"),
        ("/users/ana", "users"),
        ("/@ana", "pages"),
        ("/whatever-a-stranger-asks", "pages"),
        ("", "pages"),
    ],
)
def test_paths_are_told_apart_by_a_short_list(path: str, part: str) -> None:
    assert part_of(path) == part
