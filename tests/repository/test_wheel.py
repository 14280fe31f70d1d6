"""What is installed is what the tree holds."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("schemas", "lifecycle", "streams", "processors")


def files_of_the_tree() -> set[str]:
    """Return each file that has to be installed, by its place below site-packages."""
    folders = {"joblog": ROOT / "src/joblog"} | {f"joblog/{name}": ROOT / name for name in LAYERS}
    return {
        f"{package}/{file.relative_to(folder)}"
        for package, folder in folders.items()
        for file in folder.rglob("*")
        if file.is_file() and file.parent.name != "__pycache__"
    }


def copy_of_the_tree(target: Path, *, links: bool) -> Path:
    """Copy what a build needs; without links they become text, as git leaves them on Windows."""
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, target)
    for name in ("src", *LAYERS):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, target / name, symlinks=True, ignore=ignore)
    if not links:
        for name in LAYERS:
            link = target / "src/joblog" / name
            text = str(link.readlink())
            link.unlink()
            link.write_text(text)
    return target


@pytest.mark.parametrize("links", [True, False], ids=["links", "links_as_text"])
def test_a_wheel_built_from_the_sdist_holds_every_file_of_the_tree(
    tmp_path: Path, *, links: bool
) -> None:
    tree = copy_of_the_tree(tmp_path, links=links)
    build = [sys.executable, "-m", "build", "--no-isolation", str(tree)]
    built = subprocess.run(build, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr

    with ZipFile(next(tree.glob("dist/*.whl"))) as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    expected = files_of_the_tree()
    missing, surplus = sorted(expected - packed), sorted(packed - expected)
    assert not missing, f"no __init__.py in the folder, or no package-data pattern: {missing}"
    assert not surplus, f"in the wheel, but not in the tree: {surplus}"
