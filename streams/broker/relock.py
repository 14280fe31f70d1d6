"""Writes kafka.lock anew after ``ROOTS`` changed: ``python -m joblog.streams.broker.relock``."""

import tempfile
from pathlib import Path

from jgo import resolve
from jgo.maven import Artifact, MavenContext

from joblog.streams.broker.jars import LOCK_NAME, ROOTS, sha256_of

HEADER = (
    "# The class path of the embedded Kafka, written by `python -m joblog.streams.broker.relock`.\n"
)


def main() -> None:
    """Resolve the roots with all they need, and write each jar's version and SHA-256."""
    with tempfile.TemporaryDirectory() as scratch:
        context = MavenContext(repo_cache=Path(scratch))
        lines = [_locked_line(artifact, context) for artifact in resolve("+".join(ROOTS))]
    Path(__file__).with_name(LOCK_NAME).write_text(HEADER + "".join(lines), encoding="ascii")


def _locked_line(artifact: Artifact, context: MavenContext) -> str:
    group, name, version = artifact.groupId, artifact.artifactId, artifact.version
    jar = context.project(group, name).at_version(version).artifact().resolve()
    return f"{group}:{name}:{version} {sha256_of(jar)}\n"


if __name__ == "__main__":
    main()
