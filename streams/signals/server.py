"""Serves /metrics, /live and /ready, and what a component adds, over HTTP."""

import socket
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Final, Self

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

Probe = Callable[[], str | None]
"""Returns None where all is well, else what is not."""

ALL_ADDRESSES: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - to tell them from others
OK: Final = 200
UNAVAILABLE: Final = 503


class SignalsServer:
    """An HTTP server without authentication; by default it listens on loopback.

    Use it as an async context manager.

    Attributes:
        port: the port it listens on, once started.
    """

    def __init__(  # noqa: PLR0913  # what a server is told at its start
        self,
        host: str,
        port: int | None,
        registry: CollectorRegistry,
        *,
        live: Probe,
        ready: Probe,
        refresh: Callable[[], None] = lambda: None,
        routes: Iterable[web.RouteDef] = (),
        advertised_host: str | None = None,
    ) -> None:
        """Listen on a port: 0 takes any free one, None serves nothing. `refresh` precedes each /metrics.

        `advertised_host` is the address by which others reach it; by default `host`, or this machine's
        name where that stands for all its addresses.
        """
        self.host = host
        self.advertised_host = advertised_host or _reachable(host)
        self.port = port
        self._registry = registry
        self._refresh = refresh
        self._app = web.Application()
        self._app.add_routes(
            [
                web.get("/metrics", self._metrics),
                web.get("/live", _answering(live)),
                web.get("/ready", _answering(ready)),
                *routes,
            ]
        )
        self._runner = web.AppRunner(self._app, access_log=None)

    async def __aenter__(self) -> Self:
        """Start to listen."""
        if self.port is not None:
            await self._runner.setup()
            site = web.TCPSite(self._runner, self.host, self.port)
            await site.start()
            self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop to listen."""
        await self._runner.cleanup()

    @property
    def url(self) -> str | None:
        """Base URL by which others reach it, None where nothing is served."""
        if self.port is None:
            return None
        host = self.advertised_host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    async def _metrics(self, _: web.Request) -> web.Response:
        self._refresh()
        body = generate_latest(self._registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


def _reachable(host: str) -> str:
    return socket.gethostname() if host in ALL_ADDRESSES else host


def _answering(probe: Probe) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        problem = probe()
        return web.Response(status=OK if problem is None else UNAVAILABLE, text=problem or "ok")

    return answer
