"""toxiproxy, which passes on what comes to the links' ports, or disturbs it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Self

from aiohttp import ClientConnectionError, ClientSession

from joblog.streams.broker.ports import free_port
from joblog.streams.broker.process import GUARD
from joblog.streams.broker.properties import HOST
from tests.chaos.ground.cluster import Link

PROGRAM: Final = Path(os.environ.get("CHAOS_TOXIPROXY", ".chaos/bin/toxiproxy"))
"""Made by `make chaos`."""

START_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.02


class Proxies:
    """A proxy for each link, see https://github.com/Shopify/toxiproxy.

    Args:
        session: speaks HTTP.
        url: where toxiproxy takes orders.
        links: the links.
    """

    def __init__(self, session: ClientSession, url: str, links: Sequence[Link]) -> None:
        self._session = session
        self._url = url
        self._links = links

    @classmethod
    @asynccontextmanager
    async def running(cls, links: Sequence[Link]) -> AsyncIterator[Self]:
        """Run toxiproxy, and pass on all links."""
        port = free_port()
        unlocked = os.open(os.devnull, os.O_RDONLY)
        guard = (sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), str(unlocked))
        process = await asyncio.create_subprocess_exec(
            *(*guard, str(PROGRAM.absolute()), "-host", HOST, "-port", str(port)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            pass_fds=(unlocked,),
        )
        os.close(unlocked)
        try:
            async with ClientSession() as session:
                proxies = cls(session, f"http://{HOST}:{port}", links)
                await proxies.populate()
                yield proxies
        finally:
            process.kill()
            await process.wait()

    async def populate(self) -> None:
        """Set the proxies up, once toxiproxy answers."""
        wanted = [
            {
                "name": link.name,
                "listen": f"{HOST}:{link.listen}",
                "upstream": f"{HOST}:{link.upstream}",
                "enabled": True,
            }
            for link in self._links
        ]
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    await self._post("populate", wanted)
                except ClientConnectionError:
                    await asyncio.sleep(POLL_SECONDS)
                else:
                    return

    async def cut(self, role: str) -> None:
        """Close all connections of a role, and accept none until they are joined."""
        for link in self._of(role):
            await self._post(f"proxies/{link.name}", {"enabled": False})

    async def join(self, role: str) -> None:
        """Accept connections again."""
        for link in self._of(role):
            await self._post(f"proxies/{link.name}", {"enabled": True})

    async def disturb(
        self, role: str, kind: str, stream: str, attributes: Mapping[str, int]
    ) -> None:
        """Put a toxic on all connections of a role.

        Args:
            role: whose.
            kind: the toxic's type.
            stream: `upstream` (to the broker) or `downstream`.
            attributes: of the toxic.
        """
        for link in self._of(role):
            toxic = {
                "name": _toxic(kind, stream),
                "type": kind,
                "stream": stream,
                "attributes": dict(attributes),
            }
            await self._post(f"proxies/{link.name}/toxics", toxic)

    async def calm(self, role: str, kind: str, stream: str) -> None:
        """Take a toxic away."""
        for link in self._of(role):
            url = f"{self._url}/proxies/{link.name}/toxics/{_toxic(kind, stream)}"
            async with self._session.delete(url) as answer:
                answer.raise_for_status()

    def _of(self, role: str) -> list[Link]:
        return [link for link in self._links if link.role == role]

    async def _post(self, path: str, body: Any) -> None:  # noqa: ANN401 - JSON
        async with self._session.post(f"{self._url}/{path}", json=body) as answer:
            answer.raise_for_status()


def _toxic(kind: str, stream: str) -> str:
    return f"{kind}-{stream}"
