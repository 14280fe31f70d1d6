"""The relay: publishes what stands in the outbox of a database."""

from joblog.outbox.relay.app import run_relay

__all__ = ["run_relay"]
