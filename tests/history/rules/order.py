"""Jobs of one ordering key: one at a time, in the order of the log, and behind a dead letter too."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.history.case import Case, Problem
from tests.history.state import BLOCKED, DEAD_LETTERED, IN_FLIGHT, PENDING, TERMINAL
from tests.history.story import Move, Story


@dataclass
class _Standing:
    """Where a job stands among those of its ordering key.

    Attributes:
        job_id: the job.
        place: offset of what gave it its place: its submission; after a discard, the redrive.
        status: its status.
        discarded: whether its dead letter was marked as dealt with.
    """

    job_id: str
    place: int
    status: str = ""
    discarded: bool = False

    def keeps_waiting(self, other: "_Standing") -> bool:
        """Return whether another job of the key may not run now because of this one."""
        if self.job_id == other.job_id:
            return False
        is_undone = self.status == DEAD_LETTERED and not self.discarded
        is_undone = is_undone or self.status not in TERMINAL
        return self.status in IN_FLIGHT or (self.place < other.place and is_undone)


def ordered_jobs_take_turns(case: Case) -> Iterator[Problem]:
    """A job of an ordering key is dispatched only once all earlier ones of that key are done with.

    Done with is what succeeded, was cancelled, expired, or is dead-lettered and discarded. The order is that of
    the submissions. A redriven job keeps its place, but for a discarded one, whose place is that of the redrive.
    """
    for members in _by_ordering_key(case):
        standings: dict[str, _Standing] = {}
        for job_id, move in _moves(members):
            if _is_dispatch(move):
                mine = standings[job_id]
                for other in standings.values():
                    if other.keeps_waiting(mine):
                        yield Problem(
                            f"dispatched while {other.job_id} is {other.status}, whose place is {other.place}; "
                            f"its own is {mine.place}",
                            job_id,
                            (move.step.record.at,),
                        )
            _take(standings, job_id, move)


def rows_say_who_waits_for_its_turn(case: Case) -> Iterator[Problem]:
    """The row of a job that could be dispatched says `blocked` while others keep it waiting, else `pending`."""
    for members in _by_ordering_key(case):
        home = case.history.home(members[0].job_id)
        position = case.history.positions.get(home, -1)
        standings: dict[str, _Standing] = {}
        for job_id, move in _moves(members):
            if move.step.offset <= position:
                _take(standings, job_id, move)
        for mine in standings.values():
            row = case.history.rows.get((home, mine.job_id.encode()))
            if row is None or row.event is None or mine.status != PENDING:
                continue
            waits = any(other.keeps_waiting(mine) for other in standings.values())
            expected, said = BLOCKED if waits else PENDING, row.event.fields["status"]
            if said != expected:
                yield Problem(f"the row says {said}, it is {expected}", mine.job_id, (row.at,))


def _by_ordering_key(case: Case) -> Iterable[list[Story]]:
    found: dict[tuple[int, str, str], list[Story]] = {}
    for story in case.stories.values():
        submission = story.moves[-1].after.submission
        if submission is None or submission.event is None:
            continue
        fields = submission.event.fields
        if fields["ordering_key"] is not None:
            home = case.history.home(story.job_id)
            found.setdefault((home, fields["tenant"], fields["ordering_key"]), []).append(story)
    return found.values()


def _moves(members: list[Story]) -> list[tuple[str, Move]]:
    moves = [(story.job_id, move) for story in members for move in story.moves]
    return sorted(moves, key=lambda one: one[1].step.order)


def _is_dispatch(move: Move) -> bool:
    event = move.step.event
    return event.name == "JobDispatched" and move.before.is_alive_in(event)


def _take(standings: dict[str, _Standing], job_id: str, move: Move) -> None:
    event, before, after = move.step.event, move.before, move.after
    standing = standings.setdefault(job_id, _Standing(job_id, move.step.record.at.offset))
    if after.generation > before.generation > 0:
        if standing.discarded:
            standing.place = move.step.record.at.offset
        standing.discarded = False
    if event.name == "DeadLetterDiscarded" and event.generation == after.generation:
        standing.discarded = after.status == DEAD_LETTERED
    standing.status = after.status
