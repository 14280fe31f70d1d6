"""A bridge is as patient with its registry in each poll as in the first."""

from typing import Any

import pytest

from joblog.processors.bridge import service
from joblog.processors.bridge.patience import PatientLook
from joblog.processors.bridge.service import Bridge
from joblog.streams.settings import RegistrySettings, Settings
from joblog.streams.signals.metrics import Metrics

SETTINGS = Settings(registry=RegistrySettings(url="http://registry"))
POLLS = 3


class Publisher:
    """Is there, and has nothing to do."""

    def __init__(self, _: Settings) -> None:
        pass

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        pass


class Consumer:
    """Is asked for records, has none, and has its bridge stopped in the end."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self.polls = 0

    def subscribe(self, *_: object, **_options: object) -> None:
        pass

    async def getmany(self, **_: int) -> dict[Any, Any]:
        self.polls += 1
        if self.polls == POLLS:
            self._bridge.stop()
        return {}

    async def stop(self) -> None:
        pass


async def test_each_poll_has_patience_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(*_: object) -> None: ...

    begun: list[PatientLook] = []

    def begin_poll(look: PatientLook) -> None:
        begun.append(look)

    monkeypatch.setattr(PatientLook, "begin_poll", begin_poll)
    monkeypatch.setattr(service, "KafkaPublisher", Publisher)
    monkeypatch.setattr(service, "connect", connect)
    bridge = Bridge(SETTINGS, Metrics(), lambda: 0)
    consumer = Consumer(bridge)
    monkeypatch.setattr(service, "AIOKafkaConsumer", lambda **_: consumer)
    await bridge.run()
    assert (consumer.polls, len(begun)) == (POLLS, POLLS)
