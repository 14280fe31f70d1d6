"""Writes the documents that are made from the code: ``python -m joblog.streams.documents docs``."""

import sys
from pathlib import Path

from joblog.streams.documents.clusters import clusters_document
from joblog.streams.documents.dead_letters import dead_letters_document
from joblog.streams.documents.events import events_document
from joblog.streams.documents.pictures.flow import flow_picture
from joblog.streams.documents.pictures.states import states_picture
from joblog.streams.documents.settings import settings_document
from joblog.streams.documents.states import states_document
from joblog.streams.documents.topics import topics_document

COMMAND = "python -m joblog.streams.documents docs"
DOCUMENTS = {
    "clusters.md": clusters_document,
    "dead-letters.md": dead_letters_document,
    "events.md": events_document,
    "settings.md": settings_document,
    "states.md": states_document,
    "topics.md": topics_document,
    "pictures/flow.svg": flow_picture,
    "pictures/states.svg": states_picture,
}


def main(directory: Path) -> None:
    """Write all documents into a directory."""
    for name, document in DOCUMENTS.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
