"""`dassie relays try` beside a running server: a real relay pours, nothing is kept, and its price is told."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from dassie.rehearsal import home
from dassie.rehearsal.fleet_process import FleetProcess
from dassie.rehearsal.flooded import Flooded, free_port
from dassie.rehearsal.plan import Plan, Via
from dassie.rehearsal.preparing import prepare
from dassie.rehearsal.relays import ADDRESSES
from dassie.store import usage

PLAN = Plan(seed=5, posts=300, authors=40, hosts=20, friends=2, own_posts=2, faulty=0.0)
MINUTES = "0.2"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["mastodon", "litepub"])
async def test_trial_of_a_relay_tells_its_price_and_keeps_nothing(tmp_path: Path, kind: Via) -> None:
    plan = await prepare(PLAN, tmp_path)
    data = tmp_path / "data"
    data.mkdir()
    port = free_port()
    async with FleetProcess(tmp_path, port) as fleet:
        settings = Flooded.settings(data, port, fleet.resolver) | {"SSL_CERT_FILE": fleet.bundle}
        async with Flooded(data, port, settings):
            command = [sys.executable, "-m", "dassie", "relays", "try", ADDRESSES[kind], "--minutes", MINUTES]
            trial = await asyncio.create_subprocess_exec(
                *command, "--data", str(data), stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            await asyncio.sleep(4)
            await fleet.pour(0, plan.posts, rate=60, lines=2)
            said, trouble = await asyncio.wait_for(trial.communicate(), 150)
            assert trial.returncode == 0, trouble.decode()
            async with home.opened(settings) as server, server.read() as tx:
                kept = await usage.by_kind(tx)
            members = await fleet.members()
    told = said.decode()
    assert "posts an hour" in told
    assert "If everything were let in, a day would cost" in told
    assert "h0" in told  # its servers are named
    assert not any(one.files for one in kept.values())
    assert not members[kind]  # it was left
