"""Moving pictures (GIF, WebP) into silent videos. Runs in the media worker only.

libvips reads the frames, one at a time, and PyAV only encodes: so of ffmpeg's hundreds of decoders
none sees the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyvips
from av import VideoFrame

from dassie.adapters import media_pictures
from dassie.adapters.media_jobs import Made
from dassie.adapters.media_lanes import EncodeVideo, Mp4
from dassie.adapters.media_streams import MAX_FRAMES, MAX_RATE, video_meta
from dassie.domain.errors import Invalid
from dassie.domain.media_kinds import STORED_PIXELS, UNREADABLE, Kind

_MAX_WORK = 8_000_000_000
"""Pixels of all frames together: some minutes of work on an old laptop."""
_TICKS = 1000  # delays are whole milliseconds
_WHITE = [255, 255, 255]


def gifv(source: Path, kind: Kind, folder: Path) -> Made:
    """An MP4 without sound that clients play in a loop."""
    picture = media_pictures.open_picture(source, kind)
    _check(picture)
    roll = _roll(picture)
    delays = _delays(roll, picture.frames)
    width, height = _even(picture.width), _even(picture.height)
    rate = Fraction(_TICKS * len(delays), sum(delays)).limit_denominator(1001)
    path, first, at = folder / "original.mp4", b"", 0
    with Mp4(path) as out:
        lane = EncodeVideo(out, width, height, rate=rate, ticks=_TICKS)
        for pixels, delay in zip(_frames(roll, picture, width, height), delays, strict=True):
            first = first or pixels
            lane.add(_frame(pixels, width, height, at, delay))
            at += delay
        lane.end()
    still = pyvips.Image.new_from_memory(first, width, height, 4, "uchar")[:3].copy(interpretation="srgb")
    small, small_name, hashed = media_pictures.preview(still, folder)
    meta = {**video_meta(path, width, height), "small": media_pictures.size_of(small)}
    return Made(kind="gifv", original=path.name, small=small_name, blurhash=hashed, meta=meta)


def _check(picture: media_pictures.Picture) -> None:
    if picture.width * picture.height > STORED_PIXELS:
        raise media_pictures.too_many_pixels("moving picture", picture.width, picture.height, STORED_PIXELS)
    if picture.frames > MAX_FRAMES:
        raise Invalid(f"This moving picture has {picture.frames} frames; at most {MAX_FRAMES:,} are possible")
    if picture.frames * picture.width * picture.height > _MAX_WORK:
        raise Invalid("This moving picture is too large and too long. Please upload it as a video")


def _roll(picture: media_pictures.Picture) -> Any:
    """All frames below each other, decoded as they are asked for, from the top."""
    try:
        roll = pyvips.Image.new_from_buffer(picture.data, "", n=-1, access="sequential", fail_on="error")
        flat = roll.flatten(background=_WHITE) if roll.hasalpha() else roll
        return flat.colourspace("srgb").cast("uchar").bandjoin(255)  # RGBA is what PyAV takes
    except pyvips.Error as error:
        raise Invalid(UNREADABLE) from error


def _delays(roll: Any, frames: int) -> list[int]:
    """Milliseconds each frame is shown. As in browsers, 10 and less means 100: such files never meant it."""
    told = list(roll.get("delay")) if roll.get_typeof("delay") else []
    told = (told + [0] * frames)[:frames]
    return [min(delay, 60_000) if delay > 1000 // MAX_RATE + 2 else 100 for delay in told]


def _frames(roll: Any, picture: media_pictures.Picture, width: int, height: int) -> Iterator[bytes]:
    """The pixels of each frame, `width` x `height`: an odd last row or column is left off."""
    region = pyvips.Region.new(roll)
    page = int(roll.get("page-height"))
    seen_width, seen_height = min(width, picture.width), min(height, picture.height)
    for number in range(picture.frames):
        try:
            pixels = bytes(region.fetch(0, number * page, seen_width, seen_height))
        except pyvips.Error as error:
            raise Invalid(UNREADABLE) from error
        yield (
            pixels
            if (seen_width, seen_height) == (width, height)
            else _padded(pixels, seen_width, seen_height, width, height)
        )


def _padded(pixels: bytes, width: int, height: int, new_width: int, new_height: int) -> bytes:
    """The same with its edge repeated, for pictures of a single row or column."""
    image = pyvips.Image.new_from_memory(pixels, width, height, 4, "uchar")
    return bytes(image.embed(0, 0, new_width, new_height, extend="copy").write_to_memory())


def _frame(pixels: bytes, width: int, height: int, at: int, delay: int) -> VideoFrame:
    frame = VideoFrame.from_bytes(pixels, width, height, format="rgba")
    frame.pts, frame.duration, frame.time_base = at, delay, Fraction(1, _TICKS)
    return frame


def _even(length: int) -> int:
    """H.264 in its common form needs even sides."""
    return max(length - length % 2, 2)
