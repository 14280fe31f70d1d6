"""The jobs of this project; `joblog dev jobs` runs them."""

from pydantic import BaseModel

from joblog import Context, Fatal, RetryPolicy, job


class Greeting(BaseModel):
    """What the job `greet` is given."""

    name: str


@job("greet", retry=RetryPolicy(max_attempts=3))
async def greet(greeting: Greeting, context: Context) -> str:
    """Greet somebody; the first attempt for Grace fails, and nobody cannot be greeted."""
    context.logger.info("attempt %d for %s", context.attempt, greeting.name)
    if greeting.name == "Grace" and context.attempt == 1:
        raise ConnectionError("Grace did not hear it")
    if not greeting.name:
        raise Fatal("there is nobody to greet")
    return f"Hello, {greeting.name}!"
