"""`joblog topics`: create, list and check the topics of a log."""

import typer

from joblog.cli.options import Json, runs
from joblog.cli.output import note, print_json, print_table
from joblog.streams.kafka import check_topics, ensure_topics
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

app = typer.Typer(help="Create, list and check the topics.", no_args_is_help=True)


@app.command()
@runs
async def create() -> None:
    """Create the topics that are missing, check all of them, and open the log."""
    settings = Settings()
    log_id = await ensure_topics(settings, now_ms())
    note(
        f"the {len(TopicMap.of(settings).all)} topics of {settings.namespace} are there; log {log_id}"
    )


@app.command("list")
def list_(*, json: Json = False) -> None:
    """List the topics as they have to be; Kafka is not asked."""
    topics = TopicMap.of(Settings()).all
    if json:
        for topic in topics:
            print_json(
                {
                    "name": topic.name,
                    "partitions": topic.partitions,
                    "replication_factor": topic.replication_factor,
                    "config": dict(topic.config),
                    "holds": topic.holds,
                }
            )
        return
    print_table(
        ("topic", "partitions", "kept", "holds"),
        ((t.name, t.partitions, t.retention.words, t.holds) for t in topics),
    )


@app.command()
@runs
async def check() -> None:
    """Check that all topics exist and have their partitions."""
    settings = Settings()
    log = await check_topics(settings)
    note(f"the topics of {settings.namespace} are right; log {log.log_id}")
