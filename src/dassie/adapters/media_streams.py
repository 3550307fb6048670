"""Opening videos and audio with PyAV, their limits, and their facts. Runs in the media worker only."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from dassie.adapters.media_pictures import size_facts
from dassie.domain.errors import Invalid
from dassie.domain.media_kinds import STORED_PIXELS, UNREADABLE, Kind
from dassie.domain.media_limits import MAX_RATE as MAX_RATE

MAX_FRAMES = 36_000
THREADS = 2

_FORMATS = {"mp4": "mov", "webm": "matroska"}  # the others are called what they are
_VIDEO_CODECS = frozenset(
    {
        "h264",
        "hevc",
        "vp8",
        "vp9",
        "libvpx",
        "libvpx-vp9",
        "libdav1d",
        "av1",
        "mpeg4",
        "theora",
        "h263",
        "mjpeg",
    }
)
_AUDIO_CODECS = frozenset(
    {"aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "flac", "alac", "amrnb", "amrwb", "pcm_u8"}
    | {f"pcm_{sort}{bits}{order}" for sort in "sf" for bits in (16, 24, 32, 64) for order in ("le", "be")}
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that may be decoded: its streams are of codecs and sizes we take."""

    container: InputContainer
    video: VideoStream | None
    audio: AudioStream | None
    cover: VideoStream | None
    """A picture that belongs to audio."""

    @property
    def seconds(self) -> float | None:
        """How long it says it is."""
        streams = [s for s in (self.video, self.audio) if s is not None and s.duration and s.time_base]
        if streams:
            return max(float(s.duration * s.time_base) for s in streams)  # type: ignore[operator]
        length = self.container.duration
        return None if length is None else length / av.time_base


def open_streams(path: Path, kind: Kind) -> Opened:
    """The first video and the first audio of a file. Raises `Invalid` where a limit is broken.

    The format is forced to what the first bytes said, and no other file is ever opened through it.
    """
    container = av.open(
        path.open("rb"),
        "r",
        format=_FORMATS.get(kind.name, kind.name),
        options={"max_pixels": str(STORED_PIXELS)},
        metadata_errors="ignore",
        buffer_size=1 << 18,
        io_open=_no_other_file,
    )
    videos = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    covers = [s for s in container.streams.video if s.disposition & av.stream.Disposition.attached_pic]
    audios = container.streams.audio
    opened = Opened(
        container=container,
        video=videos[0] if videos else None,
        audio=audios[0] if audios else None,
        cover=covers[0] if covers else None,
    )
    if opened.video is not None:
        _check_video(opened.video)
    if opened.audio is not None and not _known(opened.audio, _AUDIO_CODECS):
        raise Invalid("The sound of this file is in a format that is not supported")
    if opened.video is None and opened.audio is None:
        raise Invalid(UNREADABLE)
    return opened


def video_meta(path: Path, width: int, height: int) -> dict[str, Any]:
    """The facts of an MP4 we wrote, as the Mastodon API shows them. `width` and `height` as seen."""
    with av.open(str(path), "r", format="mov") as container:
        video = container.streams.video[0]
        seconds, rate = _seconds(container), video.average_rate or Fraction(0)
        meta: dict[str, Any] = {
            **_length(seconds),
            "fps": round(rate),
            **size_facts(width, height),
            "original": {
                "width": width,
                "height": height,
                "frame_rate": f"{rate.numerator}/{rate.denominator}",
                "duration": seconds,
                "bitrate": container.bit_rate,
            },
        }
        if container.streams.audio:
            meta |= _sound(container.streams.audio[0])
    return meta


def audio_meta(path: Path) -> dict[str, Any]:
    """The facts of an MP3 we wrote."""
    with av.open(str(path), "r", format="mp3") as container:
        sound, seconds = container.streams.audio[0], _seconds(container)
        bitrate = sound.bit_rate or container.bit_rate
        return {**_length(seconds), **_sound(sound), "original": {"duration": seconds, "bitrate": bitrate}}


def length_text(seconds: float) -> str:
    """`h:mm:ss.cc`, as ffmpeg prints it and the API shows it."""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02}:{rest // 100:02}.{rest % 100:02}"


def _check_video(video: VideoStream) -> None:
    if not _known(video, _VIDEO_CODECS):
        raise Invalid("The pictures of this video are in a format that is not supported")
    width, height = video.width, video.height
    if not width or not height:
        raise Invalid(UNREADABLE)
    if width * height > STORED_PIXELS:
        raise Invalid(f"This video has {width} x {height} pixels; at most {STORED_PIXELS:,} pixels are possible")
    rate = video.average_rate or video.guessed_rate or Fraction(0)
    if rate > MAX_RATE:
        raise Invalid(f"This video has {round(rate)} frames a second; at most {MAX_RATE} are possible")
    if video.frames > MAX_FRAMES:
        raise too_many_frames()
    video.codec_context.options = {"max_pixels": str(STORED_PIXELS)}
    video.codec_context.thread_count = THREADS


def too_many_frames() -> Invalid:
    """The refusal of a video that is too long."""
    return Invalid(f"This video has too many frames; at most {MAX_FRAMES:,} are possible")


def _known(stream: VideoStream | AudioStream, names: frozenset[str]) -> bool:
    # a codec that ffmpeg has no decoder for leaves the stream without a context
    return stream.codec_context is not None and stream.codec_context.name in names


def _sound(sound: AudioStream) -> dict[str, str]:
    """Mastodon calls the sample rate `audio_bitrate`; clients show what is there."""
    profile = f" ({sound.profile})" if sound.profile else ""
    return {
        "audio_encode": sound.codec_context.name.removesuffix("float") + profile,
        "audio_bitrate": f"{sound.codec_context.sample_rate} Hz",
        "audio_channels": sound.codec_context.layout.name,
    }


def _seconds(container: InputContainer) -> float:
    return round((container.duration or 0) / av.time_base, 6)


def _length(seconds: float) -> dict[str, Any]:
    return {"length": length_text(seconds), "duration": round(seconds, 2)}


def _no_other_file(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    """Some formats name further files to open. Not here."""
    raise PermissionError(url)
