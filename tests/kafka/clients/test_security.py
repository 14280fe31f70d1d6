"""Logins and certificates reach every client, and wrong ones stop the start."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from joblog.streams.broker import EmbeddedBroker
from joblog.streams.errors import KafkaUnavailableError
from joblog.streams.kafka import KafkaPublisher, check_topics, ensure_topics
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from tests.kafka.clients.plain_clients import read_all

NOW = 1_700_000_000_000
PASSWORD = "joblog"  # noqa: S105 - of the test's keys and of the one who logs in
CERTIFICATES = Path(__file__).parents[2] / "unit/streams/certificates"
LOGIN_MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule"


def secured(directory: Path) -> dict[str, str]:
    """Return broker configs: TLS with client certificates, and a login."""
    keystore = directory / "keystore.pem"
    parts = [CERTIFICATES / "server.key", CERTIFICATES / "server.pem"]
    keystore.write_text("".join(part.read_text() for part in parts))
    truststore = directory / "truststore.pem"
    parts = [CERTIFICATES / "server.pem", CERTIFICATES / "client.pem"]
    truststore.write_text("".join(part.read_text() for part in parts))
    logins = f'username="broker" password="{PASSWORD}" user_broker="{PASSWORD}"'
    return {
        "listener.security.protocol.map": "PLAINTEXT:SASL_SSL,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.plaintext.plain.sasl.jaas.config": (
            f'{LOGIN_MODULE} required {logins} user_me="{PASSWORD}";'
        ),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(keystore),
        "ssl.key.password": PASSWORD,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(truststore),
        "listener.name.plaintext.ssl.client.auth": "required",
    }


@pytest.fixture(scope="module")
def secured_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    directory = tmp_path_factory.mktemp("secured")
    with EmbeddedBroker(directory / "broker", overrides=secured(directory)) as broker:
        yield broker


def settings_for(broker: EmbeddedBroker, **changed: Any) -> Settings:  # noqa: ANN401 - as Settings
    values = {
        "bootstrap_servers": broker.bootstrap_servers,
        "request_timeout_ms": 5_000,
        "security_protocol": "SASL_SSL",
        "sasl_username": "me",
        "sasl_password": PASSWORD,
        "ssl_ca_file": CERTIFICATES / "server.pem",
        "ssl_certificate_file": CERTIFICATES / "client.pem",
        "ssl_key_file": CERTIFICATES / "client.key",
        "ssl_key_password": PASSWORD,
    }
    return Settings(**(values | changed))


async def test_a_login_over_tls(secured_broker: EmbeddedBroker) -> None:
    settings = settings_for(secured_broker)
    await ensure_topics(settings, NOW)
    async with KafkaPublisher(settings) as publisher:
        await publisher.publish([Outbound("joblog.events", 0, b"k", b"v", [])])
    assert [one.value for one in await read_all(settings, "joblog.events", 0)][-1] == b"v"


@pytest.mark.parametrize(
    "changed",
    [
        {"sasl_password": "not the password"},
        {"ssl_ca_file": CERTIFICATES / "client.pem"},
        {"ssl_certificate_file": None, "ssl_key_file": None, "ssl_key_password": None},
        {
            "security_protocol": "PLAINTEXT",
            **dict.fromkeys(("sasl_username", "sasl_password", "ssl_ca_file")),
            **dict.fromkeys(("ssl_certificate_file", "ssl_key_file", "ssl_key_password")),
        },
    ],
    ids=["password", "authority", "no certificate", "plain text"],
)
async def test_who_may_not_come_in(secured_broker: EmbeddedBroker, changed: dict[str, Any]) -> None:
    settings = settings_for(secured_broker, **changed)
    for attempt in (check_topics, lambda settings: KafkaPublisher(settings).start()):
        with pytest.raises(KafkaUnavailableError, match="no Kafka at") as caught:
            async with asyncio.timeout(20):
                await attempt(settings)
        assert "not the password" not in str(caught.value)
