"""The drawing of a trend: where lines, points and words stand. Numbers only; templates/admin/_chart.html draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_TOP, _BOTTOM, _LEFT, _RIGHT = 16, 34, 46, 14
_GRID = (0, 25, 50, 75, 100)


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    value: int


@dataclass(frozen=True)
class Line:
    """A series of percentages; `paths` are its unbroken parts, as the points attribute of a polyline."""

    name: str
    mark: str  # circle | square: told apart without colour
    points: tuple[Point, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """A drawing `width` by `height` in units of a viewBox."""

    width: int
    height: int
    lines: tuple[Line, ...]
    across: tuple[tuple[float, int], ...]  # (y, percent) of the grid
    along: tuple[tuple[float, str], ...]  # (x, word) under the drawing
    left: int = _LEFT
    right: int = 0
    bottom: float = 0


def chart(
    labels: Sequence[str], series: Sequence[tuple[str, str, Sequence[int | None]]], width: int, height: int, every: int
) -> Chart:
    """Percentages over time. `series` are (name, mark, values), as long as `labels`; None breaks a line.

    Every `every`th label is written, counted from the last.
    """
    step = (width - _LEFT - _RIGHT) / max(len(labels) - 1, 1)
    xs = [round(_LEFT + step * place, 1) for place in range(len(labels))]
    tall = height - _TOP - _BOTTOM

    def y(percent: int) -> float:
        return round(_TOP + tall * (100 - percent) / 100, 1)

    lines = []
    for name, mark, values in series:
        parts: list[list[Point]] = [[]]
        for x, value in zip(xs, values, strict=True):
            if value is None:
                parts.append([])
            else:
                parts[-1].append(Point(x, y(value), value))
        paths = tuple(" ".join(f"{p.x},{p.y}" for p in part) for part in parts if len(part) > 1)
        lines.append(Line(name, mark, tuple(p for part in parts for p in part), paths))
    along = tuple((x, label) for at, (x, label) in enumerate(zip(xs, labels, strict=True))
                  if (len(labels) - 1 - at) % every == 0)  # fmt: skip
    return Chart(width, height, tuple(lines), tuple((y(percent), percent) for percent in _GRID), along,
                 right=width - _RIGHT, bottom=y(0))  # fmt: skip
