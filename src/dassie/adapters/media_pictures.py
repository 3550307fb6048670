"""Still pictures, through libvips. Runs in the media worker only.

Every picture is decoded and encoded afresh, upright and in sRGB, so that no metadata (EXIF, GPS, XMP,
comments, what is hidden after the end) survives. Only the loaders for the kinds we take are enabled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any, TypeVar

import blurhash
import pyvips

from dassie.adapters.media_jobs import Made
from dassie.domain.errors import Invalid
from dassie.domain.media_kinds import MAX_PIXELS, PREVIEW_PIXELS, STORED_PIXELS, UNREADABLE, Kind

T = TypeVar("T")

PORTRAITS = {"avatar": (400, 400), "header": (1500, 500)}
MAX_PORTRAIT_FRAMES = 300
MAX_PORTRAIT_WORK = 150_000_000
"""Pixels of all frames of a moving avatar together, before it is made small."""

_LOADERS = {"jpeg": "Jpeg", "png": "Png", "gif": "Nsgif", "webp": "Webp", "avif": "Heif"}
_ENDINGS = {"jpeg": "jpg", "png": "png", "gif": "png", "webp": "webp", "avif": "jpg"}
_HASH_EDGE = 32
_WHITE = [255, 255, 255]

pyvips.block_untrusted_set(True)
pyvips.operation_block_set("VipsForeignLoad", True)
for _name in _LOADERS.values():
    pyvips.operation_block_set(f"VipsForeignLoad{_name}", False)
pyvips.cache_set_max(0)  # no picture comes twice


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is small enough to be decoded. `width` and `height` are as seen, upright."""

    data: bytes
    kind: Kind
    width: int
    height: int
    frames: int
    indexed: bool
    """At most 256 colours, as in a GIF."""


def attachment(source: Path, kind: Kind, folder: Path) -> Made:
    """The picture at no more than `STORED_PIXELS`, and its preview."""
    picture = open_picture(source, kind)
    whole = scaled(picture, STORED_PIXELS)
    original = save(whole, folder, "original", _ending(whole, kind), indexed=picture.indexed)
    small, small_name, hashed = preview(whole, folder)
    meta = {"original": size_of(whole), "small": size_of(small)}
    return Made(kind="image", original=original, small=small_name, blurhash=hashed, meta=meta)


def thumbnail(source: Path, kind: Kind, folder: Path, max_pixels: int) -> Made:
    """One still picture of at most `max_pixels`."""
    picture = open_picture(source, kind)
    small = scaled(picture, max_pixels)
    name = save(small, folder, "original", "webp" if small.hasalpha() else "jpg")
    return Made(kind="image", original=name, blurhash=hash_of(small), meta={"original": size_of(small)})


def portrait(source: Path, kind: Kind, folder: Path, width: int, height: int) -> Made:
    """A picture that fills `width` x `height`, cut at the sides. Where it moves, `small` is its first frame.

    A moving one is never enlarged, since that would only cost bytes; it stays what it was, GIF or WebP.
    """
    picture = open_picture(source, kind)
    still = _cropped(picture.data, width, height)
    if picture.frames == 1 or width != height:
        name = save(still, folder, "original", "webp" if still.hasalpha() else "jpg")
        return Made(kind="image", original=name, blurhash=hash_of(still), meta={"original": size_of(still)})
    name, size = _moving_portrait(picture, folder, width)
    small = save(still, folder, "small", "png")
    meta = {"original": size, "small": size_of(still)}
    return Made(kind="image", original=name, small=small, blurhash=hash_of(still), meta=meta)


def preview(whole: Any, folder: Path) -> tuple[Any, str, str]:
    """A preview of at most `PREVIEW_PIXELS`, its file name, and its blurhash."""
    width, height = fit(whole.width, whole.height, PREVIEW_PIXELS)
    small = _decoded(lambda: whole.thumbnail_image(width, height=height, size="down").copy_memory())
    name = save(small, folder, "small", "webp" if small.hasalpha() else "jpg")
    return small, name, hash_of(small)


def open_picture(source: Path, kind: Kind) -> Picture:
    """The picture at `source`, measured by its header. Raises `Invalid` before anything big is decoded."""
    data = source.read_bytes()
    head = _decoded(lambda: pyvips.Image.new_from_buffer(data, "", fail_on="error"))
    if not str(head.get("vips-loader")).startswith(_LOADERS[kind.name].removeprefix("Ns").lower()):
        raise Invalid(UNREADABLE)
    if head.width * head.height > MAX_PIXELS:
        raise too_many_pixels("picture", head.width, head.height, MAX_PIXELS)
    upright = head.autorot()
    return Picture(
        data=data,
        kind=kind,
        width=upright.width,
        height=upright.height,
        frames=_pages(head),
        indexed=kind.name == "gif" or head.get_typeof("palette") != 0,
    )


def frame_count(source: Path, kind: Kind) -> int:
    """How many frames a GIF or WebP has."""
    return open_picture(source, kind).frames


def scaled(picture: Picture, max_pixels: int) -> Any:
    """The first frame as an image in memory: upright, sRGB, at most `max_pixels`, never enlarged."""
    width, height = fit(picture.width, picture.height, max_pixels)
    return _thumbnail(picture.data, width, height, size="down")


def fit(width: int, height: int, max_pixels: int) -> tuple[int, int]:
    """The largest size of the same shape that has no more than `max_pixels`, and no more than it had."""
    if width * height <= max_pixels:
        return width, height
    scale = sqrt(max_pixels / (width * height))
    if width * scale < 1:
        return 1, min(height, max_pixels)
    if height * scale < 1:
        return min(width, max_pixels), 1
    return int(width * scale), int(height * scale)


def save(image: Any, folder: Path, stem: str, ending: str, *, indexed: bool = False) -> str:
    """Write `image` without any metadata and return the file's name."""
    path = str(folder / f"{stem}.{ending}")
    if ending == "jpg":
        quality = 85 if stem == "original" else 80
        _decoded(lambda: image.jpegsave(path, Q=quality, optimize_coding=True, keep="none"))
    elif ending == "webp":
        quality = 90 if stem == "original" else 80
        _decoded(lambda: image.webpsave(path, Q=quality, effort=3, keep="none"))
    else:
        _decoded(lambda: image.pngsave(path, palette=indexed, dither=0.0, effort=4, keep="none"))
    return f"{stem}.{ending}"


def size_of(image: Any) -> dict[str, Any]:
    """Width, height, size and aspect, as the API shows them."""
    return size_facts(image.width, image.height)


def size_facts(width: int, height: int) -> dict[str, Any]:
    """The same, of numbers."""
    return {"width": width, "height": height, "size": f"{width}x{height}", "aspect": width / height}


def too_many_pixels(what: str, width: int, height: int, limit: int) -> Invalid:
    """The refusal of what is too large."""
    return Invalid(f"This {what} has {width} x {height} pixels; at most {limit:,} pixels are possible")


def hash_of(image: Any) -> str:
    """The blurhash of 4 x 4 components; transparent parts count as white."""
    tiny = image.thumbnail_image(_HASH_EDGE, height=_HASH_EDGE, size="down")
    if tiny.hasalpha():
        tiny = tiny.flatten(background=_WHITE)
    pixels, row = bytes(tiny.write_to_memory()), tiny.width * 3
    rows = [[pixels[at : at + 3] for at in range(y, y + row, 3)] for y in range(0, len(pixels), row)]
    return str(blurhash.encode(rows, 4, 4))


def _thumbnail(data: bytes, width: int, height: int, **how: Any) -> Any:
    """Decoded, upright, in sRGB with 8 bits a channel, held in memory."""

    def make() -> Any:
        # its own argument `fail_on` does nothing for buffers (libvips 8.18.7), the loader's does
        image = pyvips.Image.thumbnail_buffer(data, width, height=height, option_string="fail_on=error", **how)
        return _without_idle_alpha(_in_srgb(image).copy_memory())

    return _decoded(make)


def _in_srgb(image: Any) -> Any:
    """The picture in sRGB, 8 bits a channel; a profile it carries is applied.

    Not by `output_profile` of the thumbnail: that takes 1.8 s for 8 million pixels (libvips 8.18), also
    where there is no profile, and this a fraction.
    """
    profile = image.get("icc-profile-data") if image.get_typeof("icc-profile-data") else b""
    if profile and not _is_srgb(profile):
        try:
            return image.icc_transform("srgb", embedded=True, intent="relative", depth=8)
        except pyvips.Error:
            pass  # a broken profile: take the numbers as they are
    return image.colourspace("srgb").cast("uchar")


def _is_srgb(profile: bytes) -> bool:
    """True for a profile that calls itself sRGB, as most do."""
    return b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile


def _without_idle_alpha(image: Any) -> Any:
    """Screenshots often carry an alpha channel that hides nothing and would only cost bytes."""
    if image.hasalpha() and image[image.bands - 1].min() == 255:
        return image[: image.bands - 1].copy_memory()
    return image


def _cropped(data: bytes, width: int, height: int) -> Any:
    return _thumbnail(data, width, height, crop="centre", size="both")


def _moving_portrait(picture: Picture, folder: Path, edge: int) -> tuple[str, dict[str, Any]]:
    """All frames, cut to a square of at most `edge`."""
    if picture.frames > MAX_PORTRAIT_FRAMES:
        raise Invalid(f"This picture has {picture.frames} frames; at most {MAX_PORTRAIT_FRAMES} are possible")
    if picture.frames * picture.width * picture.height > MAX_PORTRAIT_WORK:
        raise Invalid("This moving picture is too large and too long. Please make it smaller or shorter")
    side = min(picture.width, picture.height)
    target = min(side, edge)
    ending = "gif" if picture.kind.name == "gif" else "webp"
    path = str(folder / f"original.{ending}")

    def make() -> None:
        roll = pyvips.Image.new_from_buffer(picture.data, "", n=-1, access="sequential", fail_on="error")
        frames = [_square(frame, side, target) for frame in roll.pagesplit()]
        joined = frames[0].pagejoin(frames[1:]) if len(frames) > 1 else frames[0]
        joined = joined.copy()
        for name in ("delay", "loop"):
            if roll.get_typeof(name):
                joined.set_type(roll.get_typeof(name), name, roll.get(name))
        _write_roll(joined, path, target)

    _decoded(make)
    return f"original.{ending}", size_facts(target, target)


def _square(frame: Any, side: int, target: int) -> Any:
    """The middle square of `frame`, made small."""
    left, top = (frame.width - side) // 2, (frame.height - side) // 2
    cut = frame.crop(left, top, side, side)
    return cut if side == target else cut.thumbnail_image(target, height=target, size="force")


def _write_roll(roll: Any, path: str, page_height: int) -> None:
    if path.endswith(".gif"):
        roll.gifsave(path, page_height=page_height, effort=3, keep="none")
    else:
        roll.webpsave(path, page_height=page_height, Q=80, effort=2, keep="none")


def _pages(head: Any) -> int:
    """Frames of a moving picture; what HEIF calls pages are other pictures, of which we take the first."""
    moves = str(head.get("vips-loader")).startswith(("gif", "webp"))
    return int(head.get("n-pages")) if moves and head.get_typeof("n-pages") else 1


def _ending(image: Any, kind: Kind) -> str:
    """The file ending for a picture of `kind`: the same kind, where browsers everywhere show it."""
    ending = _ENDINGS[kind.name]
    return "webp" if ending == "jpg" and image.hasalpha() else ending


def _decoded(work: Callable[[], T]) -> T:
    """What `work` returns; libvips' complaints become a sentence for the uploader."""
    try:
        return work()
    except pyvips.Error as error:
        raise Invalid(UNREADABLE) from error
