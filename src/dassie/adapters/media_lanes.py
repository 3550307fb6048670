"""Writing videos and audio with PyAV: each stream goes down a lane that copies or encodes it.

Runs in the media worker only. Titles, places, chapters and further streams (cameras keep positions in
those) are never carried over.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import av
from av import AudioFrame, AudioResampler, Packet, VideoFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.filter import Graph
from av.stream import Stream
from av.video.stream import VideoStream

from dassie.adapters.media_pictures import fit
from dassie.adapters.media_streams import MAX_FRAMES, THREADS, too_many_frames

_ENCODED_PIXELS = 1920 * 1080
"""What has to be encoded is made no larger than this: 4K takes an old laptop minutes per minute."""
_TOLERATED = 10
"""So many packets may be broken before a file counts as damaged."""
_VIDEO_TICKS = 90_000
_MAX_BITRATE = 4_000_000


class Lane(Protocol):
    """Takes the packets of one stream."""

    def feed(self, packet: Packet[Any]) -> None: ...

    def end(self) -> None: ...


class Output:
    """A file being written. On an error it is left unfinished, for the caller to throw away."""

    def __init__(self, path: Path, format: str, options: dict[str, str]) -> None:
        self.container: OutputContainer = av.open(
            str(path), "w", format=format, options={"fflags": "+bitexact", **options}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.container.close()


class Mp4(Output):
    """An MP4 whose index comes first, so that it plays while it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "mp4", {"movflags": "+faststart"})


class Mp3(Output):
    """An MP3 without any tag."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "mp3", {"id3v2_version": "0", "write_id3v1": "0"})


class Copy:
    """Takes a stream over as it is."""

    def __init__(self, output: Output, source: VideoStream | AudioStream) -> None:
        self._container = output.container
        self._stream: Stream = output.container.add_stream_from_template(source)
        self._stream.metadata.clear()
        self._frames = 0

    def feed(self, packet: Packet[Any]) -> None:
        if packet.dts is None:  # the empty packet at the end
            return
        self._frames += 1
        if self._stream.type == "video" and self._frames > MAX_FRAMES:
            raise too_many_frames()
        packet.stream = self._stream
        self._container.mux(packet)

    def end(self) -> None:
        """Nothing is held back."""


class EncodeVideo:
    """Encodes frames as H.264, in the form every browser plays."""

    def __init__(
        self,
        output: Output,
        width: int,
        height: int,
        *,
        rate: Fraction,
        ticks: int = _VIDEO_TICKS,
        bitrate: int = _MAX_BITRATE,
    ) -> None:
        self._container = output.container
        options = {"preset": "veryfast", "crf": "23", "maxrate": str(bitrate), "bufsize": str(2 * bitrate)}
        stream = self._container.add_stream("libx264", rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, ticks)
        stream.codec_context.thread_count = THREADS
        stream.codec_context.flags |= av.codec.context.Flags.frame_duration  # the last frame's counts
        self._stream, self._ticks, self._last = stream, ticks, -1

    def add(self, frame: VideoFrame) -> None:
        """Encode one frame. Those that do not come after the one before are left out."""
        frame.pict_type = 0  # else the encoder would repeat the source's choice of key frames
        at = int((frame.time or 0.0) * self._ticks)
        if at <= self._last:
            return
        self._last = at
        self._container.mux(self._stream.encode(frame))

    def end(self) -> None:
        self._container.mux(self._stream.encode(None))


class TranscodeVideo:
    """Decodes a stream and encodes it again: upright, with square pixels, at most 1080p."""

    def __init__(self, output: Output, source: VideoStream, first: VideoFrame, bitrate: int) -> None:
        """`first` is the first frame, since a container must know its streams before any packet."""
        self._graph, width, height = _graph(source, first)
        rate = source.average_rate or source.guessed_rate or Fraction(30)
        self._encoder = EncodeVideo(output, width, height, rate=rate, bitrate=bitrate)
        self._frames = self._broken = 0

    def feed(self, packet: Packet[Any]) -> None:
        frames, self._broken = _decode(packet, self._broken)
        for frame in frames:
            self._frames += 1
            if self._frames > MAX_FRAMES:
                raise too_many_frames()
            if frame.pts is None:
                continue
            self._graph.vpush(frame)
            self._encoder.add(self._graph.vpull())

    def end(self) -> None:
        self._encoder.end()


class TranscodeAudio:
    """Decodes a stream and encodes it again, in stereo or mono."""

    def __init__(self, output: Output, source: AudioStream, codec: str, bitrate: int) -> None:
        self._container = output.container
        rate = source.codec_context.sample_rate
        rate = rate if rate in (44_100, 48_000) else 48_000
        layout = "mono" if source.codec_context.channels == 1 else "stereo"
        stream = self._container.add_stream(codec, rate=rate, layout=layout)
        stream.codec_context.bit_rate = bitrate
        self._stream: AudioStream = stream  # type: ignore[assignment]
        self._resampler = AudioResampler(format=self._stream.codec_context.format, layout=layout, rate=rate)
        self._broken = 0

    def feed(self, packet: Packet[Any]) -> None:
        frames, self._broken = _decode(packet, self._broken)
        for frame in frames:
            self._encode(self._resampler.resample(frame))

    def end(self) -> None:
        self._encode(self._resampler.resample(None))
        self._container.mux(self._stream.encode(None))

    def _encode(self, frames: Sequence[AudioFrame]) -> None:
        for frame in frames:
            self._container.mux(self._stream.encode(frame))


def _decode(packet: Packet[Any], broken: int) -> tuple[list[Any], int]:
    """The frames of a packet, and how many packets have been broken so far."""
    try:
        return packet.decode(), broken
    except av.error.InvalidDataError:
        if broken >= _TOLERATED:
            raise
        return [], broken + 1


def _graph(source: VideoStream, first: VideoFrame) -> tuple[Graph, int, int]:
    """Filters that turn a frame upright, scale it and make it 4:2:0, and the size that comes out."""
    turns = round(first.rotation / 90) % 4  # quarter turns, counter-clockwise
    width, height = shown_size(first.width, first.height, source.sample_aspect_ratio, turns)
    width, height = fit(width, height, _ENCODED_PIXELS)
    width, height = max(width - width % 2, 2), max(height - height % 2, 2)
    graph = Graph()
    chain = [graph.add_buffer(width=first.width, height=first.height, format=first.format, time_base=source.time_base)]
    chain += [graph.add("transpose", "cclock") for _ in range(turns)]
    chain += [graph.add("scale", f"{width}:{height}"), graph.add("setsar", "1")]
    chain += [graph.add("format", "pix_fmts=yuv420p"), graph.add("buffersink")]
    graph.link_nodes(*chain).configure()
    return graph, width, height


def shown_size(width: int, height: int, pixel: Fraction | None, turns: int) -> tuple[int, int]:
    """The size as seen, after quarter turns and with pixels made square. Absurd pixels count as square."""
    if pixel is not None and Fraction(1, 10) < pixel < 10:
        width = max(round(width * pixel), 1)
    return (height, width) if turns % 2 else (width, height)
