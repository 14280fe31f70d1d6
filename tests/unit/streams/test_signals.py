"""What is served for machines: metrics, and the address that others use."""

import socket

import pytest
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from joblog.streams.signals.histogram import LabelledHistogram
from joblog.streams.signals.metrics import STAGE_BUCKETS, Metrics
from joblog.streams.signals.server import SignalsServer

NAME, WORDS, LABEL = "stage_seconds", "Time in a stage.", "stage"


def test_the_histogram_serves_what_the_library_s_own_would() -> None:
    ours = LabelledHistogram(NAME, WORDS, LABEL, STAGE_BUCKETS)
    mine, theirs = CollectorRegistry(), CollectorRegistry()
    mine.register(ours)
    library = Histogram(NAME, WORDS, [LABEL], buckets=STAGE_BUCKETS, registry=theirs)
    for stage in ("queued", "total"):
        for amount in (0, 0.001, 0.0011, 0.3, 59.9, 3600, 3601.5):
            ours.observe(stage, amount)
            library.labels(stage).observe(amount)
    lines = generate_latest(theirs).decode().splitlines()
    without_times = [line for line in lines if "_created" not in line]
    assert generate_latest(mine).decode().splitlines() == without_times


def test_all_metrics_have_names_of_their_own() -> None:
    names = [family.name for family in Metrics().registry.collect()]
    assert len(set(names)) == len(names) > 10
    assert all(name.startswith("joblog_") for name in names)


@pytest.mark.parametrize(
    ("host", "advertised", "expected"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:"),
        ("127.0.0.1", "jobs.internal", "http://jobs.internal:"),
        ("0.0.0.0", None, f"http://{socket.gethostname()}:"),  # noqa: S104 - never listened on
        ("::1", None, "http://[::1]:"),
    ],
)
async def test_others_are_told_an_address_that_reaches_it(
    host: str, advertised: str | None, expected: str
) -> None:
    server = SignalsServer(
        host,
        0,
        CollectorRegistry(),
        live=lambda: None,
        ready=lambda: None,
        advertised_host=advertised,
    )
    server.port = 9464
    assert server.url == f"{expected}9464"


def test_what_does_not_listen_has_no_address() -> None:
    server = SignalsServer(
        "127.0.0.1", None, CollectorRegistry(), live=lambda: None, ready=lambda: None
    )
    assert server.url is None
