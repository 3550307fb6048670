"""Which kinds of file we take, told by their first bytes. Names and declared types are never believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dassie.domain.errors import Invalid
from dassie.domain.media_limits import MAX_MOVING_BYTES as MAX_MOVING_BYTES
from dassie.domain.media_limits import MAX_PICTURE_BYTES as MAX_PICTURE_BYTES
from dassie.domain.media_limits import MAX_PIXELS as MAX_PIXELS
from dassie.domain.media_limits import MAX_PROFILE_BYTES as MAX_PROFILE_BYTES
from dassie.domain.media_limits import MIB as MIB
from dassie.domain.media_limits import PREVIEW_PIXELS as PREVIEW_PIXELS
from dassie.domain.media_limits import STORED_PIXELS as STORED_PIXELS

HEAD = 4096
"""So many first bytes decide."""

MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
}
"""What we write, by file ending."""

SERVED_TYPES = MEDIA_TYPES | {
    "avif": "image/avif",
    "webm": "video/webm",
    "mov": "video/quicktime",
    "ogg": "video/ogg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "aac": "audio/aac",
}
"""What browsers may get from us, by file ending: pictures and what moves or sounds, never documents or scripts."""

UNSUPPORTED = (
    "This type of file is not supported. Supported are JPEG, PNG, GIF, WebP and AVIF pictures, "
    "MP4, MOV, WebM and OGG videos, and MP3, OGG, WAV, FLAC, AAC and M4A audio"
)
UNSUPPORTED_PICTURE = "This is not a supported picture. Supported are JPEG, PNG, GIF, WebP and AVIF"
NO_HEIC = "HEIC pictures cannot be read here. Please save the picture as JPEG and try again"
UNREADABLE = "This file could not be read. It may be damaged"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is. `animated` is True where the first bytes leave it possible that it moves."""

    name: str
    family: Literal["picture", "moving"]
    animated: bool = False


_MP4_BRANDS = (b"isom", b"iso", b"mp4", b"avc1", b"M4V", b"dash", b"MSNV", b"3gp", b"3g2", b"f4v")
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"mif2"})
_OLD_MOV_ATOMS = frozenset({b"moov", b"mdat", b"wide", b"free"})


def sniff(head: bytes) -> Kind:
    """The kind of a file that starts with `head`. Raises `Invalid` with what is supported instead."""
    kind = _picture(head) or _iso_media(head) or _other_moving(head)
    if kind is None:
        raise Invalid(UNSUPPORTED)
    return kind


def _picture(head: bytes) -> Kind | None:
    if head.startswith(b"\xff\xd8\xff"):
        return Kind("jpeg", "picture")
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind("png", "picture")
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Kind("gif", "picture", animated=True)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        # the second flag bit of a VP8X chunk: ANIM (WebP container specification)
        moves = head[12:16] == b"VP8X" and len(head) > 20 and head[20] & 2 != 0
        return Kind("webp", "picture", animated=moves)
    return None


def _iso_media(head: bytes) -> Kind | None:
    """MP4, QuickTime and their pictures: a `ftyp` box names the brands (ISO/IEC 14496-12)."""
    if head[4:8] in _OLD_MOV_ATOMS:
        return Kind("mov", "moving")
    if head[4:8] != b"ftyp":
        return None
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]
    if b"avif" in brands or b"avis" in brands:
        return Kind("avif", "picture")
    if brands[0] in _HEIC_BRANDS:
        raise Invalid(NO_HEIC)
    if brands[0] == b"qt  ":
        return Kind("mov", "moving")
    if brands[0].startswith(_MP4_BRANDS) or brands[0] in (b"M4A ", b"M4B "):
        return Kind("mp4", "moving")
    return Kind("mp4", "moving") if any(brand.startswith(_MP4_BRANDS) for brand in brands) else None


def _other_moving(head: bytes) -> Kind | None:
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return Kind("webm", "moving")
    if head.startswith(b"OggS"):
        return Kind("ogg", "moving")
    if head.startswith(b"fLaC"):
        return Kind("flac", "moving")
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return Kind("wav", "moving")
    if head.startswith(b"ID3"):
        return Kind("mp3", "moving")
    return _mpeg_audio(head)


def _mpeg_audio(head: bytes) -> Kind | None:
    """A bare stream of MPEG audio frames: eleven set bits, then fields of which some values are reserved."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return Kind("aac", "moving")  # ADTS: layer is always 0
    layer, bitrate, rate = head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    return Kind("mp3", "moving") if layer == 1 and bitrate not in (0, 15) and rate != 3 else None


def ending(kind: Kind) -> str:
    """The file ending of a kind, one of `SERVED_TYPES`."""
    return "jpg" if kind.name == "jpeg" else kind.name


def served_type(key: str) -> str | None:
    """The media type of a file by the ending of its key; None where it must not be shown in a page."""
    return SERVED_TYPES.get(key.rpartition(".")[2])
