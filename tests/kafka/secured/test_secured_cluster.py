"""On three secured brokers: the planned ACLs are enough, with fewer nothing hangs, and one broker may end."""

import asyncio
import time

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclBindingFilter, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType

from joblog.schemas.payloads import payload_schema
from joblog.streams.acls import Grant, Operation, grants_of
from joblog.streams.kafka import KafkaPublisher, connected_admin, ensure_topics
from joblog.streams.kafka.acls import give
from joblog.streams.roles import Role
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.cli.running import Bench
from tests.kafka.secured.cluster import ADMIN, SecuredCluster, login_options, password_of
from tests.kafka.secured.handlers import Order
from tests.kafka.secured.log import LOGINS, SecuredLog
from tests.kafka.secured.submitting import Submitter

ONE_OF_THREE = 2


@pytest.fixture(scope="module")
def admin(brokers: SecuredCluster) -> AdminClient:
    """Another library's client of somebody who may do everything."""
    return AdminClient(login_options(brokers, ADMIN))


def test_a_job_runs_is_tried_again_and_is_asked_for(log: SecuredLog) -> None:
    ran = log.as_("shop", "submit", "ship", '{"number": 7}', "--wait", "--json")
    assert ran.code == 0, ran.err
    assert (ran.json["status"], ran.json["attempt"]) == ("succeeded", 2)
    assert ran.json["result"] == "shipped 7"
    history = log.as_("operator", "jobs", "history", ran.json["job_id"], "--json")
    events = [entry["event"] for entry in history.json_lines]
    assert "RetryScheduled" in events  # so the delay service had its part


def test_an_operator_asks_proves_and_redrives(log: SecuredLog) -> None:
    failed = log.as_("shop", "submit", "pack", '{"number": -1}', "--wait", "--json")
    assert (failed.code, failed.json["status"]) == (5, "dead_lettered")
    job_id = failed.json["job_id"]
    redriven = log.as_("operator", "dlq", "redrive", job_id, "--because", "look again", "--json")
    assert (redriven.code, redriven.json) == (0, {"redriven": 1}), redriven.err
    verified = log.as_("operator", "verify", "--json")
    assert [proof["holds"] for proof in verified.json_lines] == [True, True], verified.err


def test_a_bridge_passes_jobs_on_announces_their_schemas_and_dead_letters_the_rest(
    log: SecuredLog, brokers: SecuredCluster
) -> None:
    job_id = Submitter(brokers, "shop", "joblog").put_job_and_garbage()
    log.until(lambda: log.as_("shop", "jobs", "get", job_id).code == 0, "it is passed on")
    ran = log.as_("shop", "jobs", "wait", job_id, "--json")
    assert (ran.code, ran.json["status"], ran.json["result"]) == (0, "succeeded", 5), ran.err
    listed = log.as_("operator", "dlq", "list", "--json")
    assert "poison" in {letter["reason"] for letter in listed.json_lines}, listed.out


def test_a_doctor_finds_nothing_wrong(log: SecuredLog) -> None:
    examined = log.as_("operator", "doctor", "--role", "operator", "--json")
    found = {finding["check"]: finding for finding in examined.json_lines}
    assert examined.code == 0, examined.out
    assert {finding["verdict"] for finding in found.values()} == {"ok"}, examined.out
    assert "SASL_PASSWORD" in found["sasl_password"]["found"]
    assert password_of("operator") not in examined.out


def test_a_doctor_tells_which_rights_a_role_lacks(log: SecuredLog) -> None:
    examined = log.as_("shop", "doctor", "--role", "worker", "--json")
    found = {finding["check"]: finding for finding in examined.json_lines}
    assert examined.code == 1
    assert "all of: producer" in found["permissions"]["found"]
    assert "Read of joblog.work.default" in found["permissions"]["found"]


def test_kafka_has_the_planned_acls_and_no_others(log: SecuredLog, admin: AdminClient) -> None:
    found = {
        (
            acl.principal,
            acl.restype.name.lower().replace("_", "-"),
            acl.name,
            acl.resource_pattern_type.name.lower(),
            acl.operation.name,
            acl.permission_type.name,
            acl.host,
        )
        for acl in admin.describe_acls(_acls_of(None)).result(timeout=20)
        if acl.principal in {f"User:{login}" for login in LOGINS.values()}
    }
    principals = {role: [f"User:{login}"] for role, login in LOGINS.items()}
    assert found == {
        (
            grant.principal,
            grant.resource.type,
            grant.resource.name,
            grant.resource.pattern,
            _upper(grant.operation),
            "ALLOW",
            "*",
        )
        for grant in grants_of(principals, TopicMap.of(log.settings))
    }


def test_to_apply_again_changes_nothing(log: SecuredLog) -> None:
    principals = [word for role, login in LOGINS.items() for word in (f"--{role}", f"User:{login}")]
    again = log.as_(ADMIN, "topics", "apply", *principals)
    assert (again.code, "nothing is to be changed" in again.err) == (0, True), again.err


def test_who_may_not_give_rights_is_told_so(log: SecuredLog) -> None:
    refused = log.as_("deployer", "topics", "apply", "--yes", "--worker", "User:stranger")
    assert refused.code == 1
    assert "ClusterAuthorizationFailedError" in refused.err
    assert "joblog topics plan" in refused.err


@pytest.mark.parametrize("role", LOGINS)
def test_a_stranger_gets_a_clear_error(log: SecuredLog, role: Role) -> None:
    refused = log.try_as("stranger", role)
    assert refused.code == 1
    assert "Kafka at 127.0.0.1" in refused.err
    assert "does not allow it" in refused.err
    assert "joblog topics plan" in refused.err
    assert "Traceback" not in refused.err


def test_a_wrong_password_is_no_secret_in_the_error(log: SecuredLog) -> None:
    refused = log.as_("operator", "status", JOBLOG_SASL_PASSWORD="wr0ng")  # noqa: S106 - a wrong one
    assert refused.code == 1
    assert "SASL and TLS settings" in refused.err
    assert "wr0ng" not in refused.err


LACKING = [
    (Role.PRODUCER, ("topic", "Write", "events")),
    (Role.SCHEDULER, ("transactional-id", "Write", "-state-")),
    (Role.SCHEDULER, ("topic", "Read", "events")),
    (Role.DELAYS, ("group", "Read", "delays")),
    (Role.WORKER, ("topic", "Read", "work.")),
    (Role.BRIDGE, ("group", "Read", "bridge")),
    (Role.BRIDGE, ("topic", "Read", "submissions")),
    (Role.BRIDGE, ("topic", "Read", "schemas")),
    (Role.BRIDGE, ("topic", "Write", "schemas")),
    (Role.BRIDGE, ("topic", "Write", "events")),
    (Role.BRIDGE, ("topic", "Write", "dlq")),
]


@pytest.fixture(scope="module")
def incomplete(
    brokers: SecuredCluster, registry_url: str, tmp_path_factory: pytest.TempPathFactory
) -> SecuredLog:
    """A log with topics, and nobody who works on it."""
    log = SecuredLog(tmp_path_factory.mktemp("bare"), brokers, "bare", registry_url)
    asyncio.run(_prepare(log.settings))
    return log


@pytest.mark.parametrize(("role", "lacking"), LACKING)
def test_a_process_that_lacks_one_right_ends_and_says_so(
    incomplete: SecuredLog, admin: AdminClient, role: Role, lacking: tuple[str, str, str]
) -> None:
    type_, operation, end = lacking
    login = f"{role}-but"

    def is_lacking(grant: Grant) -> bool:
        resource = grant.resource
        return (resource.type, grant.operation) == (type_, operation) and resource.name.endswith(
            end
        )

    settings = incomplete.settings
    wanted = list(grants_of({role: [f"User:{login}"]}, TopicMap.of(settings)))
    assert any(map(is_lacking, wanted))
    for deleted in admin.delete_acls([_acls_of(f"User:{login}")]).values():
        deleted.result(timeout=20)
    asyncio.run(_have(settings, [grant for grant in wanted if not is_lacking(grant)]))
    if role is Role.BRIDGE:  # it needs some of its rights only once there is something to do
        Submitter(incomplete.brokers, ADMIN, settings.namespace).put_job_and_garbage()
    ended = incomplete.try_as(login, role)
    assert ended.code == 1, ended.err
    assert "AuthorizationFailed" in ended.err
    assert "joblog topics plan" in ended.err


async def _prepare(settings: Settings) -> None:
    """Create topics, and declare the type of job that a producer submits."""
    await ensure_topics(settings, time.time_ns() // 1_000_000)
    async with KafkaPublisher(settings) as publisher:
        await Bench(settings, publisher).declare("pack", payload_schema(Order))


async def _have(settings: Settings, grants: list[Grant]) -> None:
    async with connected_admin(settings) as admin:
        await give(admin, grants)


def test_work_goes_on_without_one_broker(log: SecuredLog, brokers: SecuredCluster) -> None:
    orders = "".join(f'{{"number": {number}}}\n' for number in range(50))
    before = log.as_("shop", "submit", "ship", "--json", stdin=orders)
    assert len(before.json_lines) == 50, before.err
    brokers.kill(ONE_OF_THREE)
    try:
        after = log.as_("shop", "submit", "ship", '{"number": 1000}', "--wait", "--json")
        assert after.code == 0, after.err
        assert after.json["status"] == "succeeded"
        for job in (before.json_lines[0], before.json_lines[-1]):
            waited = log.as_("shop", "jobs", "wait", job["job_id"], "--json")
            assert (waited.code, waited.json["status"]) == (0, "succeeded"), waited.err
        examined = log.as_("operator", "doctor", "--json")
        found = {finding["check"]: finding for finding in examined.json_lines}
        assert "topic joblog.events" in found, examined.out
        assert found["topic joblog.events"]["found"] == "2 of 3 copies are up to date"
        verdicts = {finding["verdict"] for finding in examined.json_lines}
        assert (examined.code, verdicts) == (0, {"ok", "warning"}), examined.out
    finally:
        brokers.start(ONE_OF_THREE)


def _acls_of(principal: str | None) -> AclBindingFilter:
    return AclBindingFilter(
        ResourceType.ANY,
        None,  # type: ignore[arg-type]  # stands for all, by its documentation
        ResourcePatternType.ANY,
        principal,  # type: ignore[arg-type]  # as above
        None,  # type: ignore[arg-type]  # as above
        AclOperation.ANY,
        AclPermissionType.ANY,
    )


def _upper(operation: Operation) -> str:
    return "".join(f"_{c}" if c.isupper() else c.upper() for c in operation).lstrip("_").upper()
