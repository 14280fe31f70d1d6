"""Jobs that fail once, so that all services have something to do."""

from pydantic import BaseModel

from joblog import Context, Fatal, RetryPolicy, job

POLICY = RetryPolicy(max_attempts=3, initial_delay_ms=200)


class Order(BaseModel):
    """What is ordered."""

    number: int


@job("ship", retry=POLICY)
async def ship(order: Order, context: Context) -> str:
    """Ship an order by the second attempt."""
    if context.attempt == 1:
        raise ConnectionError("the first attempt fails")
    return f"shipped {order.number}"


@job("pack")
async def pack(order: Order) -> int:
    """Pack an order; nothing goes wrong, unless there is none."""
    if order.number < 0:
        raise Fatal("there is no such order")
    return order.number
