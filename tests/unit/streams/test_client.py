"""What clients are told about the connection."""

from pathlib import Path
from typing import Any

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from joblog.lifecycle.partitioner import partition_of
from joblog.streams.errors import SettingsError
from joblog.streams.kafka.client import (
    client_options,
    group_options,
    producer_options,
    tls_context,
)
from joblog.streams.settings import Settings

CERTIFICATES = Path(__file__).parent / "certificates"
CLIENT = {
    "security_protocol": "SSL",
    "ssl_ca_file": CERTIFICATES / "server.pem",
    "ssl_certificate_file": CERTIFICATES / "client.pem",
    "ssl_key_file": CERTIFICATES / "client.key",
}


def test_a_plain_connection() -> None:
    settings = Settings(bootstrap_servers="a:1, b:2", request_timeout_ms=5_000)
    assert client_options(settings) == {
        "bootstrap_servers": ["a:1", "b:2"],
        "request_timeout_ms": 5_000,
        "security_protocol": "PLAINTEXT",
    }


def test_a_login() -> None:
    options = client_options(
        Settings(
            security_protocol="SASL_PLAINTEXT",
            sasl_mechanism="SCRAM-SHA-512",
            sasl_username="me",
            sasl_password="p",  # noqa: S106 - nobody uses it
        )
    )
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("me", "p")
    assert "ssl_context" not in options


def test_a_member_of_a_group_neither_resets_nor_commits_by_itself() -> None:
    options = group_options(Settings(session_timeout_ms=1_000, heartbeat_interval_ms=300))
    assert options["auto_offset_reset"] == "none"
    assert options["enable_auto_commit"] is False
    assert options["isolation_level"] == "read_committed"
    assert (options["session_timeout_ms"], options["heartbeat_interval_ms"]) == (1_000, 300)


def test_a_producer_is_idempotent_and_acknowledged_by_all() -> None:
    options = producer_options(Settings())
    assert (options["acks"], options["enable_idempotence"]) == ("all", True)
    assert options["compression_type"] is None
    assert (
        producer_options(Settings(producer={"compression": "gzip"}))["compression_type"] == "gzip"
    )


def test_no_batch_is_larger_than_a_topic_takes() -> None:
    small = {"max_submission_bytes": 1_024, "max_record_bytes": 70_000}
    assert producer_options(Settings(limits=small))["max_batch_size"] == 1_024 + 65_536
    assert producer_options(Settings())["max_batch_size"] == 262_144


def test_tls_checks_the_brokers_and_shows_the_certificate() -> None:
    context = tls_context(Settings(**CLIENT, ssl_key_password="joblog"))  # noqa: S106 - a test's
    assert context.check_hostname
    assert [ca["subject"] for ca in context.get_ca_certs()] == [((("commonName", "server"),),)]


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"ssl_ca_file": CERTIFICATES / "README.md"}, "ssl_ca_file"),
        ({"ssl_certificate_file": CERTIFICATES / "README.md"}, "ssl_certificate_file"),
        ({"ssl_key_file": CERTIFICATES / "server.key"}, "ssl_certificate_file"),
        ({"ssl_key_password": "wrong"}, "ssl_certificate_file"),
        ({"ssl_key_password": None}, "ssl_certificate_file"),
    ],
)
def test_a_certificate_that_cannot_be_used(changed: dict[str, Any], name: str) -> None:
    settings = Settings(**(CLIENT | {"ssl_key_password": "joblog"} | changed))
    with pytest.raises(SettingsError) as caught:
        tls_context(settings)
    [problem] = caught.value.problems
    assert problem.name == name
    assert problem.value == repr(str(getattr(settings, name)))
    assert "OpenSSL says" in problem.allowed


# Apache Kafka, UtilsTest.testMurmur2: what the Java client's hash makes of these keys.
JAVA_HASHES = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize(("key", "java_hash"), JAVA_HASHES.items())
def test_a_key_has_the_partition_that_java_gives_it(key: bytes, java_hash: int) -> None:
    for partitions in (1, 4, 7, 1_024):
        expected = (java_hash & 0x7FFFFFFF) % partitions
        assert DefaultPartitioner()(key, list(range(partitions)), []) == expected
        assert partition_of(key, partitions) == expected


@given(st.binary(), st.integers(1, 1_024))
def test_aiokafka_and_the_scheduler_agree_on_partitions(key: bytes, partitions: int) -> None:
    assert DefaultPartitioner()(key, list(range(partitions)), []) == partition_of(key, partitions)
