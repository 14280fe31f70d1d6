"""Who works with a log: each of them may log in to Kafka as somebody else, with no more rights than it needs."""

from enum import StrEnum


class Role(StrEnum):
    """What a program does with a log."""

    PRODUCER = "producer"
    """A program that submits jobs and asks about them, by the SDK; `joblog outbox relay` too."""
    SCHEDULER = "scheduler"
    """`joblog scheduler`."""
    DELAYS = "delays"
    """`joblog delays`."""
    WORKER = "worker"
    """`joblog worker`."""
    BRIDGE = "bridge"
    """`joblog bridge`, where there is a schema registry."""
    OPERATOR = "operator"
    """Who looks after the log with all commands that ask, prove and redrive."""
    DEPLOYER = "deployer"
    """Who makes the topics and changes their configs: `joblog topics create` and `apply`."""
