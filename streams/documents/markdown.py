"""Markdown, as far as the documents need it."""

from collections.abc import Iterable, Sequence
from typing import Final

MAKER: Final = "joblog.streams.documents"


def document(title: str, *parts: str, maker: str = MAKER) -> str:
    """Return a document of paragraphs, tables and sections; `maker` is the module that writes it."""
    notice = f"<!-- Made from the code by `python -m {maker} docs`. -->"
    return "\n\n".join((notice, f"# {title}", *parts)) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(
        "| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines
    )


def code(text: str) -> str:
    """Return text as code."""
    return f"`{text}`"
