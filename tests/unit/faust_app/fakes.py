"""An owner and a source of batches that do as a test tells them."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence

from joblog.streams.faust_app.batch import Batch
from joblog.streams.faust_app.fail_stop import FailStop
from joblog.streams.faust_app.rounds import AT_ONCE, Rounds
from joblog.streams.records import Inbound


class FakeOwner:
    """Notes what it is asked for; each call waits until its gate is open, and raises what it has to."""

    def __init__(self, position: int = 0) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.position = position
        self.gates: defaultdict[str, asyncio.Event] = defaultdict(_open_gate)
        self.raises: dict[str, BaseException] = {}

    async def open(self, partition: int) -> int:
        await self._reach("open", partition)
        return self.position

    async def process(self, partition: int, records: Sequence[Inbound]) -> None:
        await self._reach("process", partition, [record.offset for record in records])

    async def close(self, partition: int) -> None:
        await self._reach("close", partition)

    @property
    def batches(self) -> list[list[int]]:
        """The offsets of each batch."""
        return [call[2] for call in self.calls if call[0] == "process"]  # type: ignore[misc]

    async def _reach(self, what: str, *arguments: object) -> None:
        self.calls.append((what, *arguments))
        await self.gates[what].wait()
        if error := self.raises.get(what):
            raise error


class FakeSource:
    """Notes what is begun, paused, resumed and committed; commits are taken as a test says."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.commits: list[dict[int, int]] = []
        self.answers: list[bool | Exception] = []

    async def begin(self, generation: int, partition: int, position: int) -> None:
        self.calls.append(("begin", generation, partition, position))

    def pause(self, generation: int, partition: int) -> None:
        self.calls.append(("pause", generation, partition))

    def resume(self, generation: int, partition: int) -> None:
        self.calls.append(("resume", generation, partition))

    async def commit_in(self, generation: int, offsets: Mapping[int, int]) -> bool:
        assert generation == 1
        self.commits.append(dict(offsets))
        answer = self.answers.pop(0) if self.answers else True
        if isinstance(answer, Exception):
            raise answer
        return answer


class Exits:
    """A process that would have ended."""

    def __init__(self) -> None:
        self.codes: list[int] = []
        self.fail_stop = FailStop(self.codes.append)

    @property
    def reason(self) -> BaseException | None:
        return self.fail_stop.reason


def batch(
    *offsets: int, generation: int = 1, partition: int = 0, value: bytes = b"v", follows: int = -1
) -> Batch:
    """A batch of records with these offsets, which follows on its first."""
    records = [Inbound("events", partition, offset, 0, None, value, ()) for offset in offsets]
    follows = offsets[0] if follows < 0 else follows
    return Batch(generation, partition, follows, records, len(offsets) * len(value))


async def settle() -> None:
    """Let every task run until it waits for something."""
    for _ in range(20):
        await asyncio.sleep(0)


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


async def fill(rounds: Rounds, cycles: int = AT_ONCE) -> None:
    """Let so many cycles begin: by default as many as may run at once."""
    async with asyncio.timeout(10):
        for _ in range(cycles):
            await rounds.begin()


def drain(rounds: Rounds, cycles: int = AT_ONCE) -> None:
    """Let so many cycles end."""
    for _ in range(cycles):
        rounds.end()
