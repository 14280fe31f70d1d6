"""Markdown, as far as the documents need it."""

from collections.abc import Iterable, Sequence
from typing import Final

NOTICE: Final = "<!-- Made from the code by `python -m joblog.streams.documents docs`. -->"


def document(title: str, *parts: str) -> str:
    """Return a document of paragraphs, tables and sections."""
    return "\n\n".join((NOTICE, f"# {title}", *parts)) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(
        "| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines
    )


def code(text: str) -> str:
    """Return text as code."""
    return f"`{text}`"
