"""`joblog init`: a small project that works."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

import typer

from joblog.cli.errors import FilesExistError
from joblog.cli.output import note

FILES: Final = {
    "jobs.py": "jobs.py",
    "test_jobs.py": "test_jobs.py",
    "README.md": "README.md",
    ".gitignore": "gitignore",
}
"""What is written, and its name among what joblog brings: a hidden file may be left out of a wheel."""

Directory = Annotated[
    Path, typer.Argument(help="Where to write it; made if missing.", show_default="here")
]


def init(directory: Directory = Path()) -> None:
    """Write a small working project: jobs, their tests, and what to do next."""
    existing = tuple(name for name in FILES if (directory / name).exists())
    if existing:
        raise FilesExistError(directory, existing)
    directory.mkdir(parents=True, exist_ok=True)
    project = files("joblog.cli").joinpath("project")
    for name, source in FILES.items():
        text = project.joinpath(source).read_text(encoding="utf-8")
        (directory / name).write_text(text, encoding="utf-8")
        typer.echo(directory / name)
    note('next: joblog dev jobs, and in another terminal joblog submit greet \'{"name": "Ada"}\'')
