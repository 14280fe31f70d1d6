"""Any rows: whatever their schema allows, whether joblog writes it or not."""

from hypothesis import strategies as st

from joblog.schemas.models import Failure, Header
from joblog.schemas.state import JobRow, Opening
from tests.unit.schemas.examples import read_example

ints = st.integers(-(2**31), 2**31 - 1)
longs = st.integers(-(2**63), 2**63 - 1)
texts = st.text(max_size=8)
some_bytes = st.binary(max_size=8)
ordered = read_example("JobSubmitted", 2)
"""A submission with an ordering key."""

submissions = some_bytes | st.just(ordered.value)
failures = st.builds(
    Failure,
    kind=st.sampled_from(["error", "timeout"]),
    type=texts,
    message=texts,
    stacktrace=st.none() | texts,
    retryable=st.booleans(),
)
openings = st.builds(
    Opening.of,
    job_id=texts,
    generation=ints,
    type=texts,
    queue=texts,
    priority=ints,
    tenant=texts,
    submission=submissions,
    traceparent=st.none() | texts,
    headers=st.lists(st.builds(Header, key=texts, value=st.none() | some_bytes)).map(tuple),
    submitted_at=longs,
    opened_at=longs,
    submission_offset=longs,
    position=longs,
    deadline=st.none() | longs,
    correlation_id=st.none() | texts,
    max_attempts=st.none() | ints,
    timeout_ms=st.none() | longs,
)
rows = st.builds(
    JobRow,
    opening=openings,
    status=texts,
    updated_at=longs,
    attempt=ints,
    failures=ints,
    losses=ints,
    lane=st.none() | texts,
    due=st.none() | longs,
    lease_until=st.none() | longs,
    worker=st.none() | texts,
    cancel_requested=st.booleans(),
    dispatched_at=st.none() | longs,
    started_at=st.none() | longs,
    finished_at=st.none() | longs,
    failure=st.none() | failures,
    result=st.none() | some_bytes,
    result_schema=st.none() | st.binary(min_size=8, max_size=8),
    reason=st.none() | texts,
    discarded=st.booleans(),
    wake_at=st.none() | longs,
)
