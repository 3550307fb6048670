"""What is stored: files of other servers that somebody looked at, and what is counted of all of it."""

from __future__ import annotations

from datetime import timedelta

import pyvips

from dassie.services.caching_media import hash_of
from dassie.services.recounting_storage import Recount, recount
from dassie.store import cached_files, usage
from dassie.store.cached_files import CachedFile
from dassie.store.usage import KindUsage
from worlds import World


def noise(width: int = 60, height: int = 40) -> bytes:
    """A PNG with some weight."""
    image = pyvips.Image.gaussnoise(width, height, mean=128, sigma=40, seed=7).cast("uchar")
    return bytes(image.bandjoin([image, image]).copy(interpretation="srgb").write_to_buffer(".png"))


async def cached(world: World, kind: str, url: str, size: int, *, age: timedelta = timedelta()) -> CachedFile:
    """A file of another server, last seen so long ago."""
    server, url_hash = world.server, hash_of(kind, url)
    name = url_hash.hex()
    source = server.config.data / "tmp" / name
    source.write_bytes(b"x" * size)
    key = f"cache/{name[:2]}/{name}.png"
    await server.media_files.put(key, source)
    async with server.write() as tx:
        file = CachedFile(url_hash, key, "image/png", size, tx.now - age)
        await cached_files.keep(tx, file, kind, url)
    return file


async def is_cached(world: World, kind: str, url: str) -> bool:
    """Whether the file is here, row and bytes; never one without the other."""
    async with world.server.read() as tx:
        row = await cached_files.by_hash(tx, hash_of(kind, url))
    if row is None:
        name = hash_of(kind, url).hex()
        assert await world.server.media_files.size(f"cache/{name[:2]}/{name}.png") is None
        return False
    assert await world.server.media_files.size(row.file_key) == row.size
    return True


async def counted(world: World) -> dict[str, KindUsage]:
    """What is counted by kind, without kinds of which nothing is there."""
    async with world.server.read() as tx:
        found = await usage.by_kind(tx)
    return {kind: one for kind, one in found.items() if one.files or one.bytes}


async def anew(world: World) -> Recount:
    """A recount that takes no file for young."""
    return await recount(world.server, young=-10.0, half_done=-10.0)
