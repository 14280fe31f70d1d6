"""What handlers get that ask for a client: the one in memory."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Annotated, Any, TypeVar, get_args, get_origin

from joblog.client.blocking import refuse_event_loop
from joblog.client.client import Client
from joblog.client.sync import SyncClient
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.scope.resources import Resource

T = TypeVar("T")


def with_clients(handlers: Registry, client: Client) -> Registry:
    """Return handlers whose resources that give a `Client` or a `SyncClient` give one to a joblog in memory.

    Args:
        handlers: the handlers.
        client: the client that is given; plain functions get it as a `SyncClient`.
    """
    registry = Registry()
    registry.include(handlers)
    for name, resource in handlers.resources.items():
        for type_ in (Client, SyncClient):
            if _gives(resource, type_):
                give = _giving(client, plain=type_ is SyncClient)
                registry.resources[name] = replace(
                    resource, function=give, needs=(), is_async=False
                )
    return registry


def _gives(resource: Resource, wanted: type) -> bool:
    gives = resource.gives
    type_ = get_args(gives)[0] if get_origin(gives) is Annotated else gives
    return isinstance(type_, type) and issubclass(type_, wanted)


def _giving(client: Client, *, plain: bool) -> Callable[[], Iterator[Client | SyncClient]]:
    def give() -> Iterator[Client | SyncClient]:
        yield _PlainClient(client) if plain else client

    return give


class _PlainClient(SyncClient):
    """Calls a client in memory out of plain functions."""

    def __init__(self, client: Client) -> None:
        self._blocking = _InItsLoop(client)


class _InItsLoop:
    """Calls a client in the event loop in which this is made, out of other threads."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._loop = asyncio.get_running_loop()

    def run(self, call: Callable[[Client], Coroutine[Any, Any, T]]) -> T:
        """Call the client and wait for what it returns.

        Raises:
            EventLoopRunsError: this thread runs an event loop, which would stand still meanwhile.
        """
        refuse_event_loop()
        return asyncio.run_coroutine_threadsafe(call(self._client), self._loop).result()

    def close(self) -> None:
        """Do nothing: whoever has opened the client closes it."""
