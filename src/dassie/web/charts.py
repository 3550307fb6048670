"""Charts as plain numbers for the template: stacked columns, and the same figures as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dassie.web import filters

WIDTH, HEIGHT = 600, 100
GAP = 0.2
"""Of a column's width stays empty."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One coloured piece of a column, in the chart's own units."""

    series: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """What the macro `chart` of admin/parts.html draws: at most four series."""

    title: str
    summary: str
    """One sentence that says what the chart shows."""
    axis: str
    """What a column stands for, such as "Hour (UTC)"."""
    labels: list[str]
    bars: list[Bar]
    most: int
    """The highest column."""
    rows: list[list[str]]
    width: int = WIDTH
    height: int = HEIGHT
    columns: list[tuple[str, bool]] = field(default_factory=list)


def stacked(
    title: str, summary: str, axis: str, labels: Sequence[str], points: Sequence[tuple[str, Sequence[int]]]
) -> Chart:
    """Columns, oldest first: each point is its name and one value of every series, drawn from the foot upwards."""
    assert len(labels) <= 4, "more than four series cannot be told apart"
    most = max((sum(values) for _, values in points), default=0)
    step = WIDTH / max(len(points), 1)
    bars = []
    for place, (_, values) in enumerate(points):
        foot = float(HEIGHT)
        for series, value in enumerate(values):
            tall = value / most * HEIGHT if most else 0.0
            if tall:
                x = round(place * step + step * GAP / 2, 2)
                bars.append(Bar(series, x, round(foot - tall, 2), round(step * (1 - GAP), 2), round(tall, 2)))
            foot -= tall
    rows = [[name, *(filters.number(value) for value in values)] for name, values in points]
    columns = [(label, True) for label in labels]
    return Chart(title, summary, axis, list(labels), bars, most, rows, columns=columns)
