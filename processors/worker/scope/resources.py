"""Resources: opened when a process begins to run handlers, closed when it ends, handed to who asks for them."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from joblog.processors.worker.scope.errors import ScopeError
from joblog.processors.worker.scope.signatures import name_of, signature_of


@dataclass(frozen=True)
class Resource:
    """Something that handlers share.

    Attributes:
        function: yields it once; what is before the yield opens it, what is after it closes it.
        needs: the resources that it is made of, by type.
        gives: its type; None where it is nothing, and only its halves matter.
        is_async: whether the function is asynchronous.
    """

    function: Callable[..., Any]
    needs: tuple[Any, ...]
    gives: Any
    is_async: bool

    @property
    def name(self) -> str:
        """The function's name, with its module."""
        return name_of(self.function)

    async def open(self, given: Mapping[Any, Any], stack: AsyncExitStack) -> Any:  # noqa: ANN401 - any type
        """Open it, have the stack close it, and return it."""
        arguments = [given[need] for need in self.needs]
        if self.is_async:
            return await stack.enter_async_context(asynccontextmanager(self.function)(*arguments))
        return stack.enter_context(contextmanager(self.function)(*arguments))


def resource_of(function: Callable[..., Any]) -> Resource:
    """Return the resource that a generator function is.

    Raises:
        ScopeError: it cannot be one.
    """
    signature = signature_of(function)
    return Resource(function, signature.needs, signature.gives, signature.is_async)


def in_order(resources: Iterable[Resource]) -> list[Resource]:
    """Return resources so that each stands behind those that it needs.

    Raises:
        ScopeError: two give the same, one needs what none gives, or some need each other.
    """
    givers: dict[Any, Resource] = {}
    declared = list(resources)
    for resource in declared:
        if resource.gives is not None:
            other = givers.setdefault(resource.gives, resource)
            if other is not resource:
                words = f"{other.name} gives {_shown(resource.gives)} already"
                raise ScopeError(resource.name, f"{words}: tell them apart by typing.Annotated")
    ordered: list[Resource] = []
    for resource in declared:
        _put(resource, givers, ordered, ())
    return ordered


def _put(
    resource: Resource,
    givers: Mapping[Any, Resource],
    ordered: list[Resource],
    asking: tuple[Resource, ...],
) -> None:
    if resource in ordered:
        return
    if resource in asking:
        names = " needs ".join(one.name for one in (*asking, resource))
        raise ScopeError(resource.name, f"{names}: one of them has to do without the other")
    for need in resource.needs:
        if need not in givers:
            raise ScopeError(resource.name, missing(need))
        _put(givers[need], givers, ordered, (*asking, resource))
    ordered.append(resource)


def missing(need: Any) -> str:  # noqa: ANN401 - any annotation
    """Return what to say where something is asked for that no resource gives."""
    shown = _shown(need)
    return (
        f"no resource gives {shown}: declare one, a function with @resource that yields a {shown}"
    )


def _shown(annotation: Any) -> str:  # noqa: ANN401 - any annotation
    return annotation.__qualname__ if isinstance(annotation, type) else str(annotation)
