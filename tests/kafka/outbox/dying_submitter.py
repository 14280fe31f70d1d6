"""Takes orders, each with its job in one transaction, and kills itself in the last: before or after its commit."""

import asyncio
import os
import signal

import asyncpg

from joblog.outbox.asyncpg import submit
from tests.kafka.outbox.running import MAIL, TYPE

ORDERS = int(os.environ["ORDERS"])
BEFORE_COMMIT = os.environ["DIES"] == "before commit"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def main() -> None:
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    for number in range(ORDERS):
        is_last = number == ORDERS - 1
        async with connection.transaction():
            job_id = await submit(connection, TYPE, MAIL)
            await connection.execute("INSERT INTO orders VALUES ($1)", job_id)
            if is_last and BEFORE_COMMIT:
                die()
        if is_last:
            die()


if __name__ == "__main__":
    asyncio.run(main())
