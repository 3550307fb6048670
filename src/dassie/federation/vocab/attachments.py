"""Attachments: media and links that come with a post, and pictures of profiles."""

from __future__ import annotations

import math
from typing import Any

from msgspec import Struct

from dassie.federation.vocab.values import (
    count,
    line,
    many,
    number,
    seconds,
    text,
    types_of,
    web_url,
)

MAX_ATTACHMENTS = 64
MAX_DESCRIPTION = 10_000
MAX_BLURHASH_COMPONENTS = 5
MAX_PIXELS = 1_000_000
"""Per side; what claims more claims nothing."""

_BASE83 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
_BASE83_SET = frozenset(_BASE83)
_KINDS = {"Image": "image", "Video": "video", "Audio": "audio"}
_MEDIA = frozenset(_KINDS.values())
_EXTENSIONS = {
    "image": ("jpg", "jpeg", "png", "gif", "webp", "avif", "heic", "heif", "jxl", "svg"),
    "video": ("mp4", "m4v", "mov", "webm", "ogv", "mkv"),
    "audio": ("mp3", "ogg", "oga", "opus", "wav", "flac", "m4a", "aac"),
}
_KIND_OF_EXTENSION = {extension: kind for kind, known in _EXTENSIONS.items() for extension in known}


class AttachmentDoc(Struct, frozen=True):
    """A media file as described by its sender. `media_type` may lie: look at the bytes."""

    kind: str
    """image, video, audio or unknown"""
    url: str
    media_type: str
    description: str
    blurhash: str | None
    focus: tuple[float, float] | None
    """x and y between -1 and 1."""
    width: int | None
    height: int | None
    duration: float | None
    """Seconds."""
    icon_url: str | None


class PictureDoc(Struct, frozen=True):
    """An avatar, header or cover."""

    url: str
    alt: str


class Attachments(Struct, frozen=True):
    """The `attachment` of a post: files, and links to pages."""

    media: tuple[AttachmentDoc, ...] = ()
    links: tuple[str, ...] = ()


NO_ATTACHMENTS = Attachments()


def read_attachments(value: Any) -> Attachments:
    """Files with an http(s) `url` in their order, and each `href` of a Link once."""
    if not value:
        return NO_ATTACHMENTS
    media: list[AttachmentDoc] = []
    links: dict[str, None] = {}
    for entry in many(value, MAX_ATTACHMENTS):
        if type(entry) is not dict:
            continue
        if entry.get("href") or "Link" in types_of(entry):
            if href := web_url(entry.get("href") or entry.get("url")):
                links[href] = None
        elif found := read_attachment(entry):
            media.append(found)
    return Attachments(tuple(media), tuple(links))


def read_attachment(doc: dict[str, Any]) -> AttachmentDoc | None:
    """One media file; None where it has no http(s) `url`."""
    url, media_type = _best_url(doc.get("url"))
    if url is None:
        return None
    media_type = _media_type(doc.get("mediaType")) or media_type
    icon = read_picture(doc.get("icon"))
    return AttachmentDoc(
        kind=_kind(doc, media_type, url),
        url=url,
        media_type=media_type,
        # Mobilizon's `name` says which picture it is, not what is on it
        description=_alt_text(doc) if doc.get("name") != "Banner" else text(doc.get("summary"), MAX_DESCRIPTION),
        blurhash=blurhash_of(doc.get("blurhash")),
        focus=_focus(doc.get("focalPoint")),
        width=_side(doc.get("width")),
        height=_side(doc.get("height")),
        duration=seconds(doc.get("duration")),
        icon_url=icon.url if icon else None,
    )


def read_picture(value: Any) -> PictureDoc | None:
    """The first picture in an object, array or bare URL, with its alt text."""
    for entry in many(value, MAX_ATTACHMENTS):
        if type(entry) is dict:
            url = _best_url(entry.get("url") or entry.get("href"))[0]
            if url:
                return PictureDoc(url, _alt_text(entry))
        elif url := web_url(entry):
            return PictureDoc(url, "")
    return None


def blurhash_of(value: Any) -> str | None:
    """A blurhash that can be drawn cheaply: well-formed, at most 5 components per axis."""
    found = text(value, 200)
    if len(found) < 6 or not _BASE83_SET.issuperset(found):
        return None
    rows, columns = divmod(_BASE83.index(found[0]), 9)
    if max(rows, columns) >= MAX_BLURHASH_COMPONENTS or len(found) != 4 + 2 * (rows + 1) * (columns + 1):
        return None
    return found


def _best_url(value: Any) -> tuple[str | None, str]:
    """The URL of the file and its media type: of several Links the first that is media, else the first."""
    first: tuple[str | None, str] = (None, "")
    for entry in many(value, MAX_ATTACHMENTS):
        if type(entry) is dict:
            found = (web_url(entry.get("href") or entry.get("url")), _media_type(entry.get("mediaType")))
        else:
            found = (web_url(entry), "")
        if found[0] and found[1].partition("/")[0] in _MEDIA:
            return found
        first = first if first[0] else found
    return first


def _kind(doc: dict[str, Any], media_type: str, url: str) -> str:
    major = media_type.partition("/")[0]
    if major in _MEDIA:
        return major
    for name in types_of(doc):
        if name in _KINDS:
            return _KINDS[name]
    path = url.partition("?")[0].partition("#")[0]
    return _KIND_OF_EXTENSION.get(path.rpartition(".")[2].lower(), "unknown")


def _alt_text(doc: dict[str, Any]) -> str:
    return (text(doc.get("summary"), MAX_DESCRIPTION) or text(doc.get("name"), MAX_DESCRIPTION)).strip()


def _media_type(value: Any) -> str:
    return line(value, 200).partition(";")[0].strip().lower()


def _side(value: Any) -> int | None:
    found = count(value)
    return found if found and found <= MAX_PIXELS else None


def _focus(value: Any) -> tuple[float, float] | None:
    point = many(value, 3)
    if len(point) != 2:
        return None
    x, y = number(point[0]), number(point[1])
    if x is None or y is None or math.hypot(x, y) > 10:
        return None
    return min(max(x, -1.0), 1.0), min(max(y, -1.0), 1.0)
