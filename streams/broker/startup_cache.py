"""Kafka's classes as Java leaves them after a start, for the next one: 0.6 s instead of 1.5 s.

Java's AOT cache (JEP 514) is made once on a machine, by a broker that starts, stops and is thrown
away. Java checks it against class path and flags, and runs without it where they differ.
"""

import hashlib
import logging
import tempfile
from pathlib import Path

from joblog.streams.broker.jars import exclusively
from joblog.streams.broker.jvm import JvmProfile, KafkaRuntime
from joblog.streams.broker.launch import launch_server
from joblog.streams.broker.ports import free_port
from joblog.streams.broker.properties import server_properties
from joblog.streams.broker.storage import DataDirectory

READY_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 120  # Java writes the cache before it ends

log = logging.getLogger(__name__)


def with_startup_cache(runtime: KafkaRuntime, cache_dir: Path) -> KafkaRuntime:
    """The runtime with flags to use the cache, which is made first if it is not there."""
    identity = "\n".join((runtime.java_version, *runtime.flags, *map(str, runtime.class_path)))
    digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
    cache = cache_dir / f"kafka-{digest}.aot"
    if not cache.exists():
        with exclusively(cache_dir):
            if not cache.exists():
                _make(runtime, cache)
    if not cache.exists():
        return runtime
    # As a warning Java names each method whose compiled code it cannot reuse.
    return runtime.with_flags(f"-XX:AOTCache={cache}", "-Xlog:aot*=error")


def _make(runtime: KafkaRuntime, cache: Path) -> None:
    log.info("preparing the fast start of Kafka, once")
    with tempfile.TemporaryDirectory(dir=cache.parent, prefix="startup-") as scratch:
        made = Path(scratch) / cache.name
        _start_and_stop(runtime, DataDirectory(Path(scratch) / "broker", cache.parent), made)
        if made.exists():
            made.replace(cache)  # whole or not at all
        else:
            log.warning("Java did not write %s: Kafka starts without it, 1 s slower", made)


def _start_and_stop(runtime: KafkaRuntime, directory: DataDirectory, cache: Path) -> None:
    port = free_port()
    properties = server_properties(port, free_port(other_than=port), {})
    quick = runtime.with_flags(*JvmProfile.QUICK.value)
    record = (f"-XX:AOTCacheOutput={cache}",)
    with directory.owned() as lock_fd:
        process = launch_server(directory, lock_fd, quick, properties, server_flags=record)
    process.wait_until_ready(READY_TIMEOUT_SECONDS)
    process.terminate(STOP_TIMEOUT_SECONDS)
