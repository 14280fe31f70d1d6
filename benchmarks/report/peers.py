"""Versions and settings of what is compared, from what starts it and from the locks."""

import re
from importlib.metadata import version
from typing import Final

from benchmarks.peers.catalog import PEERS, Peer
from benchmarks.peers.environments import HERE, LOCK, version_of
from benchmarks.report.tables import Table
from benchmarks.returned import SHOWN
from joblog.streams.broker.jars import KAFKA_VERSION
from joblog.streams.settings import Settings

ASKED: Final = "requirements.in"
CLIENT: Final = "redis"
"""Redis' client is worth a word where another package brings it."""


def compared() -> Table:
    """Return joblog and each peer: its version, the libraries beside it, its store and its settings."""
    rows = [
        (f"{SHOWN} {version(SHOWN)}", f"Apache Kafka {KAFKA_VERSION}", "one broker", _defaults())
    ]
    rows += [
        (f"{peer.shown} {version_of(peer.name)}", _libraries(peer), peer.stored, peer.settings)
        for peer in PEERS
    ]
    return Table("Systems", ("system", "with", "store", "settings"), [*rows])


def _defaults() -> str:
    settings = Settings()
    worker = settings.worker
    return (
        f"the shipped defaults: {settings.partitions} partitions, one scheduler, one delay service, one worker "
        f"with up to {worker.concurrency} coroutines, {worker.threads} threads and {worker.processes} child "
        "processes; claims, fencing, headers and validation on; results kept"
    )


def _libraries(peer: Peer) -> str:
    lock = (HERE / peer.name / LOCK).read_text()
    pins: dict[str, str] = dict(re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE))
    asked = re.findall(r"^[\w.-]+", (HERE / peer.name / ASKED).read_text(), re.MULTILINE)
    names = sorted({*asked, CLIENT} & pins.keys() - {peer.name})
    return ", ".join(f"{name} {pins[name]}" for name in names)
