"""The names of consumer groups: members of one share what its topics hold. Each kind of process has its own."""


def schedulers(namespace: str) -> str:
    """Return the group of a log's schedulers."""
    return f"{namespace}.scheduler"


def delays(namespace: str) -> str:
    """Return the group of a log's delay services."""
    return f"{namespace}.delays"


def workers(namespace: str, lane: str) -> str:
    """Return the group of the workers of a lane; without a name, how those of all lanes begin."""
    return f"{namespace}.workers.{lane}"


def bridges(namespace: str) -> str:
    """Return the group of a log's bridges from a schema registry's serializers."""
    return f"{namespace}.bridge"
