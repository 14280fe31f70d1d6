"""`joblog submit`, `jobs` and `status`, as a user types them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.models import JobDispatched, JobEvent, JobSubmitted, RetryPolicy
from tests.kafka.cli.running import Bench, Command, Result, failed, joblog, lines, succeeded, until

Work = Callable[[Callable[[JobDispatched], JobEvent | None]], None]
MAIL = AvroSchema.of(
    {
        "type": "record",
        "name": "Mail",
        "fields": [
            {"name": "to", "type": "string"},
            {"name": "copies", "type": "int", "default": 1},
        ],
    }
)
ADA = '{"to": "ada@example.org"}'


pytestmark = pytest.mark.usefixtures("scheduler")


async def test_a_job_is_submitted_waited_for_and_looked_at(
    env: dict[str, str], bench: Bench, work: Work
) -> None:
    await bench.declare("send-mail", MAIL)
    bodies = []

    def report(dispatched: JobDispatched) -> JobEvent:
        submission = bench.codec.decode(dispatched.submission)
        assert isinstance(submission, JobSubmitted)
        bodies.append(MAIL.read(submission.payload))
        return succeeded(dispatched)

    work(report)
    submitted = await joblog("submit", "send-mail", ADA, "--queue", "mails", env=env)
    assert submitted.code == 0
    job_id = submitted.out.strip()

    waited = await joblog("jobs", "wait", job_id, "--json", env=env)
    assert (waited.code, waited.json["status"], waited.json["queue"]) == (0, "succeeded", "mails")
    assert bodies == [{"to": "ada@example.org", "copies": 1}]

    shown = await joblog("jobs", "get", job_id, env=env)
    assert (shown.code, "succeeded" in shown.out, "by-hand" in shown.out) == (0, True, True)


async def test_a_history_is_the_union_of_all_topics_in_order(
    env: dict[str, str], bench: Bench, work: Work
) -> None:
    await bench.declare("send-mail", MAIL, RetryPolicy(max_attempts=2, initial_delay_ms=0))
    work(failed)
    result = await joblog("submit", "send-mail", ADA, "--wait", "--json", env=env)
    assert (result.code, result.json["status"]) == (5, "dead_lettered")

    history = await joblog("jobs", "history", result.json["job_id"], "--json", env=env)
    assert [(entry["event"], entry["data"].get("attempt")) for entry in history.json_lines] == [
        ("JobSubmitted", None),
        ("JobDispatched", 1),
        ("AttemptFailed", 1),
        ("JobDispatched", 2),
        ("AttemptFailed", 2),
        ("JobDeadLettered", None),
    ]
    table = await joblog("jobs", "history", result.json["job_id"], env=env)
    assert "ValueError: no good" in table.out


async def test_the_history_of_a_job_with_an_idempotency_key_is_found(
    env: dict[str, str], bench: Bench, work: Work
) -> None:
    await bench.declare("send-mail", MAIL)
    work(succeeded)
    result = await joblog(
        "submit", "send-mail", ADA, "--idempotency-key", "7", "--wait", "--json", env=env
    )
    assert result.json["job_id"] == "default/send-mail/7"
    history = await joblog("jobs", "history", "default/send-mail/7", "--json", env=env)
    assert [entry["event"] for entry in history.json_lines] == [
        "JobSubmitted",
        "JobDispatched",
        "AttemptSucceeded",
    ]


async def test_a_job_that_waits_is_cancelled(env: dict[str, str], bench: Bench) -> None:
    await bench.declare("send-mail", MAIL)
    job_id = (await joblog("submit", "send-mail", ADA, "--delay", "3600", env=env)).out.strip()
    cancelled = await joblog("jobs", "cancel", job_id, "--reason", "mistake", "--json", env=env)
    assert (cancelled.json["status"], cancelled.json["reason"]) == ("cancelled", "mistake")
    waited = await joblog("jobs", "wait", job_id, env=env)
    assert waited.code == 5


async def test_exit_codes_tell_what_is_missing(env: dict[str, str], bench: Bench) -> None:
    await bench.declare("send-mail", MAIL)
    waiting = (await joblog("submit", "send-mail", ADA, env=env)).out.strip()
    codes = {
        "get": (await joblog("jobs", "get", "nobody", env=env)).code,
        "history": (await joblog("jobs", "history", "nobody", env=env)).code,
        "wait": (await joblog("jobs", "wait", waiting, "--timeout", "0.1", env=env)).code,
        "usage": (await joblog("jobs", "get", env=env)).code,
        "type": (await joblog("submit", "send-male", ADA, env=env)).code,
    }
    assert codes == {"get": 3, "history": 3, "wait": 4, "usage": 2, "type": 3}


async def test_a_payload_that_does_not_fit_is_refused_before_it_is_sent(
    env: dict[str, str], bench: Bench
) -> None:
    await bench.declare("send-mail", MAIL)
    result = await joblog("submit", "send-mail", '{"to": 7}', env=env)
    assert (result.code, result.out) == (1, "")
    assert "to does not fit the schema Mail: Input should be a valid string" in result.err
    assert "Traceback" not in result.err


async def test_each_line_of_standard_input_is_a_job(env: dict[str, str], bench: Bench) -> None:
    await bench.declare("send-mail", MAIL)
    mails = [{"to": f"{n}@example.org"} for n in range(2_500)]
    result = await joblog("submit", "send-mail", "--json", env=env, stdin=lines(mails))
    assert (result.code, result.err) == (0, "2500 jobs submitted\n")
    assert len({job["job_id"] for job in result.json_lines}) == 2_500


async def test_a_line_that_does_not_fit_is_named_and_those_before_it_are_submitted(
    env: dict[str, str], bench: Bench
) -> None:
    await bench.declare("send-mail", MAIL)
    stdin = lines([{"to": "a"}, {"to": "b"}, {"to": 7}, {"to": "d"}])
    result = await joblog("submit", "send-mail", "-", "--json", env=env, stdin=stdin)
    assert (result.code, len(result.json_lines)) == (1, 2)
    assert "line 3: to does not fit the schema Mail" in result.err
    assert "the 2 jobs of the lines before it are submitted" in result.err


async def test_a_file_of_csv_is_submitted_and_once_more_repeats_nothing(
    env: dict[str, str], bench: Bench, tmp_path: Path
) -> None:
    await bench.declare("send-mail", MAIL)
    mails = tmp_path / "mails.csv"
    rows = [f"m-{n},{n}@example.org,{n % 3 or ''}\n" for n in range(1_200)]
    mails.write_text("id,to,copies\n" + "".join(rows))
    for _ in range(2):
        result = await joblog(
            *("submit", "send-mail", "--file", str(mails), "--key-column", "id"), env=env
        )
        assert (result.code, result.err) == (0, "1200 jobs submitted\n")
    listed = await until(
        lambda: joblog("jobs", "list", "--limit", "5000", "--json", env=env),
        lambda result: len(result.json_lines) >= 1_200,
    )
    assert len(listed.json_lines) == 1_200
    assert {job["job_id"] for job in listed.json_lines} == {
        f"default/send-mail/m-{n}" for n in range(1_200)
    }


async def test_columns_that_do_not_fit_are_refused_before_anything_is_submitted(
    env: dict[str, str], bench: Bench
) -> None:
    await bench.declare("send-mail", MAIL)
    result = await joblog(
        *("submit", "send-mail", "--format", "csv"), env=env, stdin=b"to,cc\na,b\n"
    )
    assert (result.code, "cc: no field of the payload" in result.err) == (2, True)
    after = (await joblog("submit", "send-mail", ADA, "--json", env=env)).json
    await joblog("jobs", "get", after["job_id"], env=env)
    listed = await joblog("jobs", "list", "--json", env=env)
    assert [job["job_id"] for job in listed.json_lines] == [after["job_id"]]


async def test_lines_that_do_not_fit_are_written_down_and_all_others_submitted(
    env: dict[str, str], bench: Bench, tmp_path: Path
) -> None:
    await bench.declare("send-mail", MAIL)
    stdin = lines([{"to": "a"}, {"to": 7}, {"to": "c"}])
    bad = tmp_path / "bad.jsonl"
    result = await joblog(
        *("submit", "send-mail", "--skip-bad", str(bad), "--json"), env=env, stdin=stdin
    )
    assert (result.code, len(result.json_lines)) == (1, 2)
    assert "2 jobs submitted, 1 lines refused" in result.err
    [refused] = map(json.loads, bad.read_text().splitlines())
    assert (refused["line"], refused["row"]) == (2, '{"to": 7}')
    assert "to does not fit" in refused["reason"]


async def test_refused_lines_never_go_into_the_file_that_is_read(
    env: dict[str, str], tmp_path: Path
) -> None:
    source = tmp_path / "mails.jsonl"
    source.write_text('{"to": "a"}\n')
    result = await joblog(
        *("submit", "send-mail", "--file", str(source), "--skip-bad", str(source)), env=env
    )
    assert (result.code, "--skip-bad names the file that is read" in result.err) == (2, True)
    assert source.read_text() == '{"to": "a"}\n'


async def test_a_file_says_what_it_is_or_has_to_be_told(
    env: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "mails.txt").touch()
    unknown = await joblog("submit", "send-mail", "--file", str(tmp_path / "mails.txt"), env=env)
    both = await joblog("submit", "send-mail", ADA, "--key-column", "to", env=env)
    assert [unknown.code, both.code] == [2, 2]
    assert "--format" in unknown.err


def all_have_owners(status: Result) -> bool:
    return all(partition["owner"] for partition in status.json["partitions"])


async def test_status_shows_what_waits_who_owns_and_how_far_behind(
    env: dict[str, str], bench: Bench
) -> None:
    await bench.declare("send-mail", MAIL)
    submitted = await joblog("submit", "send-mail", ADA, "--json", env=env)
    await joblog("jobs", "get", submitted.json["job_id"], env=env)

    found = await until(lambda: joblog("status", "--json", env=env), all_have_owners)
    status = found.json
    assert [partition["partition"] for partition in status["partitions"]] == [0, 1]
    assert all(partition["owner"].startswith("http://") for partition in status["partitions"])
    assert [partition["lag"] for partition in status["partitions"]] == [0, 0]
    assert status["in_flight"] == {"default": 1}
    groups = {group["name"]: group for group in status["groups"]}
    assert len(groups[f"{bench.settings.namespace}.scheduler"]["members"]) == 1

    table = await joblog("status", env=env)
    assert (table.code, "partitions" in table.out) == (0, True)


async def test_status_tells_when_a_scheduler_does_not_answer(
    env: dict[str, str], scheduler: Command, bench: Bench
) -> None:
    await bench.declare("send-mail", MAIL)
    submitted = await joblog("submit", "send-mail", ADA, "--json", env=env)
    await joblog("jobs", "get", submitted.json["job_id"], env=env)
    scheduler.process.kill()
    await scheduler.ends()

    status = (await joblog("status", "--json", env=env)).json
    assert [partition["depth"] for partition in status["partitions"]] == [None, None]
    assert "no answer" in (await joblog("status", env=env)).out
