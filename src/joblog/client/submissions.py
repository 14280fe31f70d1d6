"""From what a caller says to the event that opens a job."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypedDict, Unpack

from pydantic import BaseModel, ValidationError

from joblog.client.errors import SubmissionRefusedError
from joblog.client.payloads import Order, Payload, Target
from joblog.lifecycle.partitioner import partition_of
from joblog.schemas.models import JobSubmitted, RetryPolicy
from joblog.schemas.models.jobs import idempotent_job_id
from joblog.schemas.problems import problem_in, refused_value

DEFAULT_TENANT: Final = JobSubmitted.model_fields["tenant"].default
SHOWN: Final = 100
"""Characters of a refused value in an error."""

_ARGUMENTS: Final = {
    "job_id": "idempotency_key",
    "retry_policy": "retry",
    "timeout_ms": "timeout",
}
_TAKEN_AS_THEY_ARE: Final = (
    "queue", "priority", "tenant", "ordering_key", "owner", "idempotency_key", "labels",
    "correlation_id",
)  # fmt: skip
_MILLISECOND: Final = timedelta(milliseconds=1)


class Options(TypedDict, total=False):
    """What a submission may say beside type and payload.

    Attributes:
        queue: a name for operators to steer by. Defaults to `default`.
        priority: 0 (last) to 9 (first). Defaults to 4.
        tenant: whose work it is; part of an idempotent submission's id. Defaults to `default`.
        owner: team or service that answers for the job.
        idempotency_key: equal keys of one tenant and type are one job.
        ordering_key: jobs of one tenant and ordering key run one at a time, in the order of the log; not beside
            an idempotency key.
        retry: retry policy instead of the type's, within its maximum.
        timeout: longest run of an attempt, instead of the type's.
        not_before: no attempt starts earlier; with a time zone.
        delay: the same, from now on.
        deadline: no attempt starts later; with a time zone.
        labels: free names and values.
        correlation_id: joins what belongs together. Defaults to the job id.
        submitter: who submits. Defaults to the client's name.
        traceparent: W3C trace context that the job continues.
    """

    queue: str
    priority: int
    tenant: str
    owner: str
    idempotency_key: str
    ordering_key: str
    retry: RetryPolicy
    timeout: timedelta
    not_before: datetime
    delay: timedelta
    deadline: datetime
    labels: Mapping[str, str]
    correlation_id: str
    submitter: str
    traceparent: str


class Submission:
    """A job to be submitted in bulk, said as to `Client.submit`.

    Args:
        target: the job type, or its handler.
        payload: the handler's argument.
        options: what else there is to say.

    Raises:
        SubmissionRefusedError: there is no such option.
    """

    __slots__ = ("options", "payload", "target")

    def __init__(
        self, target: Target, payload: BaseModel | Payload, **options: Unpack[Options]
    ) -> None:
        for name, value in options.items():
            if name not in Options.__annotations__:
                rule = f"there is no such option; there are {', '.join(Options.__annotations__)}"
                raise SubmissionRefusedError(name, _shown(value), rule)
        self.target = target
        self.payload = payload
        self.options = options


class Submissions:
    """Makes events of submissions.

    Args:
        new_id: makes ids of jobs and events.
        clock: gives ms since the Unix epoch.
        submitter: who submits where a submission does not say it.
        partitions: how many the log has.
    """

    def __init__(
        self,
        new_id: Callable[[], str],
        clock: Callable[[], int],
        submitter: str,
        partitions: int,
    ) -> None:
        self._new_id = new_id
        self._clock = clock
        self._submitter = submitter
        self._partitions = partitions

    def event(self, order: Order, options: Options) -> JobSubmitted:
        """Return the event of a submission.

        Raises:
            SubmissionRefusedError: an option breaks its rule.
        """
        now = self._clock()
        key = options.get("idempotency_key")
        tenant = options.get("tenant", DEFAULT_TENANT)
        fields: dict[str, Any] = {
            "event_id": self._new_id(),
            "job_id": self._new_id() if key is None else idempotent_job_id(tenant, order.type, key),
            "time": now,
            "type": order.type,
            "payload": order.payload.body,
            "payload_schema": order.payload.schema.fingerprint,
            "submitter": options.get("submitter", self._submitter),
            "retry_policy": options.get("retry"),
            "timeout_ms": _duration("timeout", options.get("timeout")),
            "not_before": _not_before(options, now),
            "deadline": _time("deadline", options.get("deadline")),
        }
        fields |= {name: options[name] for name in _TAKEN_AS_THEY_ARE if name in options}
        try:
            event = JobSubmitted(**fields)
        except ValidationError as error:
            raise _refused(error) from None
        return event if event.ordering_key is None else self._placed(event, event.ordering_key)

    def _placed(self, event: JobSubmitted, ordering_key: str) -> JobSubmitted:
        """Return a submission under an id whose partition is that of its ordering key."""
        if event.idempotency_key is not None:
            rule = "an ordering key asks for another partition than an idempotency key: give one of them"
            raise SubmissionRefusedError("ordering_key", _shown(ordering_key), rule)
        home, job_id = partition_of(ordering_key.encode(), self._partitions), event.job_id
        while partition_of(job_id.encode(), self._partitions) != home:
            job_id = self._new_id()
        return event.model_copy(update={"job_id": job_id})


def _not_before(options: Options, now: int) -> int | None:
    delay = _duration("delay", options.get("delay"))
    if delay is None:
        return _time("not_before", options.get("not_before"))
    if "not_before" in options:
        rule = "not_before says when already: give one of them"
        raise SubmissionRefusedError("delay", str(options["delay"]), rule)
    return now + delay


def _duration(argument: str, value: timedelta | None) -> int | None:
    if value is None:
        return None
    if value < timedelta():
        raise SubmissionRefusedError(argument, str(value), "a length of time is not negative")
    return value // _MILLISECOND


def _time(argument: str, value: datetime | None) -> int | None:
    if value is None:
        return None
    if value.tzinfo is None:
        rule = "a time has a time zone: give one, such as datetime.now(UTC)"
        raise SubmissionRefusedError(argument, value.isoformat(), rule)
    return round(value.timestamp() * 1_000)


def _refused(error: ValidationError) -> SubmissionRefusedError:
    problem = problem_in(error)
    name, *path = problem.path or ("job_id",)
    argument = ".".join((_ARGUMENTS.get(name, name), *path))
    return SubmissionRefusedError(argument, _shown(refused_value(error)), problem.rule)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
