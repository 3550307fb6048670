"""Pictures and worlds for tests of the file door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pyvips
from aiohttp import web

from dassie.adapters.clock import SystemClock
from dassie.adapters.http_client import HttpClient
from net import LOOPBACK, Peer, TestCa
from worlds import World, new_world


def picture(width: int = 600, height: int = 400, form: str = "png") -> bytes:
    """A picture with some noise in it, so that it has a size worth mentioning."""
    image = pyvips.Image.gaussnoise(width, height, mean=128, sigma=40, seed=7).cast("uchar")
    return bytes(image.bandjoin([image, image]).copy(interpretation="srgb").write_to_buffer(f".{form}"))


def size_of(data: bytes) -> tuple[int, int]:
    image = pyvips.Image.new_from_buffer(data, "")
    return image.width, image.height


@asynccontextmanager
async def world_with_peer(folder: Path, *names: str, **settings: Any) -> AsyncIterator[tuple[World, Peer]]:
    """A world whose server reaches a real upstream of these names."""
    ca = TestCa(folder)
    async with Peer(ca, *names) as peer, new_world(folder / "data", run_jobs=False, **settings) as world:
        client = HttpClient(
            "test",
            clock=SystemClock(),
            allowed_private=LOOPBACK,
            resolver_overrides=peer.overrides,
            ssl_context=ca.client_context,
        )
        object.__setattr__(world.server, "http", client)
        yield world, peer


__all__ = ["picture", "size_of", "web", "world_with_peer"]
