"""The jobs of the worker in docker-compose.yml."""

from pydantic import BaseModel

from joblog import Context, RetryPolicy, job


class Greeting(BaseModel):
    """What the job `greet` is given."""

    name: str


@job("greet", retry=RetryPolicy(max_attempts=3, initial_delay_ms=500))
async def greet(greeting: Greeting, context: Context) -> str:
    """Greet somebody; Grace only hears it the second time."""
    context.logger.info("attempt %d for %s", context.attempt, greeting.name)
    if greeting.name == "Grace" and context.attempt == 1:
        raise ConnectionError("Grace did not hear it")
    return f"Hello, {greeting.name}!"
