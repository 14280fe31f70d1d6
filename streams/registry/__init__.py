"""A Confluent-compatible schema registry: how it is asked, what is registered, how values are framed for it."""

from joblog.streams.registry.client import SchemaRegistry

__all__ = ["SchemaRegistry"]
