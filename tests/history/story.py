"""A job's history, interpreted: each step with the state before and after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.history.history import History
from tests.history.letters import Letters
from tests.history.machine import after, restored
from tests.history.partition_log import PartitionLog
from tests.history.state import IN_FLIGHT, State
from tests.history.steps import Step, steps_by_job


class Move(NamedTuple):
    """A step, and what it changed."""

    step: Step
    before: State
    after: State

    @property
    def ends_generation(self) -> bool:
        """Whether it is the terminal event of a generation."""
        return self.after.is_over and not self.before.is_over

    @property
    def ends_attempt(self) -> bool:
        """Whether it ended the attempt in flight."""
        return self.before.status in IN_FLIGHT and self.after.status not in IN_FLIGHT


@dataclass
class Attempt:
    """An attempt that was dispatched.

    Attributes:
        generation: the job's generation.
        ordinal: from 1.
        dispatch: its dispatch, with the state before.
        end: what ended it, None where nothing did.
    """

    generation: int
    ordinal: int
    dispatch: Move
    end: Move | None = None


@dataclass(frozen=True)
class Story:
    """What happened to a job.

    Attributes:
        job_id: its id.
        moves: its steps, in order.
    """

    job_id: str
    moves: tuple[Move, ...]

    @property
    def generations(self) -> range:
        """The generations that were opened; empty where the job was never submitted."""
        return range(1, self.moves[-1].after.generation + 1)

    def endings(self, generation: int) -> Iterator[Move]:
        """Yield the terminal event of a generation, if there is one."""
        return (
            move
            for move in self.moves
            if move.ends_generation and move.after.generation == generation
        )

    def state_at(self, position: int) -> State:
        """Return the state after everything that was decided up to an offset."""
        state = State()
        for move in self.moves:
            if move.step.offset > position:
                break
            state = move.after
        return state

    def attempts(self) -> list[Attempt]:
        """Return the attempts, in order of their dispatch."""
        attempts: list[Attempt] = []
        for move in self.moves:
            event = move.step.event
            if event.name == "JobDispatched" and move.before.is_alive_in(event):
                if attempts and attempts[-1].end is None:  # its dispatch was lost with its topic
                    attempts[-1].end = move
                attempts.append(Attempt(event.generation, event.attempt, move))
            elif move.ends_attempt and attempts:
                attempts[-1].end = move
        return attempts


def stories(history: History, letters: Letters) -> dict[str, Story]:
    """Return the story of each job that has one."""
    return {
        job_id: Story(job_id, tuple(_moves(steps, history.logs[history.home(job_id)])))
        for job_id, steps in steps_by_job(history, letters).items()
    }


def _moves(steps: list[Step], log: PartitionLog) -> Iterator[Move]:
    state = State()
    for step in steps:
        before = restored(state, step, log)
        state = after(before, step, log)
        yield Move(step, before, state)
