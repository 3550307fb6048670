"""MediaAttachment entities."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired, TypedDict, cast

from dassie.api.entities.shapes import Id, Url, Words
from dassie.domain.urls import Urls
from dassie.store.views import MediaView


class MediaFocus(TypedDict):
    """The point to keep in sight; each from -1 to 1."""

    x: float | None
    y: float | None


class MediaSize(TypedDict):
    """Measures of one version."""

    width: NotRequired[int]
    height: NotRequired[int]
    size: NotRequired[str]
    aspect: NotRequired[float]
    frame_rate: NotRequired[str]
    duration: NotRequired[float]
    bitrate: NotRequired[int]


class MediaColors(TypedDict):
    """Colours of a cover."""

    background: NotRequired[str]
    foreground: NotRequired[str]
    accent: NotRequired[str]


class MediaMeta(TypedDict):
    """Measures."""

    focus: NotRequired[MediaFocus | None]
    original: NotRequired[MediaSize]
    small: NotRequired[MediaSize]
    colors: NotRequired[MediaColors]
    width: NotRequired[int]
    height: NotRequired[int]
    size: NotRequired[str]
    aspect: NotRequired[float]
    length: NotRequired[str]
    duration: NotRequired[float]
    fps: NotRequired[int]
    audio_encode: NotRequired[str]
    audio_bitrate: NotRequired[str]
    audio_channels: NotRequired[str]


class MediaAttachment(TypedDict):
    """A file of a post."""

    id: Id
    type: Annotated[str, Words("unknown", "image", "gifv", "video", "audio")]
    url: Url | None
    preview_url: Url | None
    remote_url: Url | None
    meta: MediaMeta | None
    description: str | None
    blurhash: str | None
    text_url: Url | None
    preview_remote_url: Url | None


def show_media(media: MediaView, urls: Urls) -> MediaAttachment:
    """An attachment. Ours are files, others' come through the signed proxy, fetched when first seen."""
    if media.file_key is not None or media.small_key is not None:
        url = urls.media_file(media.file_key) if media.file_key else None
        preview = urls.media_file(media.small_key) if media.small_key else (url if media.kind == "image" else None)
    elif media.remote_url is not None:
        url = urls.proxied(media.remote_url, "original")
        small = media.small_remote_url or (media.remote_url if media.kind == "image" else None)
        preview = urls.proxied(small, "small") if small else None
    else:
        url = preview = None
    meta: dict[str, Any] = dict(media.meta)
    if media.focus_x is not None and media.focus_y is not None:
        meta["focus"] = {"x": media.focus_x, "y": media.focus_y}
    return {
        "id": str(media.id),
        "type": media.kind,
        "url": url,
        "preview_url": preview,
        "remote_url": media.remote_url,
        "preview_remote_url": media.small_remote_url,
        "text_url": None,
        "meta": cast(MediaMeta, meta) or None,
        "description": media.description,
        "blurhash": media.blurhash,
    }
