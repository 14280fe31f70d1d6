"""Equal durable entries have equal digests, others have not."""

import random

from hypothesis import given
from hypothesis import strategies as st

from joblog.lifecycle.partition.scanning import CHUNK
from joblog.streams.store import state_digest
from tests.kafka.store.model import Model

ENTRIES = st.dictionaries(
    st.sampled_from([b"j", b"l"]).flatmap(
        lambda family: st.binary(max_size=3).map(lambda rest: family + rest)
    ),
    st.binary(max_size=3),
    max_size=6,
)


def digest_of(entries: dict[bytes, bytes]) -> bytes:
    model = Model()
    model.entries = entries
    return state_digest(model)


@given(ENTRIES, ENTRIES)
def test_digests_are_equal_where_entries_are(
    one: dict[bytes, bytes], other: dict[bytes, bytes]
) -> None:
    assert (digest_of(one) == digest_of(other)) is (one == other)


@given(ENTRIES, st.randoms(use_true_random=False))
def test_the_order_of_writing_does_not_count(
    entries: dict[bytes, bytes], chance: random.Random
) -> None:
    shuffled = list(entries.items())
    chance.shuffle(shuffled)
    assert digest_of(entries) == digest_of(dict(shuffled))


def test_bytes_that_move_from_key_to_value_change_it() -> None:
    assert digest_of({b"ja": b"b"}) != digest_of({b"jab": b""})


def test_local_entries_do_not_count() -> None:
    assert digest_of({b"ja": b"", b"btimer": b"1"}) == digest_of({b"ja": b"", b"tindex": b"2"})


def test_every_chunk_counts() -> None:
    many = {b"j%06d" % number: b"value" for number in range(3 * CHUNK)}
    for key in (b"j000000", b"j%06d" % CHUNK, b"j%06d" % (3 * CHUNK - 1)):
        assert digest_of(many) != digest_of({**many, key: b"other"})
        assert digest_of(many) != digest_of({k: v for k, v in many.items() if k != key})
