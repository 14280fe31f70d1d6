"""What the app declares, and what it leaves Faust to do: nothing that would write or commit."""

import ssl
from pathlib import Path
from typing import Any, cast

import faust
import pytest

from joblog.streams.faust_app import JoblogApp, build_app
from joblog.streams.faust_app.consumer import BatchConsumer
from joblog.streams.faust_app.options import consumer_options
from joblog.streams.faust_app.tables import StateTable
from joblog.streams.settings import Settings
from tests.unit.faust_app.fakes import FakeOwner

LOGIN = {"sasl_username": "ann", "sasl_password": "secret"}


def app_with(**settings: Any) -> JoblogApp:  # noqa: ANN401 - each setting has its own type
    return build_app(Settings(**settings), lambda _: FakeOwner())


def test_one_agent_reads_the_events_topic() -> None:
    app = app_with(namespace="ours")
    (agent,) = app.agents.values()
    assert agent.name == "scheduler"
    assert agent.channel.get_topic_name() == "ours.events"
    assert agent.concurrency == 1


def test_two_tables_are_declared_with_their_changelogs() -> None:
    app = app_with(namespace="ours", partitions=7)
    assert {name: table.changelog_topic.get_topic_name() for name, table in app.tables.items()} == {
        "jobs": "ours.table.jobs",
        "log": "ours.table.log",
    }
    assert {table.partitions for table in app.tables.values()} == {7}


def test_faust_does_not_write_the_tables() -> None:
    jobs = cast("StateTable", app_with().tables["jobs"])
    with pytest.raises(TypeError, match="jobs"):
        jobs[b"key"] = b"value"
    with pytest.raises(TypeError, match="jobs"):
        del jobs[b"key"]


def test_faust_starts_a_consumer_and_nothing_else_that_talks() -> None:
    app = app_with()
    services = [type(service).__name__ for service in app.boot_strategy.server()]
    cast("BatchConsumer", app.consumer)._thread.thread_loop.close()  # noqa: SLF001 - never started
    assert services == ["BatchConsumer", "AgentManager", "Conductor", "DeclaredTables"]


def test_the_group_has_the_name_of_the_namespace() -> None:
    assert app_with(namespace="ours").conf.id == "ours.scheduler"


def test_the_environment_does_not_lead_faust_elsewhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BROKER_URL", "kafka://elsewhere:1")
    monkeypatch.setenv("WEB_ENABLED", "true")
    monkeypatch.setenv("APP_DATADIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("STREAM_WAIT_EMPTY", "true")
    conf = app_with(bootstrap_servers="here:9092,there:9093", data_dir=tmp_path).conf
    assert [str(url) for url in conf.broker] == ["kafka://here:9092", "kafka://there:9093"]
    assert not conf.web_enabled
    assert conf.datadir == tmp_path
    assert not conf.stream_wait_empty


def test_without_security_there_are_no_credentials() -> None:
    assert app_with().conf.broker_credentials is None


def test_sasl_reaches_faust() -> None:
    app = app_with(**LOGIN, security_protocol="SASL_PLAINTEXT", sasl_mechanism="SCRAM-SHA-512")
    credentials = app.conf.broker_credentials
    assert isinstance(credentials, faust.SASLCredentials)
    assert credentials.protocol.value == "SASL_PLAINTEXT"
    assert credentials.mechanism.value == "SCRAM-SHA-512"
    assert (credentials.username, credentials.password) == ("ann", "secret")
    assert "secret" not in repr(credentials)


def test_tls_reaches_faust_with_a_context_that_checks() -> None:
    credentials = app_with(security_protocol="SSL").conf.broker_credentials
    assert isinstance(credentials, faust.SSLCredentials)
    assert credentials.protocol.value == "SSL"
    assert credentials.context.verify_mode == ssl.CERT_REQUIRED
    assert credentials.context.check_hostname


def test_sasl_over_tls_reaches_faust() -> None:
    credentials = app_with(**LOGIN, security_protocol="SASL_SSL").conf.broker_credentials
    assert isinstance(credentials, faust.SASLCredentials)
    assert credentials.protocol.value == "SASL_SSL"
    assert credentials.ssl_context is not None
    assert credentials.ssl_context.verify_mode == ssl.CERT_REQUIRED


def test_the_consumer_takes_the_settings() -> None:
    options = consumer_options(
        Settings(
            **{"session_timeout_ms": 6_000, "heartbeat_interval_ms": 500, **LOGIN},
            security_protocol="SASL_SSL",
        )
    )
    expected = {
        "session_timeout_ms": 6_000,
        "heartbeat_interval_ms": 500,
        "auto_offset_reset": "none",
        "enable_auto_commit": False,
        "security_protocol": "SASL_SSL",
        "sasl_plain_username": "ann",
    }
    assert expected.items() <= options.items()
    assert options["ssl_context"].verify_mode == ssl.CERT_REQUIRED
