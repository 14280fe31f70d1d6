"""Starting, ending and starting again, in good order and by force."""

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from joblog.streams.broker import BrokerNotRunningError, EmbeddedBroker, JvmProfile
from tests.kafka.broker.clients import create_topic, produce, read_all

START_AND_REPORT = """
import sys, threading
from pathlib import Path
from joblog.streams.broker import EmbeddedBroker
broker = EmbeddedBroker(Path(sys.argv[1]))
broker.start()
print(broker.pid, flush=True)
threading.Event().wait()
"""


@pytest.mark.parametrize("end", [EmbeddedBroker.stop, EmbeddedBroker.kill])
async def test_acknowledged_records_survive_the_end_of_the_broker(
    make_broker: Callable[..., EmbeddedBroker], end: Callable[[EmbeddedBroker], None]
) -> None:
    broker = make_broker()
    broker.start()
    address = broker.bootstrap_servers
    await create_topic(address, "kept")
    await produce(address, "kept", b"before")

    end(broker)
    broker.start()

    assert broker.bootstrap_servers == address
    await produce(address, "kept", b"after")
    assert await read_all(address, "kept") == {0: b"before", 1: b"after"}


def test_each_directory_has_a_cluster_of_its_own(tmp_path: Path) -> None:
    """Java formats the first directory on a machine, those after it are copies but for their ids."""
    seen = set()
    for name in ("first", "second"):
        with EmbeddedBroker(tmp_path / name):
            text = (tmp_path / name / "kafka" / "meta.properties").read_text()
        seen |= {line for line in text.splitlines() if line.startswith(("cluster.", "directory."))}
    assert len(seen) == 4


async def test_another_process_finds_the_data_at_another_port(
    make_broker: Callable[..., EmbeddedBroker],
) -> None:
    with make_broker() as first:
        await create_topic(first.bootstrap_servers, "kept")
        await produce(first.bootstrap_servers, "kept", b"value")

    with make_broker() as second:
        assert second.port != first.port
        assert await read_all(second.bootstrap_servers, "kept") == {0: b"value"}


@pytest.mark.parametrize(
    ("profile", "collector"),
    [(JvmProfile.QUICK, b"-XX:+UseSerialGC"), (JvmProfile.LOAD, b"-XX:+UseG1GC")],
)
def test_each_profile_has_its_collector_and_uses_the_startup_cache(
    make_broker: Callable[..., EmbeddedBroker], profile: JvmProfile, collector: bytes
) -> None:
    with make_broker(profile=profile, heap_mb=768) as broker:
        process = Path(f"/proc/{broker.pid}")
        assert {collector, b"-Xmx768m"} <= set((process / "cmdline").read_bytes().split(b"\0"))
        assert ".aot" in (process / "maps").read_text()
        assert "[error][aot]" not in broker.log_path.read_text()


def test_a_broker_started_in_a_thread_outlives_the_thread(
    make_broker: Callable[..., EmbeddedBroker],
) -> None:
    broker = make_broker()
    starter = threading.Thread(target=broker.start)
    starter.start()
    starter.join()

    with pytest.raises(TimeoutError):
        broker.wait(timeout=1)


def test_the_broker_ends_with_the_process_that_started_it(
    make_broker: Callable[..., EmbeddedBroker], tmp_path: Path
) -> None:
    data_dir = tmp_path / "broker"
    with subprocess.Popen(
        [sys.executable, "-c", START_AND_REPORT, str(data_dir)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        java = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()

    assert ends(java, within=10)
    make_broker(data_dir).start()  # and so has given up the directory


def test_an_end_nobody_asked_for_is_seen(make_broker: Callable[..., EmbeddedBroker]) -> None:
    broker = make_broker()
    broker.start()

    os.kill(broker.pid, signal.SIGKILL)

    assert broker.wait(timeout=10) == -signal.SIGKILL


def test_a_broker_that_ignores_being_asked_is_stopped_by_force(
    make_broker: Callable[..., EmbeddedBroker],
) -> None:
    broker = make_broker()
    broker.start()
    java = os.pidfd_open(broker.pid)
    os.kill(broker.pid, signal.SIGSTOP)

    broker.stop(timeout=0.1)

    assert ends(java, within=0)


def test_what_does_not_run_has_no_process_id(make_broker: Callable[..., EmbeddedBroker]) -> None:
    broker = make_broker()

    broker.stop()  # asks for what is so already

    with pytest.raises(BrokerNotRunningError) as refused:
        _ = broker.pid
    assert refused.value.data_dir == broker.data_dir


def ends(pidfd: int, within: float) -> bool:
    """Whether the process ends within some seconds."""
    readable, _, _ = select.select([pidfd], [], [], within)
    os.close(pidfd)
    return bool(readable)
