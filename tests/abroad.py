"""A world whose other servers are real sockets with TLS: what we send is what they get.

async with abroad(tmp_path, monkeypatch, database_url, ["b.test", "c.test"]) as far:
    bea = await other(far.world, "bea", "b.test")
    …
    (activity,) = await far.got("b.test", 1)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

import templates
from net import Behaviour, Peer, Seen, TestCa, reply
from worlds import World, new_world

ACCEPTED = reply(b"", code=202)


@dataclass
class Abroad:
    """Our world, and one machine that is all the other servers."""

    world: World
    peer: Peer

    def at(self, host: str) -> list[Seen]:
        """Deliveries to this host, in order of arrival."""
        return [seen for seen in self.peer.seen if seen.method == "POST" and seen.headers["host"] == host]

    async def got(self, host: str, count: int, *, seconds: float = 10.0) -> list[dict[str, Any]]:
        """The first `count` activities that this host got; fails where they do not come in time."""
        await until(lambda: len(self.at(host)) >= count, seconds, lambda: f"{host} got {len(self.at(host))} of {count}")
        return [msgspec.json.decode(seen.body) for seen in self.at(host)]


async def until(done: Any, seconds: float = 10.0, what: Any = lambda: "it did not happen in time") -> None:
    """Wait for a condition."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not done():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(what())
        await asyncio.sleep(0.01)


@asynccontextmanager
async def abroad(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
    hosts: Sequence[str],
    *,
    behaviours: Mapping[str, Behaviour] | None = None,
    resolver: str = "",
    **settings: Any,
) -> AsyncIterator[Abroad]:
    """A world with these other servers. Their `/inbox` and everything under `behaviours` answers; 202 unless told."""
    ca = TestCa(folder)
    if not database_url:
        await templates.sqlite_copy(folder / "dassie.db")
    async with Peer(ca, *hosts) as peer:
        for path, behaviour in {"/inbox": ACCEPTED, **(behaviours or {})}.items():
            peer.on(path, behaviour)
        places = [f"{host}=127.0.0.1:{peer.port}" for host in hosts] + ([resolver] if resolver else [])
        monkeypatch.setenv("SSL_CERT_FILE", str(ca.bundle))
        options: dict[str, Any] = {"test_resolver": ",".join(places), "allowed_private_networks": "127.0.0.0/8"}
        async with new_world(folder, database_url=database_url, **options, **settings) as world:
            yield Abroad(world, peer)
