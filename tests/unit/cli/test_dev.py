import pytest

from joblog.cli.dev import specs
from joblog.cli.exit_codes import ExitCode
from joblog.streams.settings import Settings


def test_dev_runs_one_process_of_each_kind_with_ports_of_their_own() -> None:
    settings = Settings(bootstrap_servers="127.0.0.1:19092")
    found = specs(settings, ["shop.jobs"], workers=1)
    assert [spec.name for spec in found] == ["scheduler", "delays", "worker"]
    assert found[2].command[-2:] == ["worker", "shop.jobs"]
    assert len({spec.live_url for spec in found}) == 3
    assert {spec.environment["JOBLOG_BOOTSTRAP_SERVERS"] for spec in found} == {"127.0.0.1:19092"}


@pytest.mark.parametrize("workers", [2, 3])
def test_dev_runs_several_workers(workers: int) -> None:
    names = [spec.name for spec in specs(Settings(), ["shop.jobs"], workers)]
    assert names[2:] == [f"worker-{n}" for n in range(1, workers + 1)]


def test_a_port_that_is_set_is_used() -> None:
    settings = Settings(signals={"scheduler_port": 9_100, "worker_port": 9_101})
    scheduler, _, worker = specs(settings, ["shop.jobs"], workers=1)
    assert scheduler.environment["JOBLOG_SIGNALS__SCHEDULER_PORT"] == "9100"
    assert scheduler.live_url == "http://127.0.0.1:9100/live"
    assert worker.environment["JOBLOG_SIGNALS__WORKER_PORT"] == "9101"


def test_dev_runs_a_bridge_where_there_is_a_registry() -> None:
    settings = Settings(registry={"url": "http://registry:8081"})
    assert [spec.name for spec in specs(settings, ["shop.jobs"], workers=1)][3:] == ["bridge"]


def test_a_worker_that_cannot_load_its_modules_waits_for_a_change_where_changes_are_noticed() -> (
    None
):
    for waits, codes in ((True, {ExitCode.UNLOADABLE}), (False, set())):
        scheduler, _, worker = specs(Settings(), ["shop.jobs"], 1, waits_for_change=waits)
        assert worker.hopeless_codes == codes
        assert scheduler.hopeless_codes == frozenset()
