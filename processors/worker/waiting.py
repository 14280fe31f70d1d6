"""What waits for schemas that were not announced yet."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Waiting(Generic[Item]):
    """What waits for schemas, each for so long at most. Times are in ms.

    Args:
        longest_ms: how long it may wait.
    """

    def __init__(self, longest_ms: int) -> None:
        self._longest = longest_ms
        self._items: OrderedDict[Item, tuple[bytes, int]] = OrderedDict()  # as they are due

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: Item, fingerprint: bytes, now: int) -> None:
        """Let something wait for a schema."""
        self._items[item] = (fingerprint, now + self._longest)

    def learned(self, fingerprint: bytes) -> list[Item]:
        """Return what has waited for a schema, and waits no longer."""
        return self._take(
            [item for item, (wanted, _) in self._items.items() if wanted == fingerprint]
        )

    def overdue(self, now: int) -> list[Item]:
        """Return what has waited long enough."""
        items = []
        for item, (_, until) in self._items.items():
            if until > now:
                break
            items.append(item)
        return self._take(items)

    def drop(self, unwanted: Callable[[Item], bool]) -> None:
        """Forget items."""
        self._take([item for item in self._items if unwanted(item)])

    def _take(self, items: list[Item]) -> list[Item]:
        for item in items:
            del self._items[item]
        return items
