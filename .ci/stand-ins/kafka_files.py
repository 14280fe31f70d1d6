"""Copies the jars and the Java runtime of the embedded broker into a directory: `libs` and `java`."""

import shutil
import sys
from pathlib import Path

from joblog.streams.broker.embedded import default_cache_dir
from joblog.streams.broker.jvm import kafka_runtime


def main(directory: Path) -> None:
    """Copy them."""
    runtime = kafka_runtime(default_cache_dir())
    (directory / "libs").mkdir(parents=True)
    for jar in runtime.class_path:
        shutil.copy(jar, directory / "libs")
    shutil.copytree(runtime.java.parents[1], directory / "java")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
