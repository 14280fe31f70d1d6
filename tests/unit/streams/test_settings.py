"""Where settings come from, and which of them stop the start."""

import traceback
from pathlib import Path
from typing import Any

import pytest

from joblog.streams.errors import SettingProblem, SettingsError
from joblog.streams.settings import Settings

SECRET = "correct horse battery staple"  # noqa: S105 - nobody uses it


def problem_of(**values: Any) -> SettingProblem:  # noqa: ANN401 - the settings say which
    with pytest.raises(SettingsError) as caught:
        Settings(**values)
    [problem] = caught.value.problems
    assert str(caught.value) == str(problem)
    return problem


def test_defaults_make_sense() -> None:
    settings = Settings()
    assert settings.servers == ["127.0.0.1:9092"]
    assert settings.worker.lease_ms == 30_000


def test_arguments_come_before_the_environment_before_the_file_before_defaults(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "joblog.toml"
    file.write_text(
        'namespace = "file"\npartitions = 8\nlanes = ["a", "b"]\n'
        "[worker]\nthreads = 1\nprocesses = 3\nconcurrency = 7\n"
    )
    monkeypatch.setenv("JOBLOG_SETTINGS_FILE", str(file))
    monkeypatch.setenv("JOBLOG_PARTITIONS", "16")
    monkeypatch.setenv("JOBLOG_WORKER__THREADS", "2")
    monkeypatch.setenv("JOBLOG_WORKER__PROCESSES", "5")
    settings = Settings(partitions=32, worker={"processes": 6})
    assert settings.namespace == "file"
    assert settings.partitions == 32
    assert settings.lanes == ("a", "b")
    assert settings.replication_factor == 1
    worker = settings.worker
    assert (worker.processes, worker.threads, worker.concurrency) == (6, 2, 7)


def test_lanes_in_the_environment_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBLOG_LANES", "default, thumbnails")
    assert Settings().lanes == ("default", "thumbnails")


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBLOG_SASL_USERNAME", "")
    assert Settings().sasl_username is None


def test_a_port_can_be_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBLOG_SIGNALS__WORKER_PORT", "off")
    assert Settings().signals.worker_port is None
    assert Settings().signals.scheduler_port == 0


@pytest.mark.parametrize(
    ("values", "name", "value", "allowed"),
    [
        ({"partitions": 0}, "partitions", "0", "a whole number from 1 to 1024"),
        ({"partitions": "many"}, "partitions", "'many'", "a whole number from 1 to 1024"),
        ({"namespace": "-x"}, "namespace", "'-x'", "the first a letter or a digit"),
        ({"bootstrap_servers": "kafka"}, "bootstrap_servers", "'kafka'", "host:port"),
        ({"bootstrap_servers": "a:1,"}, "bootstrap_servers", "'a:1,'", "host:port"),
        ({"lanes": "a,A"}, "lanes", "'a,A'", "lower-case"),
        ({"lanes": "a,a"}, "lanes", "'a,a'", "different names"),
        ({"lanes": []}, "lanes", "[]", "different names"),
        ({"lanes": ["a", 3]}, "lanes", "3", "different names"),
        (
            {"security_protocol": "TLS"},
            "security_protocol",
            "'TLS'",
            "one of PLAINTEXT, SSL, SASL_",
        ),
        (
            {"signals": {"worker_port": 70_000}},
            "signals.worker_port",
            "70000",
            "to 65535, or `off`",
        ),
        (
            {"registry": {"url": "registry:8081"}},
            "registry.url",
            "'registry:8081'",
            "an http or https URL without a user",
        ),
        (
            {"registry": {"url": f"http://me:{SECRET}@registry"}},
            "registry.url",
            "**********",
            "an http or https URL without a user",
        ),
        (
            {"producer": {"compression": "lzma"}},
            "producer.compression",
            "'lzma'",
            "one of none, gzip",
        ),
    ],
)
def test_a_value_that_is_not_allowed(
    values: dict[str, Any], name: str, value: str, allowed: str
) -> None:
    problem = problem_of(**values)
    assert problem.name == name
    assert problem.environment == "JOBLOG_" + name.replace(".", "__").upper()
    assert problem.value == value
    assert allowed in problem.allowed
    assert str(problem).startswith(f"{name}={value} is refused")


@pytest.mark.parametrize(
    ("values", "name", "allowed"),
    [
        (
            {"session_timeout_ms": 9_000, "heartbeat_interval_ms": 3_000},
            "heartbeat_interval_ms",
            "less than a third of session_timeout_ms, which is 9000",
        ),
        (
            {"worker": {"lease_ms": 29_999}},
            "worker.lease_ms",
            "at least 30000, three times worker.heartbeat_ms",
        ),
        (
            {"scheduler": {"max_records_in_flight": 999}},
            "scheduler.max_records_in_flight",
            "at least scheduler.max_batch_records, which is 1000",
        ),
        (
            {"producer": {"delivery_timeout_ms": 29_999}},
            "producer.delivery_timeout_ms",
            "at least request_timeout_ms, which is 30000",
        ),
        (
            {"limits": {"max_record_bytes": 1_114_111}},
            "limits.max_record_bytes",
            "at least 1114112: 65536 more than the 1048576",
        ),
        (
            {"limits": {"max_dead_letter_bytes": 1_376_255}},
            "limits.max_dead_letter_bytes",
            "at least 1376256: 65536 more than the 1310720",
        ),
    ],
)
def test_values_that_do_not_go_together(values: dict[str, Any], name: str, allowed: str) -> None:
    problem = problem_of(**values)
    assert problem.name == name
    assert allowed in problem.allowed


def test_the_nearest_values_that_do_go_together() -> None:
    Settings(
        session_timeout_ms=9_001,
        heartbeat_interval_ms=3_000,
        worker={"lease_ms": 30_000},
        scheduler={"max_records_in_flight": 2_000},
        producer={"delivery_timeout_ms": 30_000},
        limits={"max_record_bytes": 1_114_112, "max_dead_letter_bytes": 1_179_648},
    )


@pytest.mark.parametrize("name", ["sasl_username", "sasl_password"])
def test_a_login_needs_name_and_password(name: str) -> None:
    login = {"sasl_username": "me", "sasl_password": SECRET}
    problem = problem_of(security_protocol="SASL_SSL", **(login | {name: None}))
    assert problem.name == name
    assert problem.allowed == "a value, with security_protocol=SASL_SSL"


@pytest.mark.parametrize("name", ["sasl_username", "sasl_password"])
def test_a_login_without_a_sasl_protocol_is_a_mistake(name: str) -> None:
    problem = problem_of(**{name: SECRET})
    assert problem.name == name
    assert problem.allowed == "nothing, with security_protocol=PLAINTEXT: it would not be used"


def test_a_login_at_a_registry_is_whole_and_used() -> None:
    url = "http://registry:8081/apis/ccompat/v7"
    assert problem_of(registry={"url": url, "username": "me"}).name == "registry.password"
    assert problem_of(registry={"url": url, "password": SECRET}).name == "registry.username"
    problem = problem_of(registry={"username": "me", "password": SECRET})
    assert problem.allowed == "nothing, without registry.url: it would not be used"


def test_certificates_without_tls_are_a_mistake() -> None:
    assert problem_of(ssl_ca_file=__file__).name == "ssl_ca_file"
    problem = problem_of(security_protocol="SSL", ssl_key_file=__file__)
    assert problem.allowed == "nothing, without ssl_certificate_file"


def test_a_file_that_does_not_exist(tmp_path: Path) -> None:
    problem = problem_of(security_protocol="SSL", ssl_ca_file=tmp_path / "ca.pem")
    assert problem.name == "ssl_ca_file"
    assert "ca.pem" in problem.value
    assert problem.allowed.startswith("path of a file that exists")


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(partitions=0, worker={"lease_ms": 1}, limits={"loss_limit": 0})
    names = [problem.name for problem in caught.value.problems]
    assert names == ["partitions", "worker.lease_ms", "limits.loss_limit"]


def test_a_misspelt_variable_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBLOG_WORKER__LEASE_S", SECRET)
    problem = problem_of()
    assert problem.name == "JOBLOG_WORKER__LEASE_S"
    assert problem.allowed.endswith("did you mean JOBLOG_WORKER__LEASE_MS?")
    assert problem.value == "**********"


def test_a_misspelt_name_in_the_file_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "joblog.toml"
    file.write_text(f'sasl_pasword = "{SECRET}"\n[worker]\nleases_ms = 5')
    monkeypatch.setenv("JOBLOG_SETTINGS_FILE", str(file))
    with pytest.raises(SettingsError) as caught:
        Settings()
    misspelt, nested = sorted(caught.value.problems)
    assert misspelt.allowed.endswith("did you mean sasl_password?")
    assert nested.allowed.endswith("did you mean worker.lease_ms?")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"), [(b"partitions = ", "this is none"), (b"\xff", "this is none")]
)
def test_a_file_that_is_no_toml(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "joblog.toml"
    file.write_bytes(content)
    monkeypatch.setenv("JOBLOG_SETTINGS_FILE", str(file))
    problem = problem_of()
    assert (problem.environment, problem.value) == ("JOBLOG_SETTINGS_FILE", repr(str(file)))
    assert reason in problem.allowed


def test_a_settings_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JOBLOG_SETTINGS_FILE", str(tmp_path / "nothing.toml"))
    assert "cannot be read (No such file or directory)" in problem_of().allowed


def test_a_secret_is_never_shown() -> None:
    settings = Settings(
        security_protocol="SASL_PLAINTEXT",
        sasl_username="me",
        sasl_password=SECRET,
        registry={"url": "http://registry", "username": "me", "password": SECRET},
    )
    assert settings.sasl_password is not None
    assert settings.sasl_password.get_secret_value() == SECRET
    assert (
        SECRET
        not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    )


@pytest.mark.parametrize(
    "values",
    [
        {"sasl_password": [SECRET]},
        {"sasl_password": SECRET},
        {"security_protocol": "SASL_SSL", "sasl_password": SECRET},
        {"sasl_pasword": SECRET},
        {"partitions": 0, "sasl_password": SECRET},
        {"registry": {"password": SECRET}},
        {"registry": {"url": f"http://me:{SECRET}@registry"}},
    ],
)
def test_a_secret_is_in_no_error_and_no_traceback(values: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(**values)
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in f"{shown} {caught.value!r} {caught.value.problems}"
    assert caught.value.__context__ is None
