"""What documents quote of tested files stands in them, word for word."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
QUOTE = re.compile(r"<!-- not run: part of (\S+?)(?:, [^\n]+)? -->\n```python\n(.*?)```", re.DOTALL)


class Quote(NamedTuple):
    """A part of a file, as a document shows it."""

    place: str
    file: str
    text: str


def quotes() -> Iterator[Quote]:
    """Yield what documents quote."""
    for document in sorted((ROOT / "docs").glob("*.md")):
        shown = document.read_text()
        for quote in QUOTE.finditer(shown):
            line = shown.count("\n", 0, quote.start()) + 1
            yield Quote(f"{document.name}:{line}", *quote.groups())


@pytest.mark.parametrize("quote", list(quotes()), ids=lambda quote: quote.place)
def test_a_quote_is_what_the_file_says(quote: Quote) -> None:
    assert quote.text in (ROOT / quote.file).read_text()
