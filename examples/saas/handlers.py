"""The jobs of a small SaaS: imports of rows, thumbnails of photos, webhooks to customers.

`joblog worker examples.saas.handlers` runs them. Each is safe to repeat: it writes by a key, replaces a
whole file, or sends an idempotency key along.
"""

from datetime import timedelta
from functools import cache
from typing import Final

from PIL import UnidentifiedImageError
from pydantic import ValidationError

from examples.saas import airports, photos, webhooks
from examples.saas.storage import Storage
from joblog import Context, Fatal, RetryAfter, RetryPolicy, job

STORAGE: Final = Storage.of_environment()


@cache
def airport_table() -> airports.AirportTable:
    """Return the table of airports; processes that do not need it do not open it."""
    return airports.AirportTable(STORAGE.database)


@job("import-airport")
def import_airport(row: airports.AirportRow) -> None:
    """Validate a row and load it into the database; a row that is not valid never will be."""
    try:
        airport = airports.Airport.model_validate(row.model_dump())
    except ValidationError as error:
        raise Fatal(f"the row of {row.iata} is not valid: {error}") from error
    airport_table().save(airport)


@job(
    "make-thumbnail",
    retry=RetryPolicy(max_attempts=3, initial_delay_ms=500),  # an upload may still be on its way
    timeout=timedelta(seconds=30),
    run_in="process",
)
def make_thumbnail(photo: photos.Photo) -> None:
    """Make a thumbnail of an upload."""
    try:
        photos.make_thumbnail(photo, STORAGE.thumbnails)
    except UnidentifiedImageError as error:
        raise Fatal(str(error)) from error


@job(
    "send-webhook",
    retry=RetryPolicy(max_attempts=4, initial_delay_ms=200, max_delay_ms=1_000),
    timeout=timedelta(seconds=30),
)
async def send_webhook(webhook: webhooks.Webhook, context: Context) -> None:
    """Tell a customer what happened."""
    try:
        await webhooks.deliver(webhook, context.idempotency_key)
    except webhooks.GoneError as error:
        raise Fatal(str(error)) from error
    except webhooks.BusyError as error:
        raise RetryAfter(error.retry_after, str(error)) from error
