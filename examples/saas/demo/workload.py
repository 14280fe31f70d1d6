"""The jobs of the demo, each with the end that it has to come to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from pydantic import BaseModel, ValidationError

from examples.saas.airports import Airport, AirportRow
from examples.saas.demo.receiver import SILENCE, Script
from examples.saas.demo.sources import MISSING, NO_IMAGES, PHOTOGRAPHS, airport_rows, upload
from examples.saas.photos import Photo
from examples.saas.webhooks import Webhook
from joblog import Options, RetryPolicy, Status

IMPORT: Final = "import-airport"
THUMBNAIL: Final = "make-thumbnail"
WEBHOOK: Final = "send-webhook"
KINDS: Final = (IMPORT, THUMBNAIL, WEBHOOK)

SOON: Final = timedelta(seconds=5)
TOMORROW: Final = timedelta(days=1)
PATIENCE: Final = timedelta(seconds=2)
"""How long a silent server is listened to."""
TWICE: Final = RetryPolicy(max_attempts=2, initial_delay_ms=200)


class End(NamedTuple):
    """How a job has to end: its state, how many of its attempts fail, and why it is a dead letter."""

    status: Status
    failures: int = 0
    reason: str | None = None


SUCCEEDED: Final = End(Status.SUCCEEDED)
FATAL: Final = End(Status.DEAD_LETTERED, 1, "fatal")


def retried(failures: int) -> End:
    """Succeeds after so many failures."""
    return End(Status.SUCCEEDED, failures)


def exhausted(attempts: int) -> End:
    """Fails until no attempt is left."""
    return End(Status.DEAD_LETTERED, attempts, "exhausted")


@dataclass(frozen=True)
class Planned:
    """A job to submit.

    Attributes:
        kind: its type.
        payload: what its handler gets.
        end: what has to become of it.
        options: what else its submission says.
        copies: how often it is submitted, under one idempotency key.
    """

    kind: str
    payload: BaseModel
    end: End
    options: Options = field(default_factory=Options)
    copies: int = 1


class Behaviour(NamedTuple):
    """How the customer's server treats some messages, and how their jobs end by that.

    Attributes:
        script: how the server answers.
        end: how their jobs end.
        timeout: how long an attempt may take, None for the type's.
        retry: when failed attempts are repeated, None for the type's policy.
        delay: how long the jobs wait first.
    """

    script: Script
    end: End
    timeout: timedelta | None = None
    retry: RetryPolicy | None = None
    delay: timedelta | None = None

    def options(self, now: datetime) -> Options:
        """Return what a submission at that time says."""
        options = Options()
        if self.timeout is not None:
            options["timeout"] = self.timeout
        if self.retry is not None:
            options["retry"] = self.retry
        if self.delay is not None:
            options["not_before"] = now + self.delay
        return options


BEHAVIOURS: Final = {
    "well": Behaviour(Script((204,)), SUCCEEDED),
    "busy": Behaviour(Script((503, 204)), retried(1)),
    "overloaded": Behaviour(Script((503, 429, 204)), retried(2)),
    "broken": Behaviour(Script((500,)), exhausted(4)),
    "gone": Behaviour(Script((410,)), FATAL),
    "silent": Behaviour(Script((SILENCE,)), exhausted(2), timeout=PATIENCE, retry=TWICE),
    "soon": Behaviour(Script((204,)), SUCCEEDED, delay=SOON),
    "withdrawn": Behaviour(Script((204,)), End(Status.CANCELLED), delay=TOMORROW),
}


@dataclass(frozen=True)
class Scale:
    """How large the demo is.

    Attributes:
        airports: rows to import, the last ones of the table.
        twice: every n-th of them is submitted twice.
        widths: sizes of the thumbnails of each photograph.
        webhooks: how many messages are treated in each way.
    """

    airports: int
    twice: int
    widths: tuple[int, ...]
    webhooks: dict[str, int]


FULL: Final = Scale(
    airports=3_376,
    twice=20,
    widths=(48, 96, 128, 192, 256, 384),
    webhooks={
        "well": 500, "busy": 60, "overloaded": 30, "broken": 6, "gone": 8, "silent": 3, "soon": 20,
        "withdrawn": 1,
    },
)  # fmt: skip
SMALL: Final = Scale(
    airports=240,
    twice=20,
    widths=(96,),
    webhooks={
        "well": 40, "busy": 6, "overloaded": 3, "broken": 1, "gone": 1, "silent": 1, "soon": 2,
        "withdrawn": 1,
    },
)  # fmt: skip


def plan(scale: Scale, receiver_url: str, now: datetime) -> list[Planned]:
    """Return all jobs of the demo, those first that take longest."""
    return [*_webhooks(scale, receiver_url, now), *_thumbnails(scale), *_imports(scale)]


def valid_airport(row: AirportRow) -> Airport | None:
    """Return the airport in a row, None where the row is not valid."""
    try:
        return Airport.model_validate(row.model_dump())
    except ValidationError:
        return None


def _imports(scale: Scale) -> Iterator[Planned]:
    for number, row in enumerate(airport_rows()[-scale.airports :]):
        end = SUCCEEDED if valid_airport(row) else FATAL
        copies = 2 if number % scale.twice == 0 else 1
        yield Planned(IMPORT, row, end, Options(idempotency_key=row.iata), copies)


def _thumbnails(scale: Scale) -> Iterator[Planned]:
    for name in PHOTOGRAPHS:
        for width in scale.widths:
            for format_ in ("jpeg", "webp"):
                photo = Photo(source=str(upload(name)), width=width, format=format_)
                yield Planned(THUMBNAIL, photo, SUCCEEDED)
    for name, end in (*((n, FATAL) for n in NO_IMAGES), *((n, exhausted(3)) for n in MISSING)):
        yield Planned(THUMBNAIL, Photo(source=str(upload(name)), width=96, format="jpeg"), end)


def _webhooks(scale: Scale, receiver_url: str, now: datetime) -> Iterator[Planned]:
    for name, count in scale.webhooks.items():
        behaviour = BEHAVIOURS[name]
        for number in range(count):
            webhook = Webhook(
                url=f"{receiver_url}/{name}", event="invoice.paid", subject=f"{name}-{number}"
            )
            yield Planned(WEBHOOK, webhook, behaviour.end, behaviour.options(now))
