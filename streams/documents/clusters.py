"""docs/clusters.md, with the rights of each role from the plan."""

from collections.abc import Iterator
from typing import Final

from joblog.streams.acls import Pattern, acls_of
from joblog.streams.documents.markdown import code, document, table
from joblog.streams.documents.words import meanings
from joblog.streams.roles import Role
from joblog.streams.topics import TopicMap

_MAP: Final = TopicMap("<namespace>", lanes=("<lane>",), has_registry=True)
_INTRODUCTION: Final = """\
joblog runs on any Kafka from 3.1 on. On a cluster of several brokers, with logins and an authorizer, three
things are to be done once: the settings, the topics, the ACLs. `joblog doctor` says what is missing."""
_SETTINGS: Final = """\
Every process gets these, by environment or by a file ([settings.md](settings.md)). Each kind of process logs in
as its own principal, so `sasl_username` and `sasl_password` differ; secrets belong into the environment.

<!-- not run: its files and brokers are not here; a test runs all on such a cluster -->
```toml
bootstrap_servers = "kafka-1:9093,kafka-2:9093,kafka-3:9093"
replication_factor = 3

security_protocol = "SASL_SSL"
sasl_mechanism = "SCRAM-SHA-512"
ssl_ca_file = "/etc/joblog/authority.pem"
```

Three copies (`replication_factor = 3`) make the topics' `min.insync.replicas` 2: a write counts once two brokers
have it, so one broker may end without a loss and without a stop. With two brokers away nothing is written, and
nothing is lost. Kafka's own topics need the same: `offsets.topic.replication.factor=3`,
`transaction.state.log.replication.factor=3`, `transaction.state.log.min.isr=2`. With the protocol `SSL` a client
certificate (`ssl_certificate_file`) is the login."""
_TOPICS: Final = """\
<!-- not run: it needs such a cluster, which the tests of these commands start -->
```console
$ joblog topics plan                 # topics, configs and ACLs that are needed; Kafka is not asked
$ joblog topics apply                # shows what it would change, asks, and changes it
$ joblog topics plan --as-commands   # the same as kafka-topics.sh and kafka-acls.sh, for who may run nothing else
$ joblog topics create               # creates what is missing, changes nothing that exists, asks nobody
```

`apply` creates topics, changes configs that joblog cannot work with or that nobody has chosen, and gives the
ACLs of the principals that are named. It never takes anything away. The number of partitions cannot be changed,
and copies of existing topics are added with `kafka-reassign-partitions.sh`.

<!-- not run: it needs such a cluster, which the tests of these commands start -->
```console
$ joblog topics apply --producer User:shop --scheduler User:joblog-scheduler --delays User:joblog-delays \\
  --worker User:joblog-worker --operator User:ada --deployer User:joblog-deployer
```

Who gives ACLs needs `Alter` on the cluster; without principals the deployer's rights are enough. Topics that were
made with `kafka-topics.sh` are opened by `joblog topics create`, once."""
_RIGHTS: Final = """\
The least rights for which everything works, tested by running each process with exactly these. A name that
ends with \\* is a prefix (`--resource-pattern-type prefixed`), so another lane needs no new ACL. `Read` and
`Write` include `Describe`. Idempotent writes need no right of their own since Kafka 3.0."""
_BOUNDARIES: Final = """\
- A prefix also covers longer names. On a cluster with several logs let no namespace begin with another one and
  a dot or `-state-`: beside `shop`, not `shop.eu`.
- A program in another language that only submits needs `Write` and `Describe` on `<namespace>.events` and
  `<namespace>.schemas`, and nothing else.
- Schedulers answer questions over HTTP, where Kafka's ACLs do not rule: see `signals.host` in
  [settings.md](settings.md).
- A process without one of its rights ends and names it, with exit code 1. A wrong password cannot be told from a
  broker that hangs up; it ends with the same exit code."""


def clusters_document() -> str:
    """Return the document."""
    return document(
        "Clusters",
        _INTRODUCTION,
        "## Settings",
        _SETTINGS,
        "## Topics",
        _TOPICS,
        "## ACLs",
        _RIGHTS,
        table(("Role", "Resource", "Name", "Operations"), _rights()),
        _BOUNDARIES,
        "## Roles",
        table(("Role", "Who"), [(code(role), words) for role, words in meanings(Role).items()]),
    )


def _rights() -> Iterator[tuple[str, ...]]:
    for role in Role:
        for resource, operations in acls_of(role, _MAP):
            name = resource.name + ("*" if resource.pattern is Pattern.PREFIXED else "")
            yield code(role), resource.type, code(name), ", ".join(operations)
