"""What the site does otherwise than GitHub, which shows the same files."""

import posixpath
import re
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

DECISIONS: Final = "Decisions"
_LINK: Final = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<target>[^)\s]+)\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List all decision records, so that a new one need not be added by hand."""
    folder = Path(config.docs_dir, "decisions")
    records = sorted(f"decisions/{file.name}" for file in folder.glob("*.md"))
    for section in config.nav or []:
        for pages in section.values() if isinstance(section, dict) else ():
            for page in pages:
                if isinstance(page, dict) and DECISIONS in page:
                    page[DECISIONS] = records
    return config


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Leave the words of links that lead out of docs/ or to a folder: such files are no part of the site."""
    del config, files
    here = posixpath.dirname(page.file.src_uri)

    def unlinked(link: re.Match[str]) -> str:
        return link["text"] if _leaves(here, link["target"]) else link[0]

    return _LINK.sub(unlinked, markdown)


def _leaves(here: str, target: str) -> bool:
    path = target.partition("#")[0]
    if not path or "://" in target:
        return False
    place = posixpath.normpath(posixpath.join(here, path))
    return place.startswith("..") or not posixpath.splitext(place)[1]
