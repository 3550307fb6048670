"""Videos into MP4 and audio into MP3, through PyAV. Runs in the media worker only.

What browsers play already is copied stream by stream, which costs next to nothing; the rest is encoded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pyvips
from av import VideoFrame

from dassie.adapters import media_pictures
from dassie.adapters.media_jobs import Made
from dassie.adapters.media_lanes import (
    Copy,
    Lane,
    Mp3,
    Mp4,
    Output,
    TranscodeAudio,
    TranscodeVideo,
    shown_size,
)
from dassie.adapters.media_streams import Opened, audio_meta, open_streams, video_meta
from dassie.domain.errors import Invalid
from dassie.domain.media_kinds import HEAD, MAX_PICTURE_BYTES, MIB, STORED_PIXELS, UNREADABLE, Kind, sniff

Preview = tuple[Any, str, str]
"""An image in memory, its file name, its blurhash."""

_ROOM = 90 * MIB * 8  # bits
_SOUND_BITRATE = 160_000
_LEAST_SOUND = 32_000
_LEAST_VIDEO = 100_000
_MOST_VIDEO = 4_000_000
_WHOLE = 0.9
"""A file that ends before this share of its announced length is cut off."""


def attachment(source: Path, kind: Kind, folder: Path) -> Made:
    """A video or an audio file that browsers play."""
    first, cover = _look(source, kind, folder)
    opened = open_streams(source, kind)
    with opened.container:
        if opened.video is None:
            return _audio(opened, cover, folder)
        if first is None:
            raise Invalid(UNREADABLE)
        return _video(opened, kind, first, folder)


def _look(source: Path, kind: Kind, folder: Path) -> tuple[VideoFrame | None, Preview | None]:
    """The first frame of a video, or the cover of audio, from a container of its own.

    Going back to the start of a container afterwards is not possible in all formats.
    """
    opened = open_streams(source, kind)
    with opened.container as container:
        if opened.video is None:
            return None, _cover(opened, folder)
        return next(container.decode(opened.video), None), None


def _video(opened: Opened, kind: Kind, first: VideoFrame, folder: Path) -> Made:
    path = folder / "original.mp4"
    with Mp4(path) as out:
        _run(opened, _video_lanes(opened, kind, first, out))
    whole = _first_picture(path)
    small, small_name, hashed = media_pictures.preview(whole, folder)
    meta = {**video_meta(path, whole.width, whole.height), "small": media_pictures.size_of(small)}
    _check_length(opened, meta["duration"])
    return Made(kind="video", original=path.name, small=small_name, blurhash=hashed, meta=meta)


def _audio(opened: Opened, cover: Preview | None, folder: Path) -> Made:
    assert opened.audio is not None
    path = folder / "original.mp3"
    with Mp3(path) as out:
        lane: Lane
        if opened.audio.codec_context.name in ("mp3", "mp3float") and opened.container.format.name == "mp3":
            lane = Copy(out, opened.audio)
        else:
            lane = TranscodeAudio(out, opened.audio, "libmp3lame", _sound_bitrate(opened.seconds))
        _run(opened, {opened.audio.index: lane})
    meta = audio_meta(path)
    if cover is None:
        return Made(kind="audio", original=path.name, meta=meta)
    small, small_name, hashed = cover
    meta["small"] = media_pictures.size_of(small)
    return Made(kind="audio", original=path.name, small=small_name, blurhash=hashed, meta=meta)


def _video_lanes(opened: Opened, kind: Kind, first: VideoFrame, out: Output) -> dict[int, Lane]:
    video, audio = opened.video, opened.audio
    assert video is not None
    sound = _sound_bitrate(opened.seconds)
    lanes: dict[int, Lane] = {}
    if kind.name in ("mp4", "mov") and video.codec_context.name == "h264" and _common(video.pix_fmt):
        lanes[video.index] = Copy(out, video)
    else:
        lanes[video.index] = TranscodeVideo(out, video, first, _video_bitrate(opened.seconds, sound))
    if audio is not None and kind.name in ("mp4", "mov") and audio.codec_context.name == "aac":
        lanes[audio.index] = Copy(out, audio)
    elif audio is not None:
        lanes[audio.index] = TranscodeAudio(out, audio, "aac", sound)
    return lanes


def _run(opened: Opened, lanes: dict[int, Lane]) -> None:
    """Send every packet down its lane."""
    streams = [opened.container.streams[index] for index in lanes]
    for packet in opened.container.demux(streams):
        lanes[packet.stream_index].feed(packet)
    for lane in lanes.values():
        lane.end()


def _common(pixels: str | None) -> bool:
    """Browsers play H.264 in 4:2:0 with 8 bits only."""
    return pixels in ("yuv420p", "yuvj420p")


def _sound_bitrate(seconds: float | None) -> int:
    if not seconds:
        return _SOUND_BITRATE
    bitrate = min(_SOUND_BITRATE, int(_ROOM / 2 / seconds))
    if bitrate < _LEAST_SOUND:
        raise Invalid("This file is too long")
    return bitrate


def _video_bitrate(seconds: float | None, sound: int) -> int:
    """As much as fits into the room there is."""
    if not seconds:
        return _MOST_VIDEO
    return max(min(_MOST_VIDEO, int(_ROOM / seconds) - sound), _LEAST_VIDEO)


def _first_picture(path: Path) -> Any:
    """The first frame of a video we wrote, as seen: upright, with square pixels."""
    with av.open(str(path), "r", format="mov") as container:
        stream = container.streams.video[0]
        frame = next(container.decode(stream), None)
        if frame is None:
            raise Invalid(UNREADABLE)
        turns = round(frame.rotation / 90) % 4
        pixel = stream.sample_aspect_ratio
        rgb = frame.reformat(format="rgb24")
    plane = rgb.planes[0]
    rows = memoryview(plane)
    starts = range(0, rgb.height * plane.line_size, plane.line_size)
    pixels = b"".join(rows[at : at + rgb.width * 3] for at in starts)
    image = pyvips.Image.new_from_memory(pixels, rgb.width, rgb.height, 3, "uchar")
    image = image.copy(interpretation="srgb")
    width, height = shown_size(rgb.width, rgb.height, pixel, 0)
    if (width, height) != (rgb.width, rgb.height):
        image = image.thumbnail_image(width, height=height, size="force")
    return image.rot(f"d{(4 - turns) % 4 * 90}").copy_memory()


def _check_length(opened: Opened, seconds: float) -> None:
    told = opened.seconds
    if told is not None and seconds < told * _WHOLE - 0.2:
        raise Invalid("This video ends too early. It may have been cut off while uploading")


def _cover(opened: Opened, folder: Path) -> Preview | None:
    """The picture that came with audio; one that cannot be used is left out."""
    if opened.cover is None:
        return None
    data = b""
    for packet in opened.container.demux(opened.cover):
        data = bytes(packet)
        break
    try:
        if len(data) > MAX_PICTURE_BYTES:
            return None
        path = folder / "cover"
        path.write_bytes(data)
        whole = media_pictures.scaled(media_pictures.open_picture(path, sniff(data[:HEAD])), STORED_PIXELS)
        return media_pictures.preview(whole, folder)
    except Invalid:
        return None
