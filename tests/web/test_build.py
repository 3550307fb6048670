"""The build of the pages' assets: the painter of pictures, the sprite, what counts as changed, what is committed."""

from __future__ import annotations

import json
import re
import struct
import sys
import zlib
from pathlib import Path

import pytest

from dassie.web import assets

WEB = Path(__file__).parents[2] / "web"
sys.path.insert(0, str(WEB))

import build  # noqa: E402
import pictures  # noqa: E402

SQUARE = (
    '<svg viewBox="0 0 10 10"><path fill="#ff0000" d="M0 0 L10 0 L10 10 L0 10 Z"/>'
    '<path fill="#0000ff" d="M5 0 L10 0 L10 10 L5 10 Z"/></svg>'
)


def pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and rows of RGBA of a PNG without filters, as our painter writes it."""
    width, height = struct.unpack(">II", png[16:24])
    start = png.index(b"IDAT") + 4
    length = struct.unpack(">I", png[start - 8 : start - 4])[0]
    raw = zlib.decompress(png[start : start + length])
    return width, height, [raw[y * (width * 4 + 1) + 1 : (y + 1) * (width * 4 + 1)] for y in range(height)]


def test_the_painter_fills_shapes_where_they_are() -> None:
    width, height, rows = pixels(pictures.to_png(SQUARE, 20, 20))
    assert (width, height) == (20, 20)
    assert rows[10][:4] == b"\xff\x00\x00\xff"
    assert rows[10][-4:] == b"\x00\x00\xff\xff"


def test_the_painter_cuts_what_does_not_fit_and_keeps_the_middle() -> None:
    _, _, rows = pixels(pictures.to_png(SQUARE, 40, 10))
    assert rows[5][: 4 * 20] == b"\xff\x00\x00\xff" * 20
    assert rows[5][4 * 20 :] == b"\x00\x00\xff\xff" * 20


def test_edges_between_pixels_are_soft() -> None:
    half = '<svg viewBox="0 0 2 2"><path fill="#000000" d="M0 0 L1 0 L1 2 L0 2 Z"/></svg>'
    _, _, rows = pixels(pictures.to_png(half, 3, 3))
    assert rows[1][3] == 255
    assert 100 < rows[1][7] < 155
    assert rows[1][11] == 0


@pytest.mark.parametrize("name", sorted(path.name for path in (WEB / "art").glob("*.svg")))
def test_our_drawings_use_only_what_the_painter_knows(name: str) -> None:
    drawing = (WEB / "art" / name).read_text("utf-8")
    for line in drawing.splitlines()[1:-1]:
        assert line.startswith("<path fill="), line
        path = line.partition(' d="')[2].partition('"')[0]
        assert all(len(shape) >= 2 for shape in pictures.polygons(path)), line


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((WEB / "package-lock.json").read_bytes())
    assert not any("resolved" in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def test_versions_are_pinned_exactly() -> None:
    package = json.loads((WEB / "package.json").read_bytes())
    for version in (package["dependencies"] | package["devDependencies"]).values():
        assert version[0].isdigit()


def test_every_icon_that_templates_use_is_in_the_sprite() -> None:
    listed = {
        line.split("=")[0].strip()
        for line in (WEB / "icons.txt").read_text("utf-8").splitlines()
        if "=" in line and not line.startswith("#")
    }
    used: set[str] = set()
    for path in (assets.DIST.parents[1] / "templates").rglob("*.html"):
        used |= set(re.findall(r"icon\('([a-z]+)'", path.read_text("utf-8")))
    assert used <= listed


def test_what_is_built_counts_as_current_until_an_input_changes() -> None:
    if not assets.names():
        pytest.skip("the assets are not built: run `python web/build.py`")
    now = build.fingerprint()
    assert build.is_current(now)
    assert not build.is_current("0" * 64)
