"""Writes the documents that are made from the code: ``python -m joblog.streams.documents docs``."""

import sys
from pathlib import Path

from joblog.streams.documents.settings import settings_document
from joblog.streams.documents.topics import topics_document

COMMAND = "python -m joblog.streams.documents docs"
DOCUMENTS = {"settings.md": settings_document, "topics.md": topics_document}


def main(directory: Path) -> None:
    """Write all documents into a directory."""
    for name, document in DOCUMENTS.items():
        directory.joinpath(name).write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
