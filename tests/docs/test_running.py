"""An example that does not hold is found, whatever it is."""

from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of
from tests.docs.examples import Examples, UntestedBlockError
from tests.docs.transcript import Shown, steps_of

ID = "0199c0de-0000-7000-8000-000000000001"
OTHER = "0199c0de-ffff-7fff-8fff-ffffffffffff"


def document(path: Path, *parts: str) -> Path:
    file = path / "page.md"
    file.write_text("\n\n".join(("# A page", *parts)) + "\n")
    return file


def fence(language: str, source: str) -> str:
    return f"```{language}\n{source}\n```"


@pytest.mark.parametrize(
    ("block", "error"),
    [
        (fence("python", "assert 1 + 1 == 3"), AssertionError),
        (fence("python", "import asyncio\nawait asyncio.sleep('x')"), TypeError),
        (fence("python", "from joblog import Clinet"), ImportError),
        (fence('python title="broken.py"', "1 / 0"), ZeroDivisionError),
        (fence('python title="test_it.py"', "def test(): ..."), AssertionError),
        (fence("console", "$ echo one\ntwo"), AssertionError),
        (fence("console", "$ false"), AssertionError),
        (fence("console", "a line of what runs"), AssertionError),
        (fence("toml", "lanse = ['default']"), Exception),
        (fence("json", "{1: 2}"), ValueError),
        (fence("yaml", "a: 1"), UntestedBlockError),
        (fence("", "anything"), UntestedBlockError),
        ("<!-- not run: -->\n" + fence("text", "no reason"), UntestedBlockError),
        ("<!-- not run: a reason -->\n\n" + fence("text", "too far away"), UntestedBlockError),
    ],
)
def test_what_does_not_hold_fails(
    block: str, error: type[Exception], examples: Examples, tmp_path: Path
) -> None:
    with pytest.raises(error):
        examples.run(document(tmp_path, block))


def test_what_holds_passes(examples: Examples, tmp_path: Path) -> None:
    examples.run(
        document(
            tmp_path,
            fence('python title="numbers_here.py"', "seven = 7"),
            fence(
                "python", "from numbers_here import seven\nimport asyncio\nawait asyncio.sleep(0)"
            ),
            fence("python", "assert seven == 7"),
            fence(
                "console", "$ mkdir sub\n$ cd sub\n$ ls .. | sort\n...\nsub\n$ pwd\n.../here/sub"
            ),
            fence("console", "$ python - <<END\n> print('seven')\n> END\nseven"),
            "<!-- not run: it is yours -->\n" + fence("yaml", "a: 1"),
        )
    )


def test_a_block_knows_its_line_and_what_is_said_above_it(tmp_path: Path) -> None:
    path = document(tmp_path, "<!-- numbers vary -->\n<!-- not run: why -->\n" + fence("x y", "z"))
    (block,) = blocks_of(path)
    assert (block.line, block.language, block.not_run, block.numbers_vary) == (5, "x", "why", True)


def test_an_id_stands_for_the_one_that_came_out() -> None:
    shown = Shown()
    assert shown.is_line(f"job {ID} at 1@7", f"job {OTHER} at 3@20")
    assert shown.meant(f"get {ID} 1@7") == f"get {OTHER} 3@20"
    assert shown.is_line(ID, OTHER)
    assert not shown.is_line(ID, ID)


def test_what_came_out_otherwise_is_not_remembered() -> None:
    shown = Shown()
    assert shown.differs([ID, "b"], [OTHER, "c"]) is not None
    assert shown.meant(ID) == ID


@pytest.mark.parametrize(
    ("shown", "came", "same"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a"], ["a", "b"], False),
        (["a", "b"], ["a"], False),
        (["a", "..."], ["a", "b", "c"], True),
        (["...", "c"], ["a", "b", "c"], True),
        (["...", "c"], ["a", "b"], False),
        (["│ a   │ 2026-01-01 00:00:00.000 │"], ["│ a │ 2030-12-31 23:59:59.999 │"], True),
        (["3 rows"], ["4 rows"], False),
        (["in ... s"], ["in 0.25 s"], True),
    ],
)
def test_lines_are_what_is_shown(shown: list[str], came: list[str], same: bool) -> None:  # noqa: FBT001
    assert (Shown().differs(shown, came) is None) is same


def test_numbers_may_vary_where_that_is_said() -> None:
    assert Shown().is_line("3 rows of 1,000", "41 rows of 7", numbers_vary=True)


def test_steps_are_commands_with_their_lines() -> None:
    first, second = steps_of("$ a \\\n> b\nout\n\n$ c")
    assert (first.command, first.lines) == ("a \\\nb", ("out",))
    assert (second.command, second.lines) == ("c", ())
