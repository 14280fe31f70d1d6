"""Kafka's jars: named by version and SHA-256 in kafka.lock, fetched once, checked at each start."""

import fcntl
import hashlib
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from joblog.streams.broker.errors import (
    WRITABLE,
    BrokerExtraMissingError,
    InvalidBrokerSettingError,
    KafkaJarAlteredError,
    KafkaJarUnavailableError,
)

if TYPE_CHECKING:
    from jgo.maven import MavenContext

KAFKA_VERSION = "4.3.1"
ROOTS = (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", "org.slf4j:slf4j-simple:1.7.36")
LOCK_NAME = "kafka.lock"
PARALLEL_DOWNLOADS = 16  # most of a download is waiting for its answer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class KafkaJar:
    """One jar of Kafka's class path.

    Attributes:
        group: Maven group id.
        artifact: Maven artifact id.
        version: exact version.
        sha256: SHA-256 of the file, hexadecimal.
    """

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def coordinate(self) -> str:
        """``group:artifact:version``."""
        return f"{self.group}:{self.artifact}:{self.version}"

    def path_in(self, repository: Path) -> Path:
        """Where a Maven repository keeps the jar."""
        folder = repository.joinpath(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}.jar"

    def is_intact_in(self, repository: Path) -> bool:
        """Whether the repository holds exactly the locked bytes."""
        path = self.path_in(repository)
        return path.is_file() and sha256_of(path) == self.sha256


def lock_text() -> str:
    """The text of kafka.lock: a line for each jar, ``group:artifact:version sha256``."""
    return files("joblog.streams.broker").joinpath(LOCK_NAME).read_text(encoding="ascii")


def locked_jars(text: str) -> tuple[KafkaJar, ...]:
    """The jars that a lock's text names, in the order of the class path."""
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return tuple(_jar(coordinate, sha256) for coordinate, sha256 in lines)


def fetch_jars(jars: tuple[KafkaJar, ...], cache_dir: Path) -> tuple[Path, ...]:
    """Have every jar in the cache with its locked bytes; download those that are not.

    Args:
        jars: what to have.
        cache_dir: directory of the cache; made if missing.

    Returns:
        The path of each jar, in the order of ``jars``.

    Raises:
        InvalidBrokerSettingError: the cache cannot be written.
        BrokerExtraMissingError: a download is needed and jgo is not installed.
        KafkaJarUnavailableError: a download failed.
        KafkaJarAlteredError: a download has other bytes than the lock says.
    """
    repository = cache_dir / "maven"
    if _missing(jars, repository):
        with exclusively(cache_dir):
            _download(_missing(jars, repository), repository)
    return tuple(jar.path_in(repository) for jar in jars)


@contextmanager
def exclusively(cache_dir: Path) -> Iterator[None]:
    """Hold the cache alone, so that no two processes write the same file."""
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(cache_dir / "cache.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise InvalidBrokerSettingError("cache_dir", str(cache_dir), WRITABLE) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _jar(coordinate: str, sha256: str) -> KafkaJar:
    group, artifact, version = coordinate.split(":")
    return KafkaJar(group, artifact, version, sha256)


def _missing(jars: tuple[KafkaJar, ...], repository: Path) -> tuple[KafkaJar, ...]:
    return tuple(jar for jar in jars if not jar.is_intact_in(repository))


def _download(jars: tuple[KafkaJar, ...], repository: Path) -> None:
    if not jars:
        return
    try:
        from jgo.maven import MavenContext  # noqa: PLC0415 - slow, and only a first start needs it
    except ModuleNotFoundError as error:
        raise BrokerExtraMissingError("jgo") from error
    log.info("fetching %d jars of Kafka %s, once", len(jars), KAFKA_VERSION)
    context = MavenContext(repo_cache=repository)
    with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
        for _ in pool.map(lambda jar: _download_one(jar, context), jars):
            pass  # each result is asked for, so that an error is raised here


def _download_one(jar: KafkaJar, context: "MavenContext") -> None:
    path = jar.path_in(context.repo_cache)
    path.unlink(missing_ok=True)  # what a download that was cut off has left
    component = context.project(jar.group, jar.artifact).at_version(jar.version)
    try:
        component.artifact().resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError is jgo's, the network's are OSErrors
        raise KafkaJarUnavailableError(
            jar.coordinate, context.repo_cache, type(error).__name__
        ) from error
    actual = sha256_of(path)
    if actual != jar.sha256:
        path.unlink()
        raise KafkaJarAlteredError(jar.coordinate, jar.sha256, actual)
