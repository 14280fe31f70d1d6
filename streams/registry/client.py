"""Talks to a schema registry by the HTTP API of Confluent's, which others have too.

Source: Confluent documentation, "Schema Registry API Reference".
"""

import json
from enum import StrEnum
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout, encode_basic_auth

from joblog.schemas.avro_schema import AvroSchema
from joblog.streams.errors import SettingProblem, SettingsError
from joblog.streams.registry.errors import (
    IncompatibleSubjectError,
    RegistryRefusedError,
    RegistryUnavailableError,
    UnusableSchemaError,
)
from joblog.streams.settings import RegistrySettings
from joblog.streams.settings.fields import environment_name

MEDIA_TYPE: Final = "application/vnd.schemaregistry.v1+json"
AVRO: Final = "AVRO"
NO_REASON: Final = "it gives no reason"
MS: Final = 1_000
_FOR_NOW: Final = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
)
"""What concerns every request, and may be over later; so may what begins with 5."""


class Compatibility(StrEnum):
    """Which versions of a subject have to read which."""

    FULL_TRANSITIVE = "FULL_TRANSITIVE"
    """Each reads what any other has written."""
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    """Each reads what any before it has written."""


class SchemaRegistry:
    """A schema registry. Use it as an async context manager.

    Args:
        settings: where it is, and who asks.

    Attributes:
        url: base URL of its API.

    Raises:
        SettingsError: they do not say where.
    """

    def __init__(self, settings: RegistrySettings) -> None:
        if settings.url is None:
            path = ("registry", "url")
            words = "the URL of a schema registry: this needs one"
            problem = SettingProblem(".".join(path), environment_name(path), "None", words)
            raise SettingsError([problem])
        self.url = settings.url.rstrip("/")
        self._settings = settings
        self._schemas: dict[int, AvroSchema] = {}
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Make connections from now on; none is made yet."""
        self._session = ClientSession(
            headers={"Accept": MEDIA_TYPE, "Content-Type": MEDIA_TYPE, **self._login()},
            timeout=ClientTimeout(total=self._settings.request_timeout_ms / MS),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Disconnect."""
        if self._session is not None:
            await self._session.close()

    async def schema(self, schema_id: int) -> AvroSchema | None:
        """Return the schema of an id, None where the registry has none; what an id means never changes.

        Raises:
            UnusableSchemaError: it is no Avro schema, or refers to others.
            RegistryRefusedError: the registry refuses the id.
            RegistryUnavailableError: it does not answer, or cannot for now.
        """
        known = self._schemas.get(schema_id)
        if known is None:
            answer = await self._asked(
                "GET", f"/schemas/ids/{schema_id}", none_if=HTTPStatus.NOT_FOUND
            )
            if answer is None:
                return None
            known = self._schemas[schema_id] = _parsed(schema_id, answer)
        return known

    async def subjects(self) -> frozenset[str]:
        """Return the names of all subjects.

        Raises:
            RegistryRefusedError: it refuses the request.
            RegistryUnavailableError: it does not answer, or cannot for now.
        """
        return frozenset(await self._asked("GET", "/subjects"))

    async def id_in(self, subject: str, schema: AvroSchema) -> int | None:
        """Return the id of a schema that a subject has, None where it has it not.

        Raises:
            RegistryRefusedError: it refuses the request.
            RegistryUnavailableError: it does not answer, or cannot for now.
        """
        path = f"/subjects/{_quoted(subject)}"
        answer = await self._asked("POST", path, _body(schema), none_if=HTTPStatus.NOT_FOUND)
        return None if answer is None else int(answer["id"])

    async def conflict_in(self, subject: str, schema: AvroSchema) -> str | None:
        """Return why a schema may not become a version of a subject that exists, None where it may.

        Raises:
            RegistryRefusedError: it refuses the request.
            RegistryUnavailableError: it does not answer, or cannot for now.
        """
        path = f"/compatibility/subjects/{_quoted(subject)}/versions?verbose=true"
        answer = await self._asked("POST", path, _body(schema))
        if answer["is_compatible"]:
            return None
        return "; ".join(answer.get("messages") or ()) or NO_REASON

    async def register(self, subject: str, schema: AvroSchema) -> int:
        """Make a schema the next version of a subject, which it may be already, and return its id.

        Raises:
            IncompatibleSubjectError: it is not compatible with those before it.
            RegistryRefusedError: it refuses the request.
            RegistryUnavailableError: it does not answer, or cannot for now.
        """
        answer = await self._asked(
            "POST",
            f"/subjects/{_quoted(subject)}/versions",
            _body(schema),
            none_if=HTTPStatus.CONFLICT,
        )
        if answer is None:
            reason = await self.conflict_in(subject, schema)
            raise IncompatibleSubjectError(subject, reason or NO_REASON)
        return int(answer["id"])

    async def demand(self, subject: str, compatibility: Compatibility) -> None:
        """Have the registry hold a subject that exists to a compatibility.

        Raises:
            RegistryRefusedError: it refuses the request.
            RegistryUnavailableError: it does not answer, or cannot for now.
        """
        body = {"compatibility": compatibility}
        await self._asked("PUT", f"/config/{_quoted(subject)}", body)

    def _login(self) -> dict[str, str]:
        username, password = self._settings.username, self._settings.password
        if username is None or password is None:
            return {}
        return {"Authorization": encode_basic_auth(username, password.get_secret_value())}

    async def _asked(
        self, method: str, path: str, body: object = None, *, none_if: int | None = None
    ) -> Any:  # noqa: ANN401 - any JSON
        """Return an answer; None for a registry's own error of the status `none_if`."""
        if self._session is None:
            raise RuntimeError("the registry is not entered: use it as a context manager")
        data = None if body is None else json.dumps(body)
        try:
            async with self._session.request(method, self.url + path, data=data) as response:
                status, text = response.status, await response.text(errors="replace")
        except (ClientError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise RegistryUnavailableError(self.url, reason) from error
        if status == HTTPStatus.OK:
            return _document(text, method, path)
        code, message = _error_in(text)
        if status == none_if and code is not None:
            return None
        closed = status == HTTPStatus.FORBIDDEN and code is None
        if closed or status in _FOR_NOW or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise RegistryUnavailableError(self.url, f"HTTP status {status}")
        raise RegistryRefusedError(f"{method} {path}", status, message, code)


def _body(schema: AvroSchema) -> dict[str, str]:
    return {"schema": schema.to_json()}


def _quoted(subject: str) -> str:
    return quote(subject, safe="")


def _document(text: str, method: str, path: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text)
    except ValueError as error:
        raise RegistryRefusedError(f"{method} {path}", HTTPStatus.OK, "what is no JSON") from error


def _error_in(text: str) -> tuple[int | None, str]:
    """Return code and message of a registry's error; no code where this is none."""
    try:
        error = json.loads(text)
        return int(error["error_code"]), str(error.get("message") or NO_REASON)
    except (ValueError, LookupError, TypeError):
        return None, NO_REASON


def _parsed(schema_id: int, answer: Any) -> AvroSchema:  # noqa: ANN401 - any JSON
    if not isinstance(answer, dict):
        raise UnusableSchemaError(schema_id, "is no JSON object")
    kind = answer.get("schemaType") or AVRO
    if kind != AVRO:
        raise UnusableSchemaError(schema_id, f"is of type {kind}")
    if answer.get("references"):
        raise UnusableSchemaError(schema_id, "refers to other schemas")
    try:
        return AvroSchema.from_json(answer["schema"])
    except Exception as error:  # whatever the parser raises, it is no schema of a record
        raise UnusableSchemaError(schema_id, f"is no Avro record ({error})") from error
