"""Asks a process over HTTP whether it is alive."""

from aiohttp import ClientError, ClientSession, ClientTimeout

OK = 200


async def is_alive(session: ClientSession, url: str, seconds: float) -> bool:
    """Return whether a process answers 200 within so many seconds."""
    try:
        async with session.get(url, timeout=ClientTimeout(total=seconds)) as response:
            return response.status == OK
    except (ClientError, TimeoutError):
        return False
