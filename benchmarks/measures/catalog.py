"""All measures, in the order of the table."""

from typing import Final

from benchmarks.measure import Measure
from benchmarks.measures import bulk_submit, io_handler, latency, lateness, process_pool, throughput

MEASURES: Final[tuple[Measure, ...]] = (
    throughput.MEASURE,
    io_handler.MEASURE,
    process_pool.MEASURE,
    latency.MEASURE,
    lateness.MEASURE,
    bulk_submit.MEASURE,
)
