"""What a resource or a middleware says of itself: what it asks for, and what it yields."""

import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
)
from types import NoneType
from typing import Any, Final, NamedTuple, get_args, get_origin, get_type_hints

from joblog.processors.worker.handlers import positional
from joblog.processors.worker.scope.errors import ScopeError

_YIELDING: Final = (Iterator, Generator, Iterable)
_YIELDING_ASYNC: Final = (AsyncIterator, AsyncGenerator, AsyncIterable)


class Signature(NamedTuple):
    """A generator function that yields once.

    Attributes:
        needs: types of its parameters, in order.
        gives: what it yields; None for nothing.
        is_async: whether it is asynchronous.
    """

    needs: tuple[Any, ...]
    gives: Any
    is_async: bool


def signature_of(function: Callable[..., Any]) -> Signature:
    """Return what a generator function says of itself.

    Raises:
        ScopeError: it is none, or its annotations do not say what it asks for and yields.
    """
    name = name_of(function)
    is_async = inspect.isasyncgenfunction(function)
    if not is_async and not inspect.isgeneratorfunction(function):
        raise ScopeError(name, "it does not yield: write a function with one yield")
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError as error:
        raise ScopeError(name, f"its annotations cannot be resolved: {error}") from error
    parameters = positional(function)
    if parameters is None:
        raise ScopeError(name, "its parameters have to be given by position: leave out * and **")
    needs = tuple(_need(name, one, hints) for one in parameters)
    return Signature(needs, _gives(name, hints.get("return"), is_async=is_async), is_async)


def name_of(function: Callable[..., Any]) -> str:
    """Return a function's name with its module."""
    return f"{function.__module__}.{function.__qualname__}"


def _need(name: str, parameter: str, hints: dict[str, Any]) -> Any:  # noqa: ANN401 - any annotation
    if parameter not in hints:
        raise ScopeError(name, f"its parameter {parameter} has no type: annotate it")
    return hints[parameter]


def _gives(name: str, returns: Any, *, is_async: bool) -> Any:  # noqa: ANN401 - any annotation
    wanted = _YIELDING_ASYNC if is_async else _YIELDING
    if get_origin(returns) not in wanted:
        word = "AsyncIterator" if is_async else "Iterator"
        words = f"its return annotation is {returns}: say what it yields, such as {word}[Database]"
        raise ScopeError(name, f"{words}, or {word}[None]")
    yielded = get_args(returns)[0]
    return None if yielded in (None, NoneType) else yielded
