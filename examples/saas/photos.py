"""Photos: makes thumbnails of what customers upload."""

import os
from pathlib import Path
from typing import Final

from PIL import Image
from pydantic import BaseModel, Field

QUALITY: Final = 85


class Photo(BaseModel):
    """A thumbnail to make.

    Attributes:
        source: path of the upload.
        width: longest side of the thumbnail, in pixels.
        format: `jpeg` or `webp`.
    """

    source: str
    width: int = Field(ge=16, le=4_096)
    format: str = Field(pattern="^(jpeg|webp)$")


def thumbnail_path(photo: Photo, directory: Path) -> Path:
    """Return where a thumbnail belongs; each has a place of its own."""
    return directory / f"{Path(photo.source).stem}-{photo.width}.{photo.format}"


def make_thumbnail(photo: Photo, directory: Path) -> None:
    """Write a thumbnail to its place, whole or not at all; to do it again changes nothing.

    Raises:
        FileNotFoundError: there is no upload.
        PIL.UnidentifiedImageError: the upload is no image.
    """
    directory.mkdir(parents=True, exist_ok=True)
    place = thumbnail_path(photo, directory)
    unfinished = place.with_name(f".{os.getpid()}-{place.name}")
    with Image.open(photo.source) as image:
        image.draft("RGB", (photo.width, photo.width))
        thumbnail = image.convert("RGB")
    thumbnail.thumbnail((photo.width, photo.width))
    thumbnail.save(unfinished, photo.format, quality=QUALITY)
    unfinished.replace(place)
