"""A model's Avro schema loses nothing of its values, or the model is refused with the reason."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Optional
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    JsonValue,
    NaiveDatetime,
    SecretStr,
    create_model,
    field_serializer,
)

from joblog.schemas.payloads import (
    PayloadRejectedError,
    PayloadTypeError,
    decode_payload,
    encode_payload,
    payload_codec,
    payload_schema,
)

Price = Annotated[Decimal, Field(max_digits=9, decimal_places=2)]


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Size(Enum):
    SMALL = "not a name"
    LARGE = "large"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Address(BaseModel):
    street: str
    number: int | None = None


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    bark: str


class Everything(BaseModel):
    text: str
    number: int
    share: float
    flag: bool
    raw: bytes
    at: datetime
    later: AwareDatetime | None = None
    day: date
    hour: time
    length: timedelta = timedelta(seconds=3)
    price: Price
    discount: Price | None = None
    prices: list[Price] = []
    id: UUID = Field(default_factory=uuid4)
    path: Path
    url: HttpUrl
    colour: Colour = Colour.RED
    colours: list[Colour] = []
    size: Size
    level: Level
    mode: Literal["a", "b"] = "a"
    tags: set[str]
    row: tuple[int, ...] = ()
    table: list[list[int]] = []
    counts: dict[str, int] = {}
    home: Address = Address(street="somewhere")
    others: list[Address] = Field(default_factory=list)
    by_name: dict[str, Address] = {}
    old_style: Optional[Address] = None  # noqa: UP045 - that is what is tested
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    either: int | str = 0
    aliased: int = Field(alias="Aliased", default=3)


aware = st.datetimes(timezones=st.just(UTC))
addresses = st.builds(Address)
prices = st.decimals("-1000000", "1000000", places=2)
everything = st.builds(
    Everything,
    number=st.integers(-(2**63), 2**63 - 1),
    share=st.floats(allow_nan=False),
    at=aware,
    later=st.none() | aware,
    hour=st.times(),
    length=st.timedeltas(timedelta(days=-9_999), timedelta(days=9_999)),
    price=prices,
    discount=st.none() | prices,
    prices=st.lists(prices),
    path=st.just(Path("/a/b")),
    url=st.just("https://example.org/?q=1"),
    row=st.lists(st.integers(-100, 100)).map(tuple),
    table=st.lists(st.lists(st.integers(-100, 100))),
    counts=st.dictionaries(st.text(), st.integers(-100, 100)),
    home=addresses,
    others=st.lists(addresses),
    by_name=st.dictionaries(st.text(), addresses),
    old_style=st.none() | addresses,
    pet=st.builds(Cat, lives=st.integers(0, 9)) | st.builds(Dog),
    either=st.integers(-100, 100) | st.text(),
    Aliased=st.integers(-100, 100),
)


@given(everything)
def test_what_is_written_is_read(payload: Everything) -> None:
    schema = payload_schema(Everything)
    assert decode_payload(encode_payload(payload), schema, Everything) == payload


def test_the_schema_in_avro_s_words() -> None:
    class Order(BaseModel):
        id: UUID
        at: datetime
        price: Price
        colour: Colour = Colour.BLUE
        to: Address | None = None

    assert json.loads(payload_schema(Order).to_json()) == {
        "type": "record",
        "name": "Order",
        "fields": [
            {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {
                "name": "price",
                "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            },
            {
                "name": "colour",
                "type": {"type": "enum", "name": "Colour", "symbols": ["red", "blue"]},
                "default": "blue",
            },
            {
                "name": "to",
                "type": [
                    "null",
                    {
                        "type": "record",
                        "name": "Address",
                        "fields": [
                            {"name": "street", "type": "string"},
                            {"name": "number", "type": ["null", "long"], "default": None},
                        ],
                    },
                ],
                "default": None,
            },
        ],
    }


def test_defaults_that_differ_each_time_are_none() -> None:
    [field] = payload_schema(
        create_model("Made", id=(UUID, Field(default_factory=uuid4)))
    ).definition["fields"]
    assert "default" not in field


def test_bytes_that_are_no_text_are_no_default() -> None:
    fields = payload_schema(create_model("Made", a=(bytes, b"a"), b=(bytes, b"\xff"))).definition[
        "fields"
    ]
    assert [field.get("default") for field in fields] == ["a", None]


def version(**fields: Any) -> type[BaseModel]:  # noqa: ANN401
    return create_model("Versioned", **fields)


@pytest.mark.parametrize(
    ("older", "value", "newer", "expected"),
    [
        (version(a=(int, ...)), {"a": 1}, version(a=(int, ...), b=(str, "x")), {"a": 1, "b": "x"}),
        (version(a=(int, ...), b=(str, ...)), {"a": 1, "b": "y"}, version(a=(int, ...)), {"a": 1}),
        (version(a=(int, ...)), {"a": 1}, version(a=(float, ...)), {"a": 1.0}),
        (version(a=(int, ...)), {"a": 1}, version(a=(int | None, None)), {"a": 1}),
        (
            version(a=(int, ...), c=(Address, ...)),
            {"a": 1, "c": Address(street="s", number=2)},
            version(c=(Address, ...), d=(list[Address], [])),
            {"c": Address(street="s", number=2), "d": []},
        ),
    ],
    ids=["field added", "field gone", "promoted", "optional", "nested"],
)
def test_a_newer_model_reads_what_an_older_one_wrote(
    older: type[BaseModel], value: dict[str, Any], newer: type[BaseModel], expected: dict[str, Any]
) -> None:
    body = encode_payload(older(**value))
    assert decode_payload(body, payload_schema(older), newer) == newer(**expected)


@pytest.mark.parametrize(
    "newer",
    [
        version(a=(int, ...), b=(int, ...)),
        version(a=(bool, ...)),
        create_model("Renamed", a=(int, ...)),
    ],
    ids=["no default", "other type", "other name"],
)
def test_what_an_older_model_wrote_and_a_newer_one_cannot_read_is_rejected(
    newer: type[BaseModel],
) -> None:
    older = version(a=(int, ...))
    with pytest.raises(PayloadRejectedError):
        decode_payload(encode_payload(older(a=1)), payload_schema(older), newer)


def test_a_model_of_another_name_is_told_both_names() -> None:
    older, newer = version(a=(int, ...)), create_model("Renamed", a=(int, ...))
    words = "not a payload of Renamed: it was written as a Versioned: give the models of both sides"
    with pytest.raises(PayloadRejectedError, match=words):
        decode_payload(encode_payload(older(a=1)), payload_schema(older), newer)


def test_a_model_that_forbids_other_fields_reads_what_an_older_one_wrote() -> None:
    strict = create_model("Versioned", __config__=ConfigDict(extra="forbid"), a=(int, ...))
    older = version(a=(int, ...), b=(int, ...))
    assert decode_payload(encode_payload(older(a=1, b=2)), payload_schema(older), strict) == strict(
        a=1
    )


class Recursive(BaseModel):
    children: "list[Recursive]" = []


def another_address() -> type[BaseModel]:
    return create_model("Address", zip=(str, ...))


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        (Any, "name the types"),
        (JsonValue, "has no Avro type"),
        (complex, "use simpler types"),
        (tuple[int, str], "items of one type"),
        (dict[int, str], "keys of an Avro map are text"),
        (Decimal, "max_digits"),
        (SecretStr, "no place for secrets"),
        (NaiveDatetime, "use AwareDatetime"),
        (Recursive, "contains itself"),
        (Literal["a", 1], "different types"),
        (Address | another_address(), "two classes are named Address"),
        (create_model("No-Name", a=(int, ...)), "is no Avro name"),
    ],
    ids=str,
)
def test_types_without_an_avro_type_that_keeps_them(type_: Any, words: str) -> None:  # noqa: ANN401
    model = create_model("Model", field=(type_, ...))
    with pytest.raises(PayloadTypeError) as caught:
        payload_schema(model)
    assert words in str(caught.value)
    assert caught.value.model == "Model"


def test_an_error_says_where() -> None:
    inner = create_model("Inner", secret=(SecretStr, ...))
    with pytest.raises(PayloadTypeError, match=r"^Outer\.inner\.secret cannot be a payload"):
        payload_schema(create_model("Outer", inner=(list[inner], ...)))  # type: ignore[valid-type]  # made here


def test_a_default_that_does_not_fit() -> None:
    with pytest.raises(PayloadTypeError, match="its default does not fit"):
        payload_schema(create_model("Model", a=(int, "text")))


def test_values_that_do_not_fit_are_rejected_when_written() -> None:
    class Odd(BaseModel):
        at: datetime

        @field_serializer("at")
        def as_list(self, at: datetime) -> list[datetime]:
            return [at]

    class Plain(BaseModel):
        at: datetime

    with pytest.raises(PayloadRejectedError):
        encode_payload(Odd(at=datetime.now(UTC)))
    with pytest.raises(PayloadRejectedError, match="give it a zone"):
        encode_payload(Plain(at=datetime(2026, 1, 1)))  # noqa: DTZ001 - that is what is tested
    with pytest.raises(PayloadRejectedError):
        encode_payload(version(a=(int, ...))(a=2**63))


@given(st.binary())
def test_garbage_is_rejected_and_nothing_else_is_raised(body: bytes) -> None:
    schema = payload_schema(Everything)
    with pytest.raises(PayloadRejectedError):
        decode_payload(body, schema, Everything)


def test_json_has_a_field_by_its_name_or_by_its_alias() -> None:
    class Mail(BaseModel):
        reply_to: str = Field(alias="replyTo")

    for name in ("reply_to", "replyTo"):
        document = json.dumps({name: "ada"}).encode()
        assert payload_codec(Mail).decode_json(document) == Mail(replyTo="ada")


@given(st.binary() | st.text().map(str.encode))
def test_what_is_no_json_of_the_model_is_rejected_and_nothing_else_is_raised(body: bytes) -> None:
    with pytest.raises(PayloadRejectedError):
        payload_codec(Everything).decode_json(body)


def test_bytes_behind_a_payload_are_rejected() -> None:
    with pytest.raises(PayloadRejectedError, match="1 bytes follow"):
        decode_payload(encode_payload(Address(street="x")) + b"!", payload_schema(Address), Address)


def test_an_error_does_not_tell_the_value() -> None:
    strict = create_model("Address", street=(str, Field(max_length=3)), number=(int | None, None))
    body = encode_payload(Address(street="a secret"))
    with pytest.raises(PayloadRejectedError) as caught:
        decode_payload(body, payload_schema(Address), strict)
    assert "a secret" not in str(caught.value)
    assert "street: String should have at most 3 characters" in str(caught.value)
