from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from joblog.client.ids import Uuid7, made_at

TIMES = st.integers(min_value=0, max_value=2**48 - 1)
NOISE = st.binary(min_size=10, max_size=10)


@given(now=TIMES, noise=NOISE)
def test_an_id_is_a_uuid_version_7_of_its_time(now: int, noise: bytes) -> None:
    made = Uuid7(lambda: now, lambda _: noise)()
    parsed = UUID(made)
    assert str(parsed) == made
    assert (parsed.version, parsed.variant) == (7, RFC_4122)
    assert made_at(made) == now


@given(earlier=TIMES, later=TIMES, noise=st.tuples(NOISE, NOISE))
def test_ids_sort_by_time(earlier: int, later: int, noise: tuple[bytes, bytes]) -> None:
    ids = [
        Uuid7(lambda now=now: now, lambda _, n=n: n)()  # type: ignore[misc]
        for now, n in zip((earlier, later), noise, strict=True)
    ]
    assert earlier == later or (earlier < later) == (ids[0] < ids[1])


@given(now=TIMES, noise=st.tuples(NOISE, NOISE))
def test_every_free_bit_is_random(now: int, noise: tuple[bytes, bytes]) -> None:
    ids = {Uuid7(lambda: now, lambda _, n=n: n)() for n in noise}  # type: ignore[misc]
    free = [int.from_bytes(n, "big") & ~((0xF << 76) | (3 << 62)) for n in noise]
    assert len(ids) == len(set(free))


def test_an_id_that_is_no_uuid_version_7_has_no_time() -> None:
    assert made_at("acme/send-mail/order-17") is None
    assert made_at("7d444840-9dc0-11d1-b245-5ffdce74fad2") is None
    assert made_at("{01a20d0a-4b0e-7089-af0c-7c536825c984}") is None
