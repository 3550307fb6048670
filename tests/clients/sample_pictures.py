"""Pictures for uploads, made on the spot."""

from __future__ import annotations

import pyvips


def png(width: int, height: int) -> bytes:
    """A picture that gets brighter to the right and downwards."""
    where = pyvips.Image.xyz(width, height)
    bands = [where[0] * (255 / width), where[1] * (255 / height), where[0] * 0 + 80]
    data: bytes = bands[0].bandjoin(bands[1:]).cast("uchar").copy(interpretation="srgb").pngsave_buffer()
    return data
