"""Keys go where Kafka's own producers put them."""

import pytest

from joblog.lifecycle.partitioner import murmur2, partition_of

JAVA_VECTORS = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}
"""From Apache Kafka, `UtilsTest.testMurmur2`."""


@pytest.mark.parametrize(("key", "expected"), JAVA_VECTORS.items(), ids=repr)
def test_murmur2_is_javas(key: bytes, expected: int) -> None:
    assert murmur2(key) == expected & 0xFFFFFFFF


@pytest.mark.parametrize("partitions", [1, 3, 4, 1_024])
def test_a_negative_hash_is_made_positive_as_java_does_it(partitions: int) -> None:
    for key, hashed in JAVA_VECTORS.items():
        assert partition_of(key, partitions) == (hashed & 0x7FFFFFFF) % partitions
