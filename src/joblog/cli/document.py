"""Writes docs/command.md from the commands themselves: ``python -m joblog.cli.document docs``."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from joblog.cli.app import app
from joblog.cli.exit_codes import ExitCode
from joblog.streams.documents.markdown import code, document, table
from joblog.streams.documents.words import meanings

NAME: Final = "command.md"
MAKER: Final = "joblog.cli.document"
_INTRODUCTION: Final = """\
`joblog` reads its settings as every process does ([settings.md](settings.md)). Data goes to standard output,
everything else, progress too, to standard error. Commands that print data take `--json`: one JSON document a
line. Tables fit the terminal; in a pipe they have 160 columns."""
_COMPLETION: Final = """\
`joblog --install-completion` lets bash, zsh, fish and PowerShell complete commands and options; it takes effect
in the next terminal. `joblog --show-completion` prints what it would install. Both find out which shell runs."""
_MANY_JOBS: Final = """\
`joblog submit TYPE --file jobs.csv`, or lines on standard input, submits hundreds of thousands of jobs.

- **JSON lines** have a payload each. **CSV** (UTF-8, RFC 4180) names the payload's fields in its first line.
- A cell becomes what its field is: whole numbers, numbers, `true`, `false`, `1` and `0`; texts, dates, times,
  decimals and UUIDs as they stand; bytes in base64; records, arrays and maps as JSON. An empty cell is null
  where the field may be null, the empty text where it is a text, and else the field's default.
- Columns that are no fields, or are missing though their field has no default, are refused before the first job
  is sent (exit code 2).
- `--key-column NAME` takes a column or field as idempotency key. A file that was broken off can then be
  submitted again as a whole: no job is repeated. It may be a field of the payload or not.
- The first line that is no job ends it (exit code 1): its number is shown, and the jobs before it are submitted.
  With `--skip-bad FILE` such lines go there, with numbers, reason and text, and the others are submitted; the
  exit code is 1 all the same. A file that cannot be written is refused before the first job is sent (exit code
  2); after a run that refuses nothing it is empty. A quote in CSV that is not closed takes in the lines behind
  it: all of them are named and kept, and are no jobs."""


def command_document() -> str:
    """Return the document."""
    root = typer.main.get_command(app)
    meaning = meanings(ExitCode)
    exit_codes = [(str(found.value), meaning[found]) for found in ExitCode]
    return document(
        "The command",
        _INTRODUCTION,
        "## Exit codes",
        table(("Code", "Meaning"), exit_codes),
        "## Completion",
        _COMPLETION,
        "## Many jobs at once",
        _MANY_JOBS,
        *_sections(root, "joblog"),
        maker=MAKER,
    )


def main(directory: Path) -> None:
    """Write the document into a directory."""
    directory.joinpath(NAME).write_text(command_document(), encoding="utf-8")


def _sections(command: object, name: str) -> Iterator[str]:
    if isinstance(command, TyperGroup):
        context = typer.Context(command)
        for word in command.list_commands(context):
            yield from _sections(command.get_command(context, word), f"{name} {word}")
    elif isinstance(command, TyperCommand):
        yield f"## {name}"
        yield _help(command)
        context = typer.Context(command)
        rows = [_described(one, context) for one in command.params if one.name != "help"]
        if rows:
            yield table(("Argument or option", "Default", "Meaning"), rows)


def _help(command: TyperCommand) -> str:
    paragraphs = (command.help or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _described(parameter: object, context: typer.Context) -> tuple[str, str, str]:
    if isinstance(parameter, TyperOption):
        names = ", ".join((*parameter.opts, *parameter.secondary_opts))
        value = "" if parameter.is_flag else f" {_type_of(parameter, context)}"
        return code(names + value), _default(parameter), parameter.help or ""
    assert isinstance(parameter, TyperArgument)  # noqa: S101  # there is nothing else
    name = parameter.metavar or (parameter.name or "").upper()
    return code(name), _default(parameter), parameter.help or ""


def _type_of(parameter: TyperOption, context: typer.Context) -> str:
    return (parameter.display_type_rich(ctx=context) or "").replace(" range>", ">")


def _default(parameter: TyperArgument | TyperOption) -> str:
    if isinstance(parameter.show_default, str):
        return parameter.show_default
    if parameter.required:
        return "required"
    value = parameter.default
    if isinstance(value, bool):
        return "on" if value else ""
    return "" if value is None or value == () or callable(value) else code(str(value))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
