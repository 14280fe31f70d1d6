"""From the event loop of one thread to that of another, with one wake-up an item while they come rarely."""

import asyncio
from typing import Generic, TypeVar, cast

Item = TypeVar("Item")


class Handover(Generic[Item]):
    """Holds one item, until it is taken. Each side is one task of its loop.

    Args:
        giver: event loop of the thread that gives.
        taker: event loop of the thread that takes.
    """

    def __init__(self, giver: asyncio.AbstractEventLoop, taker: asyncio.AbstractEventLoop) -> None:
        self._giver = giver
        self._taker = taker
        self._full = False
        self._item: Item | None = None
        self._arrival = asyncio.Event()
        self._room: asyncio.Future[None] | None = None

    @property
    def has_room(self) -> bool:
        """Whether the last item was taken."""
        return not self._full

    async def room(self) -> None:
        """Wait until the last item was taken; the taker wakes this thread only if it waits here."""
        while self._full:
            room = self._room = self._giver.create_future()
            if self._full:  # else it was taken just now, perhaps before it could be told of `room`
                await room
            self._room = None

    def give(self, item: Item) -> None:
        """Hand an item over.

        Raises:
            RuntimeError: the last one was not taken.
        """
        if self._full:
            raise RuntimeError("the last item was not taken: await room() first")
        self._item, self._full = item, True
        self._taker.call_soon_threadsafe(self._arrival.set)

    async def take(self) -> Item:
        """Wait for an item and take it; cancelled, it takes none."""
        await self._arrival.wait()
        self._arrival.clear()
        item, self._item = cast("Item", self._item), None
        self._full = False
        room = self._room
        if room is not None:
            self._giver.call_soon_threadsafe(_settle, room)
        return item


def _settle(room: "asyncio.Future[None]") -> None:
    if not room.done():
        room.set_result(None)
