"""The code blocks of a document, and what each says about itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sybil import Document
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

_LEXER: Final = RawFencedCodeBlockLexer(re.compile(r"(?P<info>[^\n]*)$\n", re.MULTILINE))
_TITLE: Final = re.compile(r'title="(?P<title>[^"]+)"')
_COMMENTS: Final = re.compile(r"(?:^<!-- [^\n]+ -->\n)+\Z", re.MULTILINE)
_NOT_RUN: Final = re.compile(r"<!-- not run: (?P<reason>\S[^\n]+) -->")
_NUMBERS_VARY: Final = "<!-- numbers vary -->"


@dataclass(frozen=True)
class Block:
    """A fenced block of code.

    Attributes:
        path: the document.
        line: its first line in it, that of the fence.
        language: the word behind the fence; empty where there is none.
        title: name of the file that it is; None where it is none.
        source: what is in it.
        not_run: why it is not run, as a comment above it says; None where it is.
        numbers_vary: whether a comment above it says that other numbers are as good.
    """

    path: Path
    line: int
    language: str
    title: str | None
    source: str
    not_run: str | None
    numbers_vary: bool

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.path}:{self.line}"


def blocks_of(path: Path) -> Iterator[Block]:
    """Yield the blocks of a document, in order."""
    document = Document(path.read_text(encoding="utf-8"), str(path))
    for region in sorted(_LEXER(document), key=lambda found: found.start):
        info = region.lexemes["info"].strip()
        title = _TITLE.search(info)
        comments = _COMMENTS.search(document.text[: region.start])
        said = "" if comments is None else comments[0]
        excuse = _NOT_RUN.search(said)
        yield Block(
            path=path,
            line=document.text.count("\n", 0, region.start) + 1,
            language=info.partition(" ")[0],
            title=None if title is None else title["title"],
            source=region.lexemes["source"],
            not_run=None if excuse is None else excuse["reason"],
            numbers_vary=_NUMBERS_VARY in said,
        )
