"""Pictures of the demo, drawn here: a coat of arms for each municipality and a sheet that looks scanned."""

from __future__ import annotations

import io
import math

from PIL import Image, ImageDraw

_WIDE, _HIGH, _SCALE = 160, 192, 4


def shield(color: str, mark: str) -> bytes:
    """A shield as PNG: `mark` "wave" is sea under sky, anything else a mountain. `color` is #rrggbb."""
    size = (_WIDE * _SCALE, _HIGH * _SCALE)
    outline = Image.new("L", size, 0)
    ImageDraw.Draw(outline).polygon(_outline(*size), fill=255)
    field = Image.new("RGBA", size, color)
    (_waves if mark == "wave" else _mountain)(ImageDraw.Draw(field), *size)
    field.putalpha(outline)
    return _png(field.resize((_WIDE, _HIGH), Image.Resampling.LANCZOS))


def _outline(wide: int, high: int) -> list[tuple[float, float]]:
    """Straight shoulders, sides that meet in a point."""
    straight, steps = high * 0.5, 40
    right = [
        (
            wide / 2 + wide / 2 * math.cos(n / steps * math.pi / 2),
            straight + (high - straight) * math.sin(n / steps * math.pi / 2),
        )
        for n in range(steps + 1)
    ]
    left = [(wide - x, y) for x, y in reversed(right)]
    return [(0, 0), (wide, 0), *right, *left]


def _waves(draw: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    for band in range(3):
        base = high * (0.42 + band * 0.17)
        crest = [(x, base + math.sin(x / wide * 4 * math.pi) * high * 0.03) for x in range(0, wide + 1, 4)]
        trough = [(x, y + wide / 14) for x, y in reversed(crest)]
        draw.polygon([*crest, *trough], fill="white")


def _mountain(draw: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    draw.polygon([(0, high * 0.72), (wide * 0.38, high * 0.22), (wide * 0.6, high * 0.5), (wide * 0.72, high * 0.36),
                  (wide, high * 0.72)], fill="white")  # fmt: skip


def scan() -> bytes:
    """A white sheet with lines and two scrawls, as PNG: stands for a signed page."""
    sheet = Image.new("L", (620, 877), 250)
    draw = ImageDraw.Draw(sheet)
    for line in range(22):
        draw.line((60, 90 + line * 26, 560 - (line * 37) % 130, 90 + line * 26), fill=170, width=5)
    for left in (70, 340):
        draw.line((left, 780, left + 200, 780), fill=60, width=2)
        scrawl = [(left + 20 + n * 2, 760 + math.sin(n / 3) * (18 - n / 6)) for n in range(80)]
        draw.line(scrawl, fill=40, width=3)
    return _png(sheet)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
