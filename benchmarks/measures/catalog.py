"""All measures, in the order of the table."""

from typing import Final

from benchmarks.measure import Measure
from benchmarks.measures import (
    bulk_submit,
    growth,
    io_handler,
    latency,
    lateness,
    many_jobs,
    process_pool,
    recovery,
    replay,
    throughput,
    worker_at_rest,
)

MEASURES: Final[tuple[Measure, ...]] = (
    throughput.MEASURE,
    io_handler.MEASURE,
    process_pool.MEASURE,
    latency.MEASURE,
    lateness.MEASURE,
    replay.MEASURE,
    recovery.MEASURE,
    many_jobs.MEASURE,
    worker_at_rest.MEASURE,
    growth.MEASURE,
    bulk_submit.MEASURE,
)
