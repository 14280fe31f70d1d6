"""All committed schema versions, from the .avsc files of this package."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from joblog.schemas.avro_schema import AvroSchema

_FILE = re.compile(r"v(\d+)\.avsc")


class CommittedSchema(NamedTuple):
    """One committed version of a schema: its short name, version number from 1, and the schema."""

    name: str
    version: int
    schema: AvroSchema


@cache
def committed(folder: str) -> tuple[CommittedSchema, ...]:
    """Return all versions below `schemas/avro/<folder>` (`events` or `state`), by name and version."""
    root = files("joblog.schemas") / "avro" / folder
    return tuple(sorted(_versions(root), key=lambda found: (found.name, found.version)))


@cache
def latest(folder: str) -> Mapping[str, AvroSchema]:
    """Return the newest version of each schema of a folder, by short name."""
    return {found.name: found.schema for found in committed(folder)}


def _versions(root: Traversable) -> Iterator[CommittedSchema]:
    for directory in root.iterdir():
        for file in directory.iterdir():
            if match := _FILE.fullmatch(file.name):
                schema = AvroSchema.from_json(file.read_text())
                yield CommittedSchema(directory.name, int(match[1]), schema)
