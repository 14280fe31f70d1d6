"""What a schema registry answers, and what it does not, becomes a result or an error without secrets."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import encode_basic_auth, web
from pydantic import SecretStr

from joblog.schemas.avro_schema import AvroSchema
from joblog.streams.errors import SettingsError
from joblog.streams.registry import SchemaRegistry
from joblog.streams.registry.errors import (
    NotConfluentFramedError,
    RegistryRefusedError,
    RegistryUnavailableError,
    UnusableSchemaError,
)
from joblog.streams.registry.registration import payload_schemas
from joblog.streams.registry.wire_format import confluent_frame
from joblog.streams.settings import RegistrySettings

PASSWORD = "correct horse"  # noqa: S105 - nobody uses it
MAIL = {"type": "record", "name": "Mail", "fields": [{"name": "to", "type": "string"}]}

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def registry(answer: Answer, timeout_ms: int = 5_000) -> AsyncIterator[SchemaRegistry]:
    """Give a registry whose every answer is made by a function."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        settings = RegistrySettings(
            url=url, username="me", password=SecretStr(PASSWORD), request_timeout_ms=timeout_ms
        )
        async with SchemaRegistry(settings) as client:
            yield client
    finally:
        await runner.cleanup()


def answering(status: int, text: str) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    return answer


async def test_a_schema_is_asked_for_once_by_who_the_settings_say() -> None:
    asked: list[tuple[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((request.path, request.headers["Authorization"]))
        return web.json_response({"schema": json.dumps(MAIL)})

    async with registry(answer) as client:
        first, second = await client.schema(7), await client.schema(7)
    assert first is second
    assert first is not None
    assert first.definition == MAIL
    assert asked == [("/api/schemas/ids/7", encode_basic_auth("me", PASSWORD))]


async def test_an_id_that_the_registry_does_not_have_may_come_later() -> None:
    answers = [
        web.json_response({"error_code": 40403, "message": "Schema not found"}, status=404),
        web.json_response({"schema": json.dumps(MAIL)}),
    ]

    async def answer(_: web.Request) -> web.Response:
        return answers.pop(0)

    async with registry(answer) as client:
        assert await client.schema(7) is None
        assert await client.schema(7) is not None


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"schema": "{}", "schemaType": "JSON"}, "is of type JSON"),
        ({"schema": json.dumps(MAIL), "references": [{"name": "a"}]}, "refers to other schemas"),
        ({"schema": '"string"'}, "is no Avro record"),
        ({"schema": "{"}, "is no Avro record"),
        ({}, "is no Avro record"),
        ([], "is no JSON object"),
    ],
)
async def test_a_schema_that_cannot_be_used(answer: object, words: str) -> None:
    async with registry(answering(200, json.dumps(answer))) as client:
        with pytest.raises(UnusableSchemaError, match=f"schema 7 of the registry {words}"):
            await client.schema(7)


@pytest.mark.parametrize("status", [401, 403, 408, 429, 500, 503])
async def test_a_registry_that_lets_nobody_in_or_is_overloaded_or_fails_is_unavailable(
    status: int,
) -> None:
    async with registry(answering(status, "no")) as client:
        with pytest.raises(RegistryUnavailableError, match=f"HTTP status {status}") as caught:
            await client.schema(7)
    assert caught.value.may_pass
    assert PASSWORD not in f"{caught.value} {caught.value.__cause__}"


async def test_a_registry_that_hangs_is_unavailable() -> None:
    ended = asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        await ended.wait()
        return web.Response()

    async with registry(answer, timeout_ms=50) as client:
        with pytest.raises(RegistryUnavailableError, match="TimeoutError"):
            await client.subjects()
        ended.set()


async def test_a_registry_that_is_not_there_is_unavailable() -> None:
    async with registry(answering(200, "[]")) as client:
        pass
    settings = RegistrySettings(url=client.url)
    async with SchemaRegistry(settings) as client:
        with pytest.raises(RegistryUnavailableError, match="no schema registry at http://127"):
            await client.subjects()


@pytest.mark.parametrize(
    ("status", "text", "words", "code"),
    [
        (400, '{"error_code": 400, "message": "Bad"}', "with 400 .Bad.", 400),
        (403, '{"error_code": 40301, "message": "Not yours"}', "with 403 .Not yours.", 40_301),
        (422, '{"error_code": 42201}', "with 422 .it gives no reason.", 42_201),
        (404, "<html>", "with 404 .it gives no reason.", None),
        (404, '{"detail": "no such resource"}', "with 404 .it gives no reason.", None),
        (404, "[]", "with 404 .it gives no reason.", None),
        (200, "<html>", "with 200 .what is no JSON.", None),
    ],
)
async def test_a_refusal_is_shown_and_so_is_what_is_no_registry(
    status: int, text: str, words: str, code: int | None
) -> None:
    async with registry(answering(status, text)) as client:
        with pytest.raises(RegistryRefusedError, match=f"GET /schemas/ids/7 {words}") as caught:
            await client.schema(7)
    assert (caught.value.status, caught.value.code) == (status, code)
    assert caught.value.may_pass == (code is None)


async def test_an_answer_that_is_no_text_is_shown() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=400, body=b"\xff\xfe", content_type="text/html", charset="utf-8")

    async with registry(answer) as client:
        with pytest.raises(RegistryRefusedError, match="with 400"):
            await client.subjects()


def test_without_a_url_there_is_none() -> None:
    with pytest.raises(SettingsError, match=r"^registry\.url=None is refused"):
        SchemaRegistry(RegistrySettings())


def test_a_framed_value_is_taken_apart() -> None:
    assert confluent_frame(b"\0\0\0\1\2body") == (258, b"body")
    assert confluent_frame(b"\0\x7f\xff\xff\xff") == (2_147_483_647, b"")
    for value in (b"", b"\0\0\0\1", b"\1\0\0\0\1", b"\0\x80\0\0\0", b"\0\xff\xff\xff\xff"):
        with pytest.raises(NotConfluentFramedError):
            confluent_frame(value)


def test_payloads_are_what_is_announced_but_for_events_and_bare_results() -> None:
    def named(name: str) -> AvroSchema:
        return AvroSchema.of(MAIL | {"name": name})

    mail, event, result = named("Mail"), named("joblog.Later"), named("joblog_result.ReturnValue")
    assert [one.subject for one in payload_schemas([mail, event, result])] == ["Mail"]
