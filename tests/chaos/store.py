"""The outcomes of seeds, by what was tested: a change of the product or of its libraries begins anew."""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from tests.chaos.bars.figure import Figure
from tests.chaos.outcome import Outcome

ROOT: Final = Path(".chaos")
PRODUCT: Final = ("src", "lifecycle", "processors", "schemas", "streams")
LOCK: Final = Path("requirements/dev.txt")
HASH_DIGITS: Final = 12


@cache
def product_hash() -> str:
    """Return the hash of the product's source and of the lock of its libraries."""
    digest = hashlib.sha256()
    files = [file for folder in PRODUCT for file in Path(folder).rglob("*") if _counts(file)]
    for file in [*sorted({file.resolve() for file in files}), LOCK.resolve()]:
        digest.update(
            str(file.relative_to(Path.cwd())).encode() + b"\0" + file.read_bytes() + b"\0"
        )
    return digest.hexdigest()[:HASH_DIGITS]


def directory() -> Path:
    """Return where the outcomes of this product are."""
    return ROOT / product_hash()


def load() -> dict[int, Outcome]:
    """Return the outcomes so far, by seed."""
    outcomes = (
        Outcome.of_json(json.loads(file.read_text())) for file in directory().glob("seed-*.json")
    )
    return {outcome.seed: outcome for outcome in sorted(outcomes, key=lambda one: one.seed)}


def keep(outcome: Outcome) -> None:
    """Store an outcome."""
    path = directory() / f"seed-{outcome.seed}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(outcome.as_json(), indent=1) + "\n")


def keep_figures(name: str, figures: Sequence[Figure]) -> None:
    """Store what was measured of a bar."""
    path = directory() / f"bar-{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([figure._asdict() for figure in figures], indent=1) + "\n")


def _counts(file: Path) -> bool:
    return file.suffix in {".py", ".avsc", ".json"} and "__pycache__" not in file.parts
