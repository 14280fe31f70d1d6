"""What the demo has to show at its end, gathered with the product's commands."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from examples.saas.airports import Airport
from examples.saas.demo.garbage import Garbage
from examples.saas.demo.outcome import Outcome
from examples.saas.demo.services import Ended, Services

HASH_SEED: Final = "4711"
COMMIT_RECORDS: Final = "137"
"""Records between two writes of the rebuilt tables; the schedulers cut the log elsewhere."""
ALL_LETTERS: Final = "10000"


class Answers(NamedTuple):
    """What the product's commands say.

    Attributes:
        letters: all dead letters, as `joblog dlq list` gives them.
        example: a job that was retried.
        history: what `joblog jobs history` prints about it.
        proof: how `joblog verify` ended.
        planted: how it ended with that job's row changed in its copy of the live tables.
    """

    letters: Sequence[Mapping[str, Any]]
    example: str
    history: Ended
    proof: Ended
    planted: Ended


class Evidence(NamedTuple):
    """All that expectations are held against.

    Attributes:
        outcomes: what became of each planned job.
        garbage: the records of garbage that were published.
        received: how the customer's server answered each message.
        loaded: the rows of the application's table.
        thumbnails: the application's directory of thumbnails.
        answers: what the product's commands say.
    """

    outcomes: Sequence[Outcome]
    garbage: Sequence[Garbage]
    received: Mapping[str, Sequence[int]]
    loaded: Sequence[Airport]
    thumbnails: Path
    answers: Answers


async def ask_commands(services: Services, example: str) -> Answers:
    """Ask the product's commands, side by side; `example` is the job whose history is shown."""
    verify = ("verify", "--json", "--commit-records", COMMIT_RECORDS)
    letters, history, proof, planted = await asyncio.gather(
        services.succeed("dlq", "dlq", "list", "--json", "--limit", ALL_LETTERS),
        services.succeed("history", "jobs", "history", example),
        services.run("verify", *verify, PYTHONHASHSEED=HASH_SEED),
        services.run("verify-planted", *verify, "--plant", example, PYTHONHASHSEED=HASH_SEED),
    )
    return Answers(letters.documents, example, history, proof, planted)
