"""Pictures, videos and hostile files for the media tests, all made on the spot."""

from __future__ import annotations

import struct
import zlib
from fractions import Fraction
from math import pi, sin
from pathlib import Path
from typing import Any

import av
import pyvips

RATE = 48_000
SECRET = b"12 Hidden Lane"


def picture(width: int, height: int) -> Any:
    """Red at the left, blue at the right, brighter downwards: every turn shows."""
    across = pyvips.Image.xyz(width, height)[0] * (255 / max(width - 1, 1))
    down = pyvips.Image.xyz(width, height)[1] * (120 / max(height - 1, 1))
    return (across * -1 + 255).bandjoin([down, across]).cast("uchar").copy(interpretation="srgb")


def photo_with_secrets(path: Path, *, orientation: int = 1) -> Path:
    """A JPEG of 120 x 80 stored pixels with a place, an artist, XMP and a comment in it."""
    image = picture(120, 80).copy()
    image.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    for name, value in {
        "exif-ifd3-GPSLatitude": "33/1 55/1 30/1",
        "exif-ifd3-GPSLatitudeRef": "S",
        "exif-ifd0-Artist": SECRET.decode(),
    }.items():
        image.set_type(pyvips.GValue.gstr_type, name, value)
    image.set_type(pyvips.GValue.blob_type, "xmp-data", b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>")
    image.jpegsave(str(path), Q=92, keep="all")
    data = path.read_bytes()
    note = b"\xff\xfe" + struct.pack(">H", len(SECRET) + 2) + SECRET
    path.write_bytes(data[:2] + note + data[2:] + b"trailer " + SECRET)
    return path


def animation(path: Path, *, width: int = 64, height: int = 48, frames: int = 10, delay: int = 50) -> Path:
    """A square that wanders; GIF or WebP by the ending of `path`."""
    pages = [
        pyvips.Image.black(width, height, bands=3)
        .draw_rect([255, 200, 0], width // 2 - 12 + i % 9, height // 2 - 9 + i % 4, 16, 16, fill=True)
        .copy(interpretation="srgb")
        for i in range(frames)
    ]
    roll = pages[0].pagejoin(pages[1:]).copy()
    roll.set_type(pyvips.GValue.array_int_type, "delay", [delay] * frames)
    roll.set_type(pyvips.GValue.gint_type, "loop", 0)
    roll.write_to_file(str(path))
    return path


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that promises enormous dimensions."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def video(
    path: Path,
    *,
    codec: str = "libx264",
    audio: str | None = "aac",
    size: tuple[int, int] = (96, 64),
    rate: int = 25,
    frames: int = 25,
    rotation: float | None = None,
    pixels: str = "yuv420p",
) -> Path:
    """A second of a changing picture and a tone, with a title and a place that must not get out."""
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as out:
        out.metadata.update({"title": SECRET.decode(), "location": "-33.9249+018.4241/"})
        stream: Any = out.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        if rotation is not None:
            stream.set_display_rotation(rotation)
        sound: Any = out.add_stream(audio, rate=RATE, layout="stereo") if audio else None
        for number in range(frames):
            image = (picture(*size) * 0.5 + 100 * number / frames).cast("uchar")
            frame = _frame(image)
            frame.pts, frame.time_base = number, Fraction(1, rate)
            out.mux(stream.encode(frame))
            if sound is not None:
                for part in _tone(RATE // rate, number * RATE // rate):
                    out.mux(sound.encode(part))
        for each in (stream, sound):
            if each is not None:
                out.mux(each.encode(None))
    return path


def slow_video(path: Path) -> Path:
    """Some seconds of work for a worker, yet quickly made."""
    size = (1280, 720)
    data = bytes(picture(*size).bandjoin(255).cast("uchar").write_to_memory())
    frame = av.VideoFrame.from_bytes(data, *size, "rgba").reformat(format="yuv420p")
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("mpeg4", rate=60)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(900):
            frame.pts, frame.time_base = number, Fraction(1, 60)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def audio(path: Path, codec: str, *, seconds: float = 1.0, cover: bytes | None = None) -> Path:
    """A tone with a title in it, and with `cover` as its picture."""
    with av.open(str(path), "w") as out:
        out.metadata["title"] = SECRET.decode()
        sound: Any = out.add_stream(codec, rate=RATE, layout="stereo")
        if cover is not None:
            art: Any = out.add_stream("png")
            image = pyvips.Image.new_from_buffer(cover, "")
            art.width, art.height, art.pix_fmt = image.width, image.height, "rgb24"
            art.disposition = av.stream.Disposition.attached_pic
            out.mux(art.encode(_frame(image)))
            out.mux(art.encode(None))
        for at in range(0, int(RATE * seconds), 4800):
            for part in _tone(4800, at):
                out.mux(sound.encode(part))
        out.mux(sound.encode(None))
    return path


def _frame(image: Any) -> av.VideoFrame:
    data = bytes(image.bandjoin(255).cast("uchar").write_to_memory())
    return av.VideoFrame.from_bytes(data, image.width, image.height, "rgba")


def _tone(samples: int, start: int) -> list[av.AudioFrame]:
    values = [int(8000 * sin(2 * pi * 440 * (start + i) / RATE)) for i in range(samples)]
    frame = av.AudioFrame(format="s16", layout="stereo", samples=samples)
    frame.planes[0].update(b"".join(struct.pack("<hh", value, value) for value in values))
    frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
    return [frame]
