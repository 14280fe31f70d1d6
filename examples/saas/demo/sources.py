"""Real data that packages ship: a table of airports (vega-datasets) and photographs (scikit-image)."""

import csv
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from examples.saas.airports import AirportRow

PHOTOGRAPHS: Final = (
    "astronaut.png",
    "brick.png",
    "camera.png",
    "cell.png",
    "chelsea.png",
    "clock_motion.png",
    "coffee.png",
    "coins.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "moon.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "retina.jpg",
    "rocket.jpg",
)

NO_IMAGES: Final = ("README.txt", "lbpcascade_frontalface_opencv.xml", "motorcycle_disp.npz")
"""Files beside the photographs that somebody could upload by mistake."""

MISSING: Final = ("holiday.jpg", "passport.png")
"""Uploads that never arrive."""


def airport_rows() -> list[AirportRow]:
    """Return all 3,376 rows of the table; 12 of them lack city and state."""
    path = _shipped_by("vega-datasets", "vega_datasets/_data/airports.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return [AirportRow.model_validate(row) for row in csv.DictReader(file)]


def upload(name: str) -> Path:
    """Return the path of an upload."""
    return _shipped_by("scikit-image", f"skimage/data/{name}")


def _shipped_by(package: str, name: str) -> Path:
    return Path(str(distribution(package).locate_file(name)))
