"""Formats a broker's storage: by Kafka's StorageTool once on a machine, then by copies of what it has written.

That is two files: the ids of cluster and directory, and the features to begin with. Java takes a second for them.
"""

import base64
import hashlib
import shutil
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from joblog.streams.broker.errors import BrokerStartError
from joblog.streams.broker.jvm import STORAGE_TOOL, KafkaRuntime
from joblog.streams.broker.process import run_to_end, tail_of
from joblog.streams.broker.properties import LOG_DIR, WHERE

PROPERTIES_NAME: Final = "server.properties"
META_NAME: Final = "meta.properties"
TIMEOUT_SECONDS: Final = 60


def format_storage(
    home: Path,
    properties: Mapping[str, str],
    runtime: KafkaRuntime,
    cache_dir: Path,
    log_path: Path,
) -> None:
    """Format the storage below a directory whose properties are written.

    Args:
        home: the directory.
        properties: Kafka's broker configs.
        runtime: the Kafka to run.
        cache_dir: where what was written once is kept.
        log_path: what StorageTool prints.

    Raises:
        BrokerStartError: StorageTool refused.
    """
    template = cache_dir / f"formatted-{_digest(properties, runtime)}"
    if not template.exists():
        _run_storage_tool(home, runtime, log_path)
        _keep(home / LOG_DIR, template)
        return
    _copy(template, home / LOG_DIR)


def new_id() -> str:
    """Return a new id in the form of Kafka's."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()


def with_properties(text: str, changed: Mapping[str, str]) -> str:
    """Return the text of a file of properties with other values for some of them."""
    lines = []
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        lines.append(f"{name}{equals}{changed.get(name, value)}\n")
    return "".join(lines)


def _digest(properties: Mapping[str, str], runtime: KafkaRuntime) -> str:
    """Return what StorageTool's files depend on: Kafka's version and all configs but where it listens."""
    told = sorted(f"{name}={value}" for name, value in properties.items() if name not in WHERE)
    identity = "\n".join((*(jar.name for jar in runtime.class_path), *told))
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def _run_storage_tool(home: Path, runtime: KafkaRuntime, log_path: Path) -> None:
    arguments = ("format", f"--cluster-id={new_id()}", "--config", PROPERTIES_NAME)
    command = runtime.command(STORAGE_TOOL, *arguments)
    outcome = run_to_end(command, home, log_path, TIMEOUT_SECONDS)
    if outcome:
        reason = f"could not format {home / LOG_DIR} ({outcome})"
        raise BrokerStartError(reason, log_path, tail_of(log_path))


def _copy(template: Path, target: Path) -> None:
    """Copy a template under ids of its own, whole or not at all."""
    copied = target.with_name(f"{target.name}.new")
    shutil.rmtree(copied, ignore_errors=True)  # a start may have been cut off
    shutil.copytree(template, copied)
    meta = copied / META_NAME
    ids = {"cluster.id": new_id(), "directory.id": new_id()}
    meta.write_text(with_properties(meta.read_text(encoding="ascii"), ids), encoding="ascii")
    copied.replace(target)


def _keep(formatted: Path, template: Path) -> None:
    """Keep what was written, whole or not at all; who comes second changes nothing."""
    with tempfile.TemporaryDirectory(dir=template.parent, prefix="formatted-") as scratch:
        copied = shutil.copytree(formatted, Path(scratch) / "kafka")
        if not template.exists():
            copied.rename(template)
