"""Joblog's settings in Faust's words."""

from typing import Any, Final

import faust
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from faust.types.auth import CredentialsT

from joblog.streams import groups
from joblog.streams.faust_app.tables import DeclaredTables, StateTable
from joblog.streams.kafka.client import client_options, group_options
from joblog.streams.settings import Settings

COMMIT_SECONDS: Final = 1.0
"""Time between commits to the group; they only inform, the state knows where to go on."""

MAX_POLL_SECONDS: Final = 60.0
"""A process whose main thread is stuck for this long loses its partitions."""


def group_of(settings: Settings) -> str:
    """Return the name of the schedulers' consumer group."""
    return groups.schedulers(settings.namespace)


def rebalance_timeout_ms(settings: Settings) -> int:
    """Return how long a rebalance waits for a member: for its close, and not much longer."""
    return settings.session_timeout_ms + settings.scheduler.revoke_wait_ms


def consumer_options(settings: Settings) -> dict[str, Any]:
    """Return the keyword arguments of the aiokafka consumer inside of Faust.

    Raises:
        SettingsError: a certificate or key cannot be used.
    """
    return group_options(settings) | {
        "client_id": group_of(settings),
        "group_id": group_of(settings),
        "partition_assignment_strategy": [StickyPartitionAssignor],
        "max_poll_interval_ms": int(MAX_POLL_SECONDS * 1000),
        "rebalance_timeout_ms": rebalance_timeout_ms(settings),
    }


def faust_options(settings: Settings) -> dict[str, Any]:
    """Return the arguments of a Faust app, other than its id.

    Raises:
        SettingsError: a certificate or key cannot be used.
    """
    return {
        "autodiscover": False,
        "broker": [f"kafka://{server}" for server in settings.servers],
        "broker_credentials": credentials(settings),
        "broker_client_id": group_of(settings),
        "broker_commit_interval": COMMIT_SECONDS,
        "broker_heartbeat_interval": settings.heartbeat_interval_ms / 1000,
        "broker_max_poll_interval": MAX_POLL_SECONDS,
        "broker_rebalance_timeout": rebalance_timeout_ms(settings) / 1000,
        "broker_request_timeout": settings.request_timeout_ms / 1000,
        "broker_session_timeout": settings.session_timeout_ms / 1000,
        "consumer_auto_offset_reset": "none",
        "datadir": settings.data_dir,
        "env": {},  # or a BROKER_URL in the environment would win over what is said here
        "processing_guarantee": "at_least_once",
        "stream_wait_empty": False,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "topic_partitions": settings.partitions,
        "topic_replication_factor": settings.replication_factor,
        "web_enabled": False,
        "web_tables_enabled": False,
        "worker_redirect_stdouts": False,
        "Table": StateTable,
        "TableManager": DeclaredTables,
    }


def credentials(settings: Settings) -> CredentialsT | None:
    """Return how Faust logs in, with an explicit TLS context: it cannot make one itself.

    Raises:
        SettingsError: a certificate or key cannot be used.
    """
    options = client_options(settings)
    context = options.get("ssl_context")
    if settings.uses_sasl:
        return faust.SASLCredentials(
            username=options["sasl_plain_username"],
            password=options["sasl_plain_password"],
            mechanism=options["sasl_mechanism"],
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context else None
