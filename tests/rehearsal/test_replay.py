"""A very small bad day, with a kill -9 in its middle: nothing acknowledged is lost, on either database."""

from __future__ import annotations

from pathlib import Path

import pytest

from dassie.rehearsal.outcome import Outcome
from dassie.rehearsal.plan import Plan
from dassie.rehearsal.replay import Day, replay

PLAN = Plan(seed=5, hosts=21, authors=40, posts=120, friends=4, own_posts=12, faulty=0.34)


@pytest.mark.slow
async def test_nothing_is_lost_when_the_server_is_killed_in_the_flood(tmp_path: Path, database_url: str) -> None:
    day = Day(
        plan=PLAN,
        rate=40,
        lines=3,
        idle_seconds=1.0,
        drain_seconds=60.0,  # on PostgreSQL the jobs of the killed process return when their leases end
        admit_all=True,
        kill=True,
        database_url=database_url,
    )
    said: list[str] = []
    outcome: Outcome = await replay(day, tmp_path, tmp_path, said.append)
    assert "  kill -9" in said
    assert outcome.codes[202] == outcome.offered == PLAN.posts
    assert outcome.lost == outcome.own_acknowledged_lost == outcome.own_not_seen == 0
    assert (outcome.own_sent, outcome.own.count) == (12, 12)
    assert outcome.stored > PLAN.posts / 4
    assert outcome.api["idle"].count > 0 < outcome.api["flood"].count
    assert outcome.relays["mastodon"].fetches["actor"] > 0 < outcome.relays["litepub"].fetches["note"]
    assert outcome.disk["database"] > 0 < outcome.peak_rss_mb
