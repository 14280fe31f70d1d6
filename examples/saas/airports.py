"""Airports: what makes a row of a customer's file valid, and the table that valid rows are loaded into."""

import sqlite3
import threading
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS airports (
        iata TEXT PRIMARY KEY, name TEXT, city TEXT, state TEXT, country TEXT, latitude REAL, longitude REAL
    ) STRICT
"""
_SAVE: Final = """
    INSERT OR REPLACE INTO airports
    VALUES (:iata, :name, :city, :state, :country, :latitude, :longitude)
"""


class AirportRow(BaseModel):
    """A row as it stands in the file, not yet validated."""

    iata: str
    name: str
    city: str
    state: str
    country: str
    latitude: str
    longitude: str


def _known(text: str) -> str:
    if text in {"", "NA"}:
        raise ValueError("the value is missing")
    return text


Known = Annotated[str, AfterValidator(_known)]


class Airport(BaseModel):
    """A valid row."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    iata: str = Field(pattern=r"^[A-Z0-9]{3,4}$")
    name: Known
    city: Known
    state: Known
    country: Known
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class AirportTable:
    """The table of airports in a SQLite database, for all threads of a process.

    Args:
        path: file of the database; it, its directory and the table are made if missing.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, timeout=30, check_same_thread=False)
        self._database.row_factory = sqlite3.Row
        self._database.execute("PRAGMA journal_mode = WAL")  # other processes write too
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute(_TABLE)

    def save(self, airport: Airport) -> None:
        """Store an airport under its code; the same one again changes nothing."""
        with self._lock, self._database:
            self._database.execute(_SAVE, airport.model_dump())

    def all(self) -> list[Airport]:
        """Return all stored airports, by code."""
        with self._lock:
            rows = self._database.execute("SELECT * FROM airports ORDER BY iata")
            return [Airport(**row) for row in rows]

    def close(self) -> None:
        """Close the database."""
        self._database.close()
