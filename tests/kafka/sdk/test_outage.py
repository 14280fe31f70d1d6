"""A client whose broker goes away for a while."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from joblog import Client, Settings, UnconfirmedError
from joblog.streams.broker import EmbeddedBroker
from joblog.streams.kafka import ensure_topics


class Mail(BaseModel):
    to: str


async def test_after_an_unconfirmed_submission_the_same_client_submits_again(
    make_broker: Callable[..., EmbeddedBroker], tmp_path: Path
) -> None:
    broker = make_broker()
    broker.start()
    settings = Settings(
        bootstrap_servers=broker.bootstrap_servers,
        data_dir=tmp_path,
        partitions=1,
        request_timeout_ms=1_000,
        producer={"delivery_timeout_ms": 1_500},
    )
    await ensure_topics(settings, time.time_ns() // 1_000_000)
    async with Client(settings) as client:
        first = await client.submit("send-mail", Mail(to="a"), idempotency_key="a")
        os.kill(broker.pid, signal.SIGSTOP)
        try:
            with pytest.raises(UnconfirmedError, match="may be in the log or not") as caught:
                await client.submit("send-mail", Mail(to="b"), idempotency_key="b")
        finally:
            os.kill(broker.pid, signal.SIGCONT)
        again = await client.submit("send-mail", Mail(to="b"), idempotency_key="b")

    assert caught.value.records == 1
    assert again.job_id == "default/send-mail/b"
    assert again.offset > first.offset
