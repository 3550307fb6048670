"""How large files may be. Published in the instance document, kept by the media tools."""

from __future__ import annotations

MIB = 1024 * 1024

MAX_PICTURE_BYTES = 16 * MIB
MAX_MOVING_BYTES = 99 * MIB
MAX_PROFILE_BYTES = 8 * MIB
MAX_PIXELS = 33_177_600
"""Of a picture that is uploaded."""
STORED_PIXELS = 8_294_400
"""Of a picture or video as we keep it."""
PREVIEW_PIXELS = 230_400
MAX_RATE = 120
"""Frames a second."""

PICTURE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif")
MOVING_TYPES = (
    *("video/webm", "video/mp4", "video/quicktime", "video/ogg"),
    *("audio/wave", "audio/wav", "audio/x-wav", "audio/ogg", "audio/vorbis", "audio/mpeg", "audio/mp3"),
    *("audio/webm", "audio/flac", "audio/aac", "audio/m4a", "audio/x-m4a", "audio/mp4"),
)
"""Taken where PyAV is installed."""
