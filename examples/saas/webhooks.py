"""Webhooks: tells customers over HTTP what happened."""

from datetime import timedelta
from http import HTTPStatus

import aiohttp
from pydantic import BaseModel


class Webhook(BaseModel):
    """A message to a customer.

    Attributes:
        url: where the customer listens.
        event: what happened.
        subject: what it happened to.
    """

    url: str
    event: str
    subject: str


class NotDeliveredError(Exception):
    """The customer's server did not take the message; it may later."""


class BusyError(NotDeliveredError):
    """It says when it will."""

    def __init__(self, message: str, retry_after: timedelta) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class GoneError(NotDeliveredError):
    """It never will."""


async def deliver(webhook: Webhook, key: str) -> None:
    """Send a message; the customer's server knows a repeated one by its key.

    Raises:
        NotDeliveredError: the server answers with an error.
        aiohttp.ClientError: there is no answer.
    """
    body = {"event": webhook.event, "subject": webhook.subject}
    headers = {"Idempotency-Key": key}
    async with aiohttp.request("POST", webhook.url, json=body, headers=headers) as response:
        answer = f"{webhook.url} answers {response.status} {response.reason}"
        match response.status:
            case HTTPStatus.GONE:
                raise GoneError(answer)
            case HTTPStatus.TOO_MANY_REQUESTS:
                seconds = float(response.headers.get("Retry-After", "1"))
                raise BusyError(answer, timedelta(seconds=seconds))
            case _ if not response.ok:
                raise NotDeliveredError(answer)
