"""Busy histories: most of what happens is about a job that is in a state for it."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

from joblog.schemas.framing import frame
from joblog.schemas.models import (
    AttemptCancelled,
    AttemptFailed,
    AttemptHeartbeat,
    AttemptLost,
    AttemptReleased,
    AttemptStarted,
    AttemptSucceeded,
    Failure,
    SchemaAnnounced,
)
from tests.unit.history.folded import WholeLog
from tests.unit.history.future import FUTURE
from tests.unit.lifecycle.histories import play

STEPS: Final = 120
JOBS: Final = tuple(f"job-{number}" for number in range(6))
OFTEN: Final = 0.4
RARELY: Final = 0.2
Act = Callable[[str], None]


class BusyHistory:
    """Chooses what happens next by what is going on.

    Args:
        log: where it happens.
        random: chooses.
    """

    def __init__(self, log: WholeLog, random: Random) -> None:
        self._log = log
        self._random = random
        self._declared = 0
        self._usual: Mapping[str, tuple[Act, ...]] = {
            "scheduled": (self._wake, self._wake, self._tick, self._cancel),
            "retrying": (self._wake, self._wake, self._wake, self._tick, self._cancel),
            "pending": (self._tick, self._declare, self._cancel),
            "blocked": (self._tick, self._tick, self._cancel),
            "dispatched": (*[self._report] * 8, self._cancel),
            "running": (*[self._report] * 6, self._cancel, self._tick, self._tick),
            "dead_lettered": (self._redrive, self._discard),
        }
        self._rare = (
            self._submit,
            self._report,
            self._report_of_the_generation_before,
            self._redrive,
            self._garbage,
            self._write_with_future_schema,
            self._announce_future_schema,
            self._step_back,
            self._limit,
        )

    def run(self) -> None:
        """Let it all happen."""
        self._declare("")
        for _ in range(STEPS):
            self._log.now += self._pick(0, 1, 40, 300, 1_500)
            job = self._pick(*JOBS)
            row = self._log.fold.row(job)
            usual = self._usual.get("" if row is None else row.status, (self._submit, self._report))
            self._pick(*(self._rare if self._random.random() < RARELY else usual))(job)

    def _pick(self, *choices: Any) -> Any:  # noqa: ANN401 - of whatever there is to choose from
        return self._random.choice(choices)

    def _play(self, *action: object) -> None:
        play(self._log, [action])

    def _submit(self, job: str) -> None:
        fields: dict[str, Any] = {"type_": self._pick("mail", "mail", "report", "rare")}
        if self._random.random() < OFTEN:
            fields["not_before"] = self._pick(-10, 50, 400)
        if self._random.random() < OFTEN:
            fields["ordering_key"] = self._pick("a", "a", "b")
        if self._random.random() < OFTEN:
            fields["deadline"] = self._pick(0, 1_000, 5_000)
        self._play("submit", job, fields)

    def _report(self, job: str) -> None:
        lease = {"lease_ms": self._pick(100, 2_000)}
        started = {"started_at": self._log.now}
        retryable = self._random.random() > RARELY
        failure = Failure(kind="error", type="ValueError", message="no", retryable=retryable)
        failed = {"failure": failure, "retry_after_ms": self._pick(None, None, 0, 500)}
        report = self._pick(
            (AttemptStarted, started | lease),
            (AttemptHeartbeat, lease),
            (AttemptSucceeded, started),
            (AttemptFailed, started | failed),
            (AttemptFailed, started | failed),
            (AttemptLost, {}),
            (AttemptReleased, {}),
            (AttemptCancelled, {}),
        )
        self._play("report", job, report, self._pick(*[0] * 8, 1, -1))

    def _report_of_the_generation_before(self, job: str) -> None:
        row = self._log.fold.row(job)
        if row is not None and row.generation > 1:
            late = AttemptSucceeded(
                event_id="late",
                time=self._log.now,
                job_id=job,
                generation=row.generation - 1,
                attempt=max(1, row.attempt),
                worker="w1",
                started_at=self._log.now,
            )
            self._log.append(late)

    def _wake(self, job: str) -> None:
        self._play("wake", job)

    def _cancel(self, job: str) -> None:
        self._play("cancel", job)

    def _redrive(self, job: str) -> None:
        self._play("redrive", job, self._pick(1, 1, 1, 2))

    def _discard(self, job: str) -> None:
        self._play("discard", job)

    def _tick(self, _: str) -> None:
        self._play("tick", "")

    def _garbage(self, _: str) -> None:
        self._play("garbage", self._random.randbytes(12))

    def _step_back(self, _: str) -> None:
        self._log.now -= self._pick(10, 2_000, 7_000)

    def _limit(self, _: str) -> None:
        self._play("limit", self._random.randint(1, 4), self._random.randint(1, 3))

    def _declare(self, _: str) -> None:
        self._declared += 1
        policy = {
            "max_attempts": self._random.randint(1, 4),
            "initial_delay_ms": self._pick(0, 100),
            "jitter": self._pick(0.0, 0.5),
        }
        job_type, lane = self._pick(("mail", "default"), ("report", "bulk"))
        self._log.announce(job_type, version=self._declared, lane=lane, retry_policy=policy)

    def _write_with_future_schema(self, job: str) -> None:
        row = self._log.fold.row(job)
        cancel = FUTURE.write(
            {
                "event_id": "future",
                "time": self._log.now,
                "job_id": job,
                "generation": 1 if row is None else row.generation,
                "requested_by": "ops",
            }
        )
        self._log.append_raw(job.encode(), frame(FUTURE.fingerprint, cancel))

    def _announce_future_schema(self, _: str) -> None:
        announced = SchemaAnnounced.of(FUTURE, self._log.now)
        self._log.append(announced)
