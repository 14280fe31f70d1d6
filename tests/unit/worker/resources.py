"""Resources for the tests of what handlers run within."""

import asyncio
from collections.abc import AsyncIterator, Iterator

from joblog.processors.worker.registry import Registry


class Database:
    def __init__(self, url: str) -> None:
        self.url = url


class Session:
    def __init__(self, database: Database) -> None:
        self.database = database


def registry(seen: list[str]) -> Registry:
    """Return one whose resources note what happens to them, declared in the wrong order."""
    made = Registry()

    @made.resource
    async def session(database: Database) -> AsyncIterator[Session]:
        seen.append("open session")
        yield Session(database)
        seen.append("close session")

    @made.resource
    def database() -> Iterator[Database]:
        seen.append("open database")
        yield Database("here")
        seen.append("close database")

    @made.resource
    def hooks() -> Iterator[None]:
        seen.append("start")
        yield
        seen.append("stop")

    return made


def failing_pool(made: Registry, failing: asyncio.Event) -> None:
    """Declare a database whose background task fails when the event is set."""

    async def fail() -> None:
        await failing.wait()
        raise ConnectionError("lost")

    @made.resource
    async def pool() -> AsyncIterator[Database]:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            yield Database("here")
