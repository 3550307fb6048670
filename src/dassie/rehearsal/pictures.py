"""Small pictures of the fleet, made without any tool, so that serving them costs nothing."""

from __future__ import annotations

import random
import struct
import zlib

WIDTH, HEIGHT = 320, 240


def picture(number: int) -> bytes:
    """A PNG of some 20 kB: coloured steps with grain in them."""
    chance = random.Random(f"picture {number}")
    tones = [chance.randrange(40, 216) for _ in range(3)]
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)
        for x in range(WIDTH):
            grain = chance.getrandbits(3) if (x // 8 + y // 8) % 4 == 0 else 0
            rows += bytes((tone + x // 16 + y // 16 + grain) & 255 for tone in tones)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
