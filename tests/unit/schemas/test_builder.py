"""Functions that build events make what pydantic makes, or nothing."""

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from joblog.schemas.catalog import latest
from joblog.schemas.codec import Codec
from joblog.schemas.compiled import CANNOT_BUILD, compile_builder
from joblog.schemas.models import EVENTS, Event, JobSubmitted
from tests.unit.schemas.examples import VALUES
from tests.unit.schemas.test_compiled import data_of

CODEC = Codec()
SCHEMAS = {model: latest("events")[model.__name__] for model in EVENTS}
MODEL_AND_DATUM = st.sampled_from([model for model in EVENTS if SCHEMAS[model].reads]).flatmap(
    lambda model: st.tuples(st.just(model), data_of(SCHEMAS[model].parsed))
)


def built(model: type[BaseModel], datum: dict[str, Any]) -> Any:  # noqa: ANN401 - any model
    build = compile_builder(model)
    assert build is not None
    return build(datum)


@pytest.mark.parametrize("model", EVENTS, ids=lambda model: model.__name__)
def test_every_event_has_its_function(model: type[Event]) -> None:
    assert compile_builder(model) is not None


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value[2:10].hex())
def test_a_right_datum_becomes_pydantics_event(value: bytes) -> None:
    decoded = CODEC.decode(value)
    event = type(decoded).model_validate(decoded.model_dump())
    assert decoded == event
    made = built(type(event), event.model_dump())
    assert made == event
    assert made.model_dump() == event.model_dump()
    assert made.model_copy(update={"time": 7}).time == 7
    with pytest.raises(ValidationError, match="frozen"):
        made.time = 7


@given(MODEL_AND_DATUM)
def test_any_datum_becomes_pydantics_event_or_none(
    found: tuple[type[Event], dict[str, Any]],
) -> None:
    model, datum = found
    try:
        expected = model.model_validate(datum)
    except ValidationError:
        with pytest.raises(CANNOT_BUILD):
            built(model, datum)
    else:
        assert built(model, datum) == expected


class Rules(BaseModel):
    """One of each rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int = Field(ge=1, le=3)
    share: float = Field(allow_inf_nan=False)
    name: Annotated[str, Field(pattern=r"^[a-z]*$", max_length=3)] | None
    word: Literal["yes", "no"]
    names: tuple[Annotated[str, Field(min_length=1)], ...]


RIGHT = {"number": 2, "share": 0.5, "name": "abc", "word": "no", "names": ["a"]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": 0},
        {"number": 4},
        {"share": float("inf")},
        {"share": float("nan")},
        {"name": "ABC"},
        {"name": "ab\n"},
        {"name": "abcd"},
        {"word": "perhaps"},
        {"names": ["a", ""]},
        {"more": 1},
    ],
    ids=repr,
)
def test_each_broken_rule_is_left_to_pydantic(wrong: dict[str, Any]) -> None:
    assert built(Rules, {**RIGHT}) == Rules.model_validate(RIGHT)
    with pytest.raises(ValidationError):
        Rules.model_validate(RIGHT | wrong)
    with pytest.raises(CANNOT_BUILD):
        built(Rules, RIGHT | wrong)


def test_a_missing_field_is_left_to_pydantic() -> None:
    with pytest.raises(CANNOT_BUILD):
        built(Rules, {name: value for name, value in RIGHT.items() if name != "word"})


def test_validators_of_the_whole_are_asked() -> None:
    schema = b"8" * 8
    event = JobSubmitted(
        event_id="e", time=1, job_id="j", type="mail", payload=b"", payload_schema=schema
    )
    with pytest.raises(CANNOT_BUILD, match="does not match the idempotency key"):
        built(JobSubmitted, event.model_dump() | {"idempotency_key": "k"})


class Unknown(BaseModel):
    """A rule that no function is made for."""

    number: Annotated[int, Field(multiple_of=2)]


class Checked(BaseModel):
    """A validator of a field."""

    number: int

    @field_validator("number")
    @classmethod
    def _is_right(cls, number: int) -> int:
        return number


class Before(BaseModel):
    """A validator that sees the datum."""

    number: int

    @model_validator(mode="before")
    @classmethod
    def _is_right(cls, datum: object) -> object:
        return datum


class Wide(BaseModel):
    """Types that Avro's do not decide."""

    value: int | str


class Around(BaseModel):
    """A model with such a part."""

    part: Unknown


@pytest.mark.parametrize("model", [Unknown, Checked, Before, Wide, Around])
def test_what_they_do_not_know_is_left_to_pydantic(model: type[BaseModel]) -> None:
    assert compile_builder(model) is None
