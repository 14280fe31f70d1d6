"""Where the application keeps what its jobs make."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Storage:
    """The application's directory: a database, and thumbnails; made when something is written.

    Attributes:
        directory: where both are.
    """

    directory: Path

    @classmethod
    def of_environment(cls) -> Self:
        """Return the directory of the variable SAAS_DATA, else `.saas`."""
        return cls(Path(os.environ.get("SAAS_DATA", ".saas")))

    @property
    def database(self) -> Path:
        """File of the database."""
        return self.directory / "saas.sqlite"

    @property
    def thumbnails(self) -> Path:
        """Directory of the thumbnails."""
        return self.directory / "thumbnails"
