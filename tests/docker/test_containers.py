"""docker-compose.yml from its start to its end, and a real Kafka in a container for tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from examples.docker.jobs import Greeting, greet
from joblog import Settings, SyncClient
from tests.cluster import Cluster
from tests.docker.compose import Compose

if TYPE_CHECKING:
    from tests.docker.kafka_container import KafkaContainer

pytestmark = [pytest.mark.timeout(900), pytest.mark.usefixtures("engine")]

SERVICES: Final = {"scheduler", "delays", "worker"}
SIGTERM_OF_JAVA: Final = 128 + 15


@pytest.fixture(scope="module")
def compose() -> Iterator[Compose]:
    """All services of docker-compose.yml, healthy."""
    compose = Compose()
    try:
        compose.run("up", "--build", "--wait", "--quiet-pull")
        yield compose
    except AssertionError:
        print(compose.run("logs", "--tail", "30"))  # noqa: T201 - pytest shows it with the failure
        raise
    finally:
        compose.run("down", "--volumes", "--remove-orphans", "--timeout", "0")


def test_a_job_is_submitted_run_retried_and_asked_for(compose: Compose) -> None:
    shown = compose.joblog("submit", "greet", '{"name": "Grace"}', "--wait")
    assert "Hello, Grace!" in shown


def test_programs_on_this_machine_submit_through_the_published_port(compose: Compose) -> None:
    settings = Settings(bootstrap_servers=f"localhost:{compose.port}")
    with SyncClient(settings) as client:
        submitted = client.submit(greet, Greeting(name="Ada"), idempotency_key="from outside")
    shown = compose.joblog(
        "submit", "greet", '{"name": "Ada"}', "--idempotency-key", "from outside", "--wait"
    )
    assert submitted.job_id in shown
    assert "Hello, Ada!" in shown


def test_what_runs_has_no_compiler_and_no_installer(compose: Compose) -> None:
    asked = "import shutil; print(*map(shutil.which, ['cc', 'gcc', 'pip']))"
    found = compose.run("exec", "-T", "worker", "python", "-c", asked).split()
    assert found[:2] == ["None", "None"]
    assert not found[2].startswith("/opt/joblog")


def test_nothing_runs_as_root_or_writes_where_it_need_not(compose: Compose) -> None:
    for name, container in compose.containers().items():
        assert container["Config"]["User"] not in {"", "0", "root"}, name
        if name != "kafka":
            assert container["HostConfig"]["ReadonlyRootfs"], name
            assert container["HostConfig"]["CapDrop"] == ["ALL"], name


def test_all_of_it_stops_in_good_order_and_leaves_nothing(compose: Compose) -> None:
    compose.run("stop")
    codes = {name: one["State"]["ExitCode"] for name, one in compose.containers().items()}
    assert codes == {"topics": 0, "kafka": SIGTERM_OF_JAVA, **dict.fromkeys(SERVICES, 0)}
    compose.run("down", "--volumes")
    assert not any(compose.left().values()), compose.left()


def test_joblog_runs_on_a_kafka_in_a_container(kafka: "KafkaContainer", tmp_path: Path) -> None:
    with Cluster(tmp_path, kafka.bootstrap_servers, "shop", {}) as cluster:
        cluster.start("scheduler", "scheduler")
        cluster.start("worker", "worker", "examples.docker.jobs")
        with SyncClient(cluster.settings) as client:
            submitted = client.submit(greet, Greeting(name="Ada"))
            assert client.result(submitted, greet) == "Hello, Ada!"
