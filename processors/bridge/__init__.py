"""The bridge: passes submissions on that serializers of a schema registry have written."""

from joblog.processors.bridge.app import run_bridge

__all__ = ["run_bridge"]
