"""Pictures in SVG that bring their own background, and follow the reader's choice of light or dark."""

from collections.abc import Iterable
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

LINE: Final = 15
"""Height of a line of small text."""

_STYLE: Final = """\
  <style>
    text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
    .name { font-weight: 600; text-anchor: middle }
    .more { font-size: 11px; fill: #59636e }
    .paper { fill: #ffffff }
    .group { fill: #f6f8fa; stroke: #d1d9e0 }
    .plain { fill: #ffffff; stroke: #59636e }
    .start { fill: #59636e }
    .good { fill: #dafbe1; stroke: #1a7f37 }
    .bad { fill: #ffebe9; stroke: #cf222e }
    .topic { fill: #ddf4ff; stroke: #0969da }
    .arrow { fill: none; stroke: #59636e; stroke-width: 1.3; marker-end: url(#tip) }
    .tip { fill: #59636e }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc }
      .more { fill: #9198a1 }
      .paper { fill: #0d1117 }
      .group { fill: #151b23; stroke: #3d444d }
      .plain { fill: #0d1117; stroke: #9198a1 }
      .start, .tip { fill: #9198a1 }
      .good { fill: #12261e; stroke: #3fb950 }
      .bad { fill: #25171c; stroke: #f85149 }
      .topic { fill: #0c2a4d; stroke: #4493f8 }
      .arrow { stroke: #9198a1 }
    }
  </style>
  <defs>
    <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
      <path class="tip" d="M0 0 8 4 0 8z"/>
    </marker>
  </defs>"""


class Point(NamedTuple):
    """A place, in pixels from the upper left corner."""

    x: int
    y: int


class Box(NamedTuple):
    """A rectangle: its upper left corner and its size, in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> Point:
        """Its centre."""
        return Point(self.x + self.width // 2, self.y + self.height // 2)


def picture(title: str, width: int, height: int, parts: Iterable[str]) -> str:
    """Return a whole picture.

    Args:
        title: what it shows, for those who do not see it.
        width: its width in pixels.
        height: its height.
        parts: what is in it, the lowest first.
    """
    size = f'width="{width}" height="{height}"'
    lines = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}" role="img">',
        f"  <title>{escape(title)}</title>",
        _STYLE,
        f'  <rect class="paper" {size} rx="8"/>',
        *(f"  {part}" for part in parts),
        "</svg>",
    )
    return "\n".join(lines) + "\n"


def rectangle(box: Box, kind: str) -> str:
    """Return a box without words."""
    return (
        f'<rect class="{kind}" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" '
        'rx="8"/>'
    )


def named(box: Box, kind: str, name: str, *more: str) -> str:
    """Return a box with a name in its middle, and lines of small text below the name."""
    x, y = box.middle
    first = y + 4 - len(more) * LINE // 2
    return "\n  ".join(
        (
            rectangle(box, kind),
            f'<text class="name" x="{x}" y="{first}">{escape(name)}</text>',
            words(Point(x, first + LINE), more, "middle"),
        )
    )


def words(at: Point, lines: Iterable[str], anchor: str = "start") -> str:
    """Return lines of small text, the first at a place."""
    spans = "".join(
        f'<tspan x="{at.x}" y="{at.y + number * LINE}">{escape(line)}</tspan>'
        for number, line in enumerate(lines)
    )
    return f'<text class="more" text-anchor="{anchor}">{spans}</text>'


def arrow(*points: Point) -> str:
    """Return an arrow along some points."""
    path = "L".join(f"{point.x} {point.y}" for point in points)
    return f'<path class="arrow" d="M{path}"/>'


def dot(at: Point) -> str:
    """Return the dot with which everything begins."""
    return f'<circle class="start" cx="{at.x}" cy="{at.y}" r="8"/>'
