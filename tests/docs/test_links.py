"""Links between files go somewhere, as GitHub shows them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("examples/*/README.md")),
]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")


def prose(path: Path) -> str:
    """Return a document without its code."""
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub gives to a document's headings."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {word.strip().replace(" ", "-") for word in words}


def broken(path: Path) -> Iterator[str]:
    """Yield the links of a document that go nowhere."""
    for target in LINK.findall(CODE.sub("", prose(path))):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        file = path.parent / name if name else path
        if not file.exists() or (anchor and anchor not in anchors(file)):
            yield target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_go_somewhere(path: Path) -> None:
    assert list(broken(path)) == []


def test_a_link_that_goes_nowhere_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A page\n\n[a](#a-page) [b](#b) [c](c.md) [d](page.md#d) `[e](e.md)`\n")
    assert list(broken(page)) == ["#b", "c.md", "page.md#d"]


def test_the_first_page_leads_to_every_other() -> None:
    first = ROOT / "docs/README.md"
    linked = {target.partition("#")[0] for target in LINK.findall(prose(first))}
    pages = {path.name for path in ROOT.glob("docs/*.md")} - {"README.md"}
    assert pages - linked == set()
