"""Ranges of a file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dassie.domain.ranges import Part, read_range


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-9", Part(0, 10)),
        ("bytes=90-", Part(90, 100)),
        ("bytes=-10", Part(90, 100)),
        ("bytes=-1000", Part(0, 100)),
        ("bytes=0-1000", Part(0, 100)),
        ("BYTES=5-5", Part(5, 6)),
        ("bytes=1-0", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("0-1", None),
        ("", None),
        ("bytes=١-٢", None),
        ("bytes=" + "9" * 400 + "-", None),
    ],
)
def test_a_header_names_a_part_or_the_whole(header: str, part: Part | None) -> None:
    assert read_range(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=500-600", "bytes=-0"])
def test_a_part_outside_is_empty(header: str) -> None:
    part = read_range(header, 100)
    assert part is not None
    assert part.empty


@given(st.text(max_size=40) | st.from_regex(r"bytes=[0-9]{0,5}-[0-9]{0,5}"), st.integers(0, 5000))
def test_a_part_never_reaches_beyond_the_file(header: str, size: int) -> None:
    part = read_range(header, size)
    if part is not None and not part.empty:
        assert 0 <= part.start < part.end <= size
