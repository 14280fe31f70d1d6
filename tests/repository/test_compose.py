"""docker-compose.yml says what the code understands, without an engine that would run it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from joblog.cli.commands import WHERE
from joblog.streams.broker.jars import lock_text
from joblog.streams.settings import Settings, SignalsSettings
from joblog.streams.settings.fields import environment_name

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())[
    "services"
]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
WITH_COMMANDS = {name: service for name, service in OURS.items() if "command" in service}


def test_its_kafka_is_the_one_that_is_tested() -> None:
    locked = re.search(r"org\.apache\.kafka:kafka_2\.13:(\S+)", lock_text())
    assert locked is not None
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{locked[1]}"


@pytest.mark.parametrize("name", OURS)
def test_its_settings_are_settings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in OURS[name]["environment"].items():
        monkeypatch.setenv(variable, value)
    assert Settings().bootstrap_servers == "kafka:19092"


@pytest.mark.parametrize("name", WITH_COMMANDS)
def test_its_commands_are_commands(name: str) -> None:
    assert WITH_COMMANDS[name]["command"].split()[0] in WHERE


def test_the_image_asks_each_of_its_services_where_it_serves_its_signals() -> None:
    text = (ROOT / "Dockerfile").read_text()
    asked = re.search(r"http://127\.0\.0\.1:(\d+)/ready", text)
    assert asked is not None
    ports = dict(re.findall(r"(JOBLOG_SIGNALS__\w+_PORT)=(\d+)", text))
    fields = [name for name in SignalsSettings.model_fields if name.endswith("_port")]
    assert ports == {environment_name(("signals", name)): asked[1] for name in fields}


def test_every_image_is_named_by_its_version() -> None:
    named = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    used = [*named, *(service["image"] for name, service in SERVICES.items() if name not in OURS)]
    assert [image for image in used if ":" not in image and image != "joblog"] == []


def test_old_builders_understand_the_dockerfile() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^# *syntax=|--mount|--link|--chmod|<<", text, re.MULTILINE) == []


def test_the_image_gets_what_the_package_is_built_from() -> None:
    copied = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"}
    for needed in ("pyproject.toml", "setup.py", "src", "schemas", "lifecycle", "streams"):
        assert needed in copied
    assert {"processors", "README.md", "LICENSE"} <= copied
