"""What is said of a value that a model refuses: where and why, and never the value."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from joblog.schemas.problems import first_problem, problem_in, refused_value

SECRET = "hunter2"  # noqa: S105 - no password


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Home(BaseModel):
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]] = []
    code: int = 0


def refused(value: object) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Home.model_validate(value)
    return caught.value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"code": SECRET}, "code: Input should be a valid integer"),
        ({"pets": [{"kind": SECRET}]}, "pets.0: the tag is none of 'cat', 'dog'"),
        (SECRET, "Input should be a valid dict"),
    ],
)
def test_the_first_problem_is_told_without_the_value(value: object, words: str) -> None:
    error = refused(value)
    assert first_problem(error).startswith(words)
    assert SECRET not in repr(problem_in(error))


def test_the_value_is_there_for_those_who_ask() -> None:
    assert refused_value(refused({"code": SECRET})) == SECRET
