"""A disk that fills: strangers wait before anything is at risk, and people here go on writing at the floor."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dassie.cli.opening import open_database
from dassie.config import load
from dassie.domain.relays import Relay, RelayRules
from dassie.store import relays
from running import Running, eventually
from senders import Inbox, home_uris, inbox
from test_full_disk import small_disk, upload

__all__ = ["small_disk"]
pytestmark = pytest.mark.slow

MB = 1_000_000
FLOOR = 6 * MB
NEAR = 14 * MB
"""The floor and 8 MB."""


async def enter_relay(one: Inbox) -> None:
    """eve is a relay that has taken this server in."""
    db = await open_database(load({"data": one.server.folder}, environ={}))
    try:
        async with db.write() as tx:
            relay = Relay(
                id=7,
                url=one.eve.uri,
                kind="litepub",
                state="accepted",
                domain="evil.test",
                inbox_url=f"{one.eve.uri}/inbox",
                actor_uri=one.eve.uri,
                follow_uri="https://a.test/actor#follows/7",
                sends=False,
                rules=RelayRules(),
                last_error=None,
                paused_until=None,
                trial_until=None,
                accepted_at=tx.now,
                last_heard_at=None,
                created_at=tx.now,
            )
            await relays.insert(tx, relay)
    finally:
        await db.close()


async def announce(one: Inbox, number: int) -> Any:
    """The relay tells of a stranger's post."""
    return await one.send(
        {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{one.eve.uri}/announces/{number}",
            "type": "Announce",
            "actor": one.eve.uri,
            "object": f"https://far.test/notes/{number}",
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
        },
        by=one.eve,
    )


async def level_of(server: Running) -> int:
    """What /metrics says of the room."""
    async with server.town.session.get(
        f"https://127.0.0.1:{server.port}/metrics",
        ssl=server.town.ca.client_context,
        server_hostname=server.domain,
    ) as answer:
        assert answer.status == 200
        text = await answer.text()
    return int(float(text.partition("\ndassie_room_level ")[2].split()[0]))


def leave_free(disk: Path, size: int) -> None:
    """Make the ballast so big that this much is free."""
    ballast = disk / "ballast"
    kept = ballast.stat().st_size if ballast.exists() else 0
    wanted = kept + shutil.disk_usage(disk).free - size
    if wanted < kept:
        os.truncate(ballast, max(wanted, 0))
        return
    with ballast.open("ab", buffering=0) as file:
        while wanted > kept:
            kept += file.write(bytes(min(65_536, wanted - kept)))


async def test_strangers_wait_before_anything_is_at_risk(tmp_path: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    async with inbox(tmp_path, storage_floor=str(FLOOR)) as one:
        server = one.server
        await server.stop()
        await enter_relay(one)
        data = small_disk / "data"
        subprocess.run(["cp", "-a", str(server.folder), str(data)], check=True)
        server.settings["data"] = str(data)
        await server.start()
        api = server.api("ana")

        async def at(level: int) -> None:
            async def reached() -> bool:
                return await level_of(server) == level

            await eventually(reached)

        await at(3)
        assert (await announce(one, 1)).code == 202

        leave_free(small_disk, NEAR - MB)
        await at(2)
        assert shutil.disk_usage(small_disk).free > FLOOR
        refused = await announce(one, 2)
        assert refused.code == 503
        assert b"No room for strangers' posts" in refused.body
        assert b"dassie storage set --floor" in refused.body
        assert int(refused.headers["retry-after"]) > 0
        assert (await one.send(one.create("near"))).code == 202
        assert (await api.call("POST", "/api/v1/statuses", {"status": "near"})).code == 200

        leave_free(small_disk, FLOOR - MB)
        await at(1)
        assert (await announce(one, 3)).code == 503
        assert (await one.send(one.create("floor"))).code == 202
        kept = [
            (await api.post("/api/v1/statuses", {"status": f"at the floor {number}"}))["uri"] for number in range(20)
        ]
        picture = await api.call("POST", "/api/v2/media", upload(100_000))
        assert picture.code in (200, 202, 422), picture.body

        async def arrived() -> bool:
            return {f"{one.bea.uri}/statuses/{name}" for name in ("near", "floor")} | set(kept) <= set(
                await home_uris(server)
            )

        await eventually(arrived)
        leave_free(small_disk, NEAR + 10 * MB)
        await at(3)
        assert (await announce(one, 4)).code == 202
        assert "Traceback" not in server.log
        lines = [line for line in server.log.splitlines() if "room has changed" in line]
        assert 3 <= len(lines) <= 5, lines
