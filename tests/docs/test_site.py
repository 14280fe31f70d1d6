"""The site is built without a warning, loads nothing from elsewhere, and describes all that is public."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

import joblog
import joblog.testing

ROOT = Path(__file__).parents[2]
LOADS = re.compile(
    r"""<(?:script|img|iframe|source|object|embed)\b[^>]*?\s(?:src|data)=["']?([^"'\s>]+)"""
    r"""|<link\b[^>]*?\srel=["']?(?:stylesheet|preload|preconnect|icon)\b[^>]*?\shref=["']?([^"'\s>]+)"""
    r"""|url\(["']?([^"')]+)""",
)


def build(config: Path, site: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "-f", str(config), "-d", str(site)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("site")
    built = build(ROOT / "mkdocs.yml", directory)
    assert built.returncode == 0, built.stderr
    return directory


def loaded(text: str) -> list[str]:
    return ["".join(found) for found in LOADS.findall(text)]


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    files = [*site.rglob("*.html"), *site.rglob("*.css")]
    foreign = [
        f"{file.name}: {address}"
        for file in files
        for address in loaded(file.read_text(encoding="utf-8"))
        if re.match(r"(?:https?:)?//", address)
    ]
    assert len(files) > 30
    assert foreign == []


@pytest.mark.parametrize(
    "text",
    [
        '<script async src="https://cdn.example.org/x.js"></script>',
        "<link rel=stylesheet href=https://fonts.example.org/css>",
        "@import url('//fonts.example.org/css')",
    ],
)
def test_what_would_be_loaded_is_seen(text: str) -> None:
    assert [address for address in loaded(text) if "//" in address]


def test_no_page_draws_with_mermaid_which_is_loaded_from_elsewhere(site: Path) -> None:
    pages = [page.name for page in site.rglob("*.html") if 'class="mermaid"' in page.read_text()]
    assert pages == []


@pytest.mark.parametrize(
    "name",
    [
        *(f"joblog.{name}" for name in joblog.__all__),
        *(f"joblog.testing.{name}" for name in joblog.testing.__all__),
    ],
)
def test_every_public_name_is_described(site: Path, name: str) -> None:
    assert f'id="{name}"' in (site / "api.html").read_text(encoding="utf-8")


def test_every_decision_record_is_on_the_site(site: Path) -> None:
    records = {file.stem for file in ROOT.glob("docs/decisions/*.md")}
    assert {page.stem for page in site.glob("decisions/*.html")} == records


@pytest.mark.parametrize("link", ["[gone](gone.md)", "[gone](page.md#gone)", "![gone](gone.svg)"])
def test_a_link_that_goes_nowhere_stops_the_build(link: str, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "page.md").write_text(f"# A page\n\n{link}\n")
    (docs / "index.md").write_text("# Home\n\n[A page](page.md#a-page)\n")
    ours = (ROOT / "mkdocs.yml").read_text()
    config = {
        "site_name": "broken",
        "theme": None,
        "plugins": [],
        "strict": yaml.safe_load(ours)["strict"],
        "validation": yaml.safe_load(ours)["validation"],
    }
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(config))
    built = build(tmp_path / "mkdocs.yml", tmp_path / "site")
    assert (built.returncode, "gone" in built.stderr) == (1, True), built.stderr
