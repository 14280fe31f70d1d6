"""Ordered jobs on a real Kafka: they wait behind a dead letter, and are redriven in order."""

from collections.abc import Callable

from joblog import Client, Settings, Status, Submission
from joblog.schemas.models import JobDispatched, JobEvent
from joblog.schemas.payloads import payload_schema
from tests.history.history import History
from tests.history.verdict import assert_sound
from tests.kafka.cli.running import Bench, Command, failed, joblog, succeeded
from tests.kafka.cli.test_dead_letters import Mail

Work = Callable[[Callable[[JobDispatched], JobEvent | None]], None]

KEYS = ("account 7", "account 8")
JOBS = 4


async def test_later_jobs_wait_behind_dead_letters_until_all_are_redriven(
    settings: Settings, env: dict[str, str], bench: Bench, work: Work, scheduler: Command
) -> None:
    ran: list[str] = []
    broken: set[str] = set()

    def run(dispatched: JobDispatched) -> JobEvent:
        if dispatched.job_id in broken:
            return failed(dispatched, retryable=False)
        ran.append(dispatched.job_id)
        return succeeded(dispatched)

    await bench.declare("send-mail", payload_schema(Mail))
    async with Client(settings) as client:
        submissions = [
            Submission("send-mail", Mail(), ordering_key=key) for _ in range(JOBS) for key in KEYS
        ]
        jobs = [job.job_id for job in await client.submit_many(submissions)]
        lines = [jobs[place :: len(KEYS)] for place in range(len(KEYS))]
        broken.update(line[1] for line in lines)
        options = ("--ordering-key", KEYS[0])
        by_command = await joblog("submit", "send-mail", '{"to": "ada"}', *options, env=env)
        lines[0].append(by_command.out.strip())
        work(run)
        for line in lines:
            assert (await client.wait(line[1])).status == Status.DEAD_LETTERED
            assert (await client.get(line[3])).waits_for == line[1]
        shown = (await joblog("jobs", "get", lines[0][3], "--json", env=env)).json
        assert (shown["status"], shown["waits_for"]) == ("blocked", lines[0][1])
        (queue,) = (await joblog("status", "--json", env=env)).json["queues"]
        assert (queue["jobs"], queue["blocked"]) == (0, 5)

        broken.clear()
        redriven = await joblog("dlq", "redrive", "--all", env=env)
        assert (redriven.code, redriven.err) == (0, "2 redriven\n")
        for line in lines:
            assert (await client.wait(line[-1])).status == Status.SUCCEEDED
    assert [[job for job in ran if job in line] for line in lines] == lines
    await scheduler.stop()
    history = await History.read(settings.bootstrap_servers, settings.namespace)
    assert_sound(history, None, None)
