"""What the program and its media workers say to each other: one JSON line each way."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from dassie.domain.media_kinds import PREVIEW_PIXELS

MAX_LINE = 64 * 1024

What = Literal["attachment", "avatar", "header", "thumbnail"]


class Task(Struct, frozen=True):
    """Work for one file. Results are put into `folder`, which is the worker's alone for this task."""

    what: What
    source: str
    folder: str
    cpu_seconds: int
    max_pixels: int = PREVIEW_PIXELS


class Made(Struct, frozen=True):
    """Files made, as names inside the task's folder, never as paths."""

    kind: Literal["image", "gifv", "video", "audio"]
    original: str
    small: str | None = None
    blurhash: str | None = None
    meta: dict[str, Any] = {}


class Outcome(Struct, frozen=True):
    """How a task ended: exactly one of the first three is set. `rss_kb` is the worker's memory after it."""

    made: Made | None = None
    refused: str | None = None
    """A sentence for the uploader."""
    failed: str | None = None
    """What went wrong, for the log."""
    rss_kb: int = 0
