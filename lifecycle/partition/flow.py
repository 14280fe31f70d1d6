"""How many attempts are dispatched ahead of the workers, and which jobs come next."""

from collections.abc import Mapping

from joblog.lifecycle.partition.backlog import Backlog
from joblog.lifecycle.partition.keys import line_of
from joblog.lifecycle.partition.knowledge import Knowledge
from joblog.lifecycle.partition.line import First
from joblog.lifecycle.partition.working_set import WorkingSet
from joblog.lifecycle.states import Status
from joblog.schemas.state import JobRow


class Flow:
    """The backlog and the dispatch windows: one for each lane, counted by the rows' transitions.

    Attributes:
        in_flight: dispatched and not yet started attempts, by lane.
        blocked: jobs that wait for their turn, by line of the backlog.
        backlog: the jobs that wait for a window to have room.
    """

    def __init__(
        self,
        state: WorkingSet,
        knowledge: Knowledge,
        in_flight: Mapping[str, int],
        waiting: Mapping[str, int],
        blocked: Mapping[str, int],
    ) -> None:
        """Go on from what is in flight by a position, and waits by the index."""
        self.in_flight = dict(in_flight)
        self.blocked = dict(blocked)
        self.backlog = Backlog(state, waiting)
        self._knowledge = knowledge

    def moved(self, before: JobRow | None, after: JobRow) -> None:
        """A row changed."""
        was = None if before is None else before.status
        if was == after.status:
            return
        if before is not None:
            self._left(before)
        if after.status == Status.PENDING:
            self.backlog.enter(after)
        elif after.status == Status.DISPATCHED and after.lane is not None:
            self.in_flight[after.lane] = self.in_flight.get(after.lane, 0) + 1
        elif after.status == Status.BLOCKED:
            line = line_of(after)
            self.blocked[line] = self.blocked.get(line, 0) + 1

    def next(self) -> JobRow | None:
        """Return the pending job to dispatch next, None where no lane has both room and a job."""
        best: First | None = None
        waiting, known = self.backlog.types, self._knowledge.types
        for type_ in waiting if len(waiting) < len(known) else known:
            if type_ not in waiting or not self._has_room(type_):
                continue
            first = self.backlog.first_of_type(type_)
            if first is not None and (best is None or first.order < best.order):
                best = first
        return None if best is None else best.row

    def admits(self, row: JobRow) -> bool:
        """Return whether a new job can be dispatched at once.

        A lane has room only while none of its jobs waits, since every turn ends by filling the windows.
        """
        return self._has_room(row.opening.type)

    def _has_room(self, type_: str) -> bool:
        known, limits = self._knowledge.types.get(type_), self._knowledge.limits
        return (
            known is not None
            and self.in_flight.get(known.lane, 0) < limits.dispatch_window
            and known.lane in limits.lanes
        )

    def _left(self, before: JobRow) -> None:
        if before.status == Status.PENDING:
            self.backlog.leave(before)
        elif before.status == Status.DISPATCHED and before.lane is not None:
            _one_less(self.in_flight, before.lane)
        elif before.status == Status.BLOCKED:
            _one_less(self.blocked, line_of(before))


def _one_less(counts: dict[str, int], name: str) -> None:
    counts[name] -= 1
    if not counts[name]:
        del counts[name]
