"""Draws the project's own flat SVG pictures into PNG, with the standard library alone.

It knows what `web/art` uses: filled `<path>`s of absolute M, L, C and Z, a viewBox, plain colours.
The wheel is built where no image library is installed, hence this small painter.
"""

from __future__ import annotations

import re
import struct
import zlib
from itertools import pairwise

Point = tuple[float, float]
Polygon = list[Point]

LINES = 4
"""Scan lines per row of pixels: edges come out smooth enough at this many."""
CURVE_STEPS = 24

_PATH = re.compile(r"<path\b([^>]*)/>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_COMMAND = re.compile(r"([MLCZ])([^MLCZ]*)")
_NUMBER = re.compile(r"-?\d*\.?\d+")


def to_png(svg: str, width: int, height: int) -> bytes:
    """The drawing as an RGBA PNG that fills `width` x `height`, cut like `xMidYMid slice`."""
    box = re.search(r'viewBox="([^"]+)"', svg)
    if box is None:
        raise ValueError("the drawing has no viewBox")
    left, top, box_width, box_height = (float(n) for n in box[1].split())
    scale = max(width / box_width, height / box_height)
    move_x = (width - box_width * scale) / 2 - left * scale
    move_y = (height - box_height * scale) / 2 - top * scale
    canvas = [bytearray(width * 4) for _ in range(height)]
    for match in _PATH.finditer(svg):
        attributes = dict(_ATTRIBUTE.findall(match[1]))
        if attributes.get("fill", "none") == "none":
            continue
        shapes = [
            [(x * scale + move_x, y * scale + move_y) for x, y in polygon] for polygon in polygons(attributes["d"])
        ]
        _fill(canvas, width, shapes, _colour(attributes["fill"]), float(attributes.get("opacity", "1")))
    return _png(canvas, width, height)


def polygons(path: str) -> list[Polygon]:
    """The closed outlines of a path, with its curves made of short lines."""
    shapes: list[Polygon] = []
    for command, rest in _COMMAND.findall(path):
        numbers = [float(n) for n in _NUMBER.findall(rest)]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if command == "M":
            shapes.append(points)
        elif command == "L":
            shapes[-1].extend(points)
        elif command == "C":
            for start in range(0, len(points), 3):
                shapes[-1].extend(_curve(shapes[-1][-1], *points[start : start + 3]))
    return shapes


def _curve(a: Point, b: Point, c: Point, d: Point) -> Polygon:
    steps = (n / CURVE_STEPS for n in range(1, CURVE_STEPS + 1))
    return [
        (
            (1 - t) ** 3 * a[0] + 3 * (1 - t) ** 2 * t * b[0] + 3 * (1 - t) * t**2 * c[0] + t**3 * d[0],
            (1 - t) ** 3 * a[1] + 3 * (1 - t) ** 2 * t * b[1] + 3 * (1 - t) * t**2 * c[1] + t**3 * d[1],
        )
        for t in steps
    ]


def _fill(canvas: list[bytearray], width: int, shapes: list[Polygon], colour: bytes, opacity: float) -> None:
    """Paint the inside (even-odd) with soft edges."""
    heights = [y for shape in shapes for _, y in shape]
    for row in range(max(int(min(heights)), 0), min(int(max(heights)) + 1, len(canvas))):
        cover = [0.0] * (width + 1)
        full: list[tuple[int, int]] = []
        for line in range(LINES):
            crossings = sorted(_crossings(shapes, row + (line + 0.5) / LINES))
            for start, end in zip(crossings[::2], crossings[1::2], strict=False):
                _cover(cover, full, max(start, 0.0), min(end, float(width)))
        for start, end in full:
            cover[start] += 1
            cover[end] -= 1
        _blend(canvas[row], cover, width, colour, opacity)


def _crossings(shapes: list[Polygon], y: float) -> list[float]:
    found = []
    for shape in shapes:
        for (x1, y1), (x2, y2) in pairwise([*shape, shape[0]]):
            if (y1 <= y) != (y2 <= y):
                found.append(x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return found


def _cover(cover: list[float], full: list[tuple[int, int]], start: float, end: float) -> None:
    """Add one span to the differences in `cover`; partly covered pixels at its ends count in part."""
    if end <= start:
        return
    first, last = int(start), int(end)
    if first == last:
        _add(cover, first, end - start)
        return
    _add(cover, first, first + 1 - start)
    if last > first + 1:
        full.append((first + 1, last))
    _add(cover, last, end - last)


def _add(cover: list[float], at: int, amount: float) -> None:
    if at < len(cover) - 1:
        cover[at] += amount
        cover[at + 1] -= amount


def _blend(row: bytearray, cover: list[float], width: int, colour: bytes, opacity: float) -> None:
    total, x = 0.0, 0
    while x < width:
        total += cover[x]
        alpha = min(total / LINES, 1.0) * opacity
        end = x + 1
        while end < width and cover[end] == 0:
            end += 1
        if alpha > 0.002:
            if alpha > 0.998:
                row[x * 4 : end * 4] = (colour + b"\xff") * (end - x)
            else:
                for at in range(x * 4, end * 4, 4):
                    _mix(row, at, colour, alpha)
        x = end


def _mix(row: bytearray, at: int, colour: bytes, alpha: float) -> None:
    under = row[at + 3] / 255
    result = alpha + under * (1 - alpha)
    for channel in range(3):
        row[at + channel] = round((colour[channel] * alpha + row[at + channel] * under * (1 - alpha)) / result)
    row[at + 3] = round(result * 255)


def _colour(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("#"))


def _png(canvas: list[bytearray], width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    pixels = b"".join(b"\0" + bytes(row) for row in canvas)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")
    )
