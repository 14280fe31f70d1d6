"""Reads the ACLs of principals, and gives them those that they lack (KIP-11, KIP-290)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import NoError, SecurityDisabled, for_code
from aiokafka.protocol.admin import CreateAclsRequest_v1, DescribeAclsRequest_v1
from aiokafka.protocol.api import Request

from joblog.streams.acls import Grant, Operation, Pattern, Resource, ResourceType
from joblog.streams.errors import NoAuthorizerError
from joblog.streams.kafka.refusals import GrantRefusedError, is_denial

ANY: Final = 1
ALLOW: Final = 3
EVERY_HOST: Final = "*"

_TYPES: Final[Mapping[ResourceType, int]] = {
    ResourceType.TOPIC: 2,
    ResourceType.GROUP: 3,
    ResourceType.TRANSACTIONAL_ID: 5,
}
_PATTERNS: Final[Mapping[Pattern, int]] = {Pattern.LITERAL: 3, Pattern.PREFIXED: 4}
OPERATIONS: Final[Mapping[Operation, int]] = {
    Operation.READ: 3,
    Operation.WRITE: 4,
    Operation.CREATE: 5,
    Operation.DELETE: 6,
    Operation.DESCRIBE: 8,
    Operation.DESCRIBE_CONFIGS: 10,
    Operation.ALTER_CONFIGS: 11,
}
"""Kafka's numbers of operations; also the bits of what a client may do."""

_TYPE_OF: Final = {code: type_ for type_, code in _TYPES.items()}
_PATTERN_OF: Final = {code: pattern for pattern, code in _PATTERNS.items()}
_OPERATION_OF: Final = {code: operation for operation, code in OPERATIONS.items()}


async def lacking(admin: AIOKafkaAdminClient, servers: str, wanted: Iterable[Grant]) -> list[Grant]:
    """Return the grants that Kafka does not have yet, in their order.

    Raises:
        NoAuthorizerError: the cluster keeps no ACLs.
        KafkaError: Kafka does not answer, or forbids to describe ACLs.
    """
    grants = list(wanted)
    known: set[Grant] = set()
    for principal in dict.fromkeys(grant.principal for grant in grants):
        known |= await _held(admin, servers, principal)
    return [grant for grant in grants if grant not in known]


async def give(admin: AIOKafkaAdminClient, grants: Iterable[Grant]) -> None:
    """Give rights; those that are there already stay.

    Raises:
        GrantRefusedError: Kafka refuses one; some may have been given.
        KafkaError: Kafka does not answer, or does not allow this client to give rights.
    """
    wanted = list(grants)
    response: Any = await admin._send_request(_Creation(wanted))  # noqa: SLF001 - no public way
    for grant, (code, reason) in zip(wanted, response.creation_responses, strict=True):
        if code == NoError.errno:
            continue
        if is_denial(code):
            raise for_code(code)(reason)
        raise GrantRefusedError(grant, code, reason)


async def _held(admin: AIOKafkaAdminClient, servers: str, principal: str) -> set[Grant]:
    response: Any = await admin._send_request(_Question(principal))  # noqa: SLF001 - as above
    if response.error_code == SecurityDisabled.errno:
        raise NoAuthorizerError(servers)
    if response.error_code != NoError.errno:
        raise for_code(response.error_code)(response.error_message)
    return {
        Grant(
            holder, Resource(_TYPE_OF[type_], _PATTERN_OF[pattern], name), _OPERATION_OF[operation]
        )
        for type_, name, pattern, acls in response.resources
        for holder, host, operation, permission in acls
        if type_ in _TYPE_OF
        and pattern in _PATTERN_OF
        and operation in _OPERATION_OF
        and (host, permission) == (EVERY_HOST, ALLOW)
    }


class _Question(Request[DescribeAclsRequest_v1]):
    API_KEY = 29

    def __init__(self, principal: str) -> None:
        self._principal = principal

    def build(self, request_struct_class: type[DescribeAclsRequest_v1]) -> DescribeAclsRequest_v1:
        return request_struct_class(ANY, None, ANY, self._principal, EVERY_HOST, ANY, ALLOW)


class _Creation(Request[CreateAclsRequest_v1]):
    API_KEY = 30

    def __init__(self, grants: list[Grant]) -> None:
        self._grants = grants

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        return request_struct_class([_creation(grant) for grant in self._grants])


def _creation(grant: Grant) -> tuple[int, str, int, str, str, int, int]:
    resource = grant.resource
    return (
        _TYPES[resource.type],
        resource.name,
        _PATTERNS[resource.pattern],
        grant.principal,
        EVERY_HOST,
        OPERATIONS[grant.operation],
        ALLOW,
    )
