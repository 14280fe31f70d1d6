"""What keeps a client from getting what it asks for. Each message holds the value, the rule and the fix."""

from joblog.schemas.errors import JoblogError


class SubmissionRefusedError(JoblogError):
    """A submission makes no sense; nothing was sent.

    Attributes:
        argument: name of the argument that is refused.
        value: its value, as text.
        rule: what it breaks, and how to keep it.
    """

    def __init__(self, argument: str, value: str, rule: str) -> None:
        self.argument = argument
        self.value = value
        self.rule = rule
        super().__init__(f"{argument}={value} is refused: {rule}")


class JsonMismatchError(JoblogError):
    """A JSON document does not fit an Avro schema. Its values are not shown: they may be secrets.

    Attributes:
        schema: name of the schema.
        where: the field, by its path; empty for the whole document.
        rule: what is wrong with it.
    """

    def __init__(self, schema: str, where: str, rule: str) -> None:
        self.schema = schema
        self.where = where
        self.rule = rule
        super().__init__(f"{where or 'the document'} does not fit the schema {schema}: {rule}")


class UnconfirmedError(JoblogError):
    """Kafka did not acknowledge what was sent; it may be in the log all the same.

    Attributes:
        records: how many records were sent together.
        reason: what Kafka or its client says.
    """

    def __init__(self, records: int, reason: str) -> None:
        self.records = records
        self.reason = reason
        super().__init__(
            f"{records} records were not acknowledged ({reason}) and may be in the log or not: send them again; "
            "a submission with an idempotency key is one job however often it is sent"
        )


class JobNotFoundError(JoblogError):
    """There is no job of that id.

    Attributes:
        job_id: the id.
    """

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(
            f"there is no job {job_id!r}: it was never submitted to this namespace, or its submission was "
            "refused; joblog dlq list shows refused ones"
        )


class JobTimeoutError(JoblogError, TimeoutError):
    """A job did not end in time.

    Attributes:
        job_id: the job.
        timeout: how long was waited, in seconds.
        status: its state at last; None where nobody could tell.
    """

    def __init__(self, job_id: str, timeout: float, status: str | None) -> None:
        self.job_id = job_id
        self.timeout = timeout
        self.status = status
        super().__init__(
            f"job {job_id} is {status or 'unknown'} after {timeout:g} s and not at its end: wait longer, or see "
            f"joblog jobs history {job_id} and joblog status"
        )


class JobNotSucceededError(JoblogError):
    """A job whose result was asked for came to another end.

    Attributes:
        job_id: the job.
        status: how it ended.
        reason: why, as far as it is known; empty where it is not.
    """

    def __init__(self, job_id: str, status: str, reason: str) -> None:
        self.job_id = job_id
        self.status = status
        self.reason = reason
        why = f" ({reason})" if reason else ""
        where = "dlq show" if status == "dead_lettered" else "jobs history"
        super().__init__(
            f"job {job_id} is {status}{why} and has no result: see joblog {where} {job_id}"
        )


class ClientClosedError(JoblogError):
    """A client was closed before a call of another task or thread had its answer."""

    def __init__(self) -> None:
        super().__init__(
            "the client was closed before this call had its answer: let such calls end before it is closed, and "
            "call again with one that is open; jobs go on all the same, and a submission that was under way may "
            "be in the log or not, so give it an idempotency key to send it again"
        )


class EventLoopRunsError(JoblogError):
    """A client that blocks was called in a thread that runs an event loop."""

    def __init__(self) -> None:
        super().__init__(
            "this thread runs an event loop, which would stand still while SyncClient waits: use "
            "`async with joblog.Client() as client`, or call it in a thread (asyncio.to_thread)"
        )


class SchedulerUnavailableError(JoblogError):
    """No scheduler answers for a partition.

    Attributes:
        partition: the partition.
        timeout: how long was tried, in seconds.
        reason: what came last.
    """

    def __init__(self, partition: int, timeout: float, reason: str) -> None:
        self.partition = partition
        self.timeout = timeout
        self.reason = reason
        super().__init__(
            f"no scheduler answers for partition {partition} within {timeout:g} s ({reason}): start one "
            "(joblog scheduler), and let it listen where this machine reaches it (JOBLOG_SIGNALS__HOST)"
        )


class ResultUnreadableError(JoblogError):
    """A job's result cannot be had as what was asked for.

    Attributes:
        job_id: the job.
        detail: why, and what to do.
    """

    def __init__(self, job_id: str, detail: str) -> None:
        self.job_id = job_id
        self.detail = detail
        super().__init__(f"the result of job {job_id} cannot be read: {detail}")
