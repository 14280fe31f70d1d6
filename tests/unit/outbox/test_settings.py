"""Where the database is, without its password being told to anybody."""

import traceback

import pytest

from joblog.outbox.database import Database
from joblog.streams.errors import SettingsError
from joblog.streams.settings import Settings

SECRET = "correct-horse"  # noqa: S105 - nobody uses it


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (f"postgresql://me:{SECRET}@db.example.org:5433/shop", "db.example.org:5433/shop"),
        (f"postgres://me:{SECRET}@[::1]/shop?search_path=app", "[::1]/shop"),
        ("postgresql:///shop?host=/run/postgresql", "local socket/shop"),
    ],
)
def test_a_place_is_shown_without_user_and_password(url: str, place: str) -> None:
    settings = Settings(outbox={"database_url": url})
    assert settings.outbox.place == place
    assert SECRET not in f"{settings!r} {settings.model_dump()} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://me:{SECRET}@db/shop",
        f"postgresql+asyncpg://me:{SECRET}@db/shop",
        f"postgresql://me:{SECRET}/with/slashes@db/shop",
        f"postgresql://me:{SECRET}@[::1/shop",
        SECRET,
    ],
)
def test_what_is_no_url_of_postgresql_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(outbox={"database_url": url})
    [problem] = caught.value.problems
    assert problem.environment == "JOBLOG_OUTBOX__DATABASE_URL"
    assert problem.allowed.startswith("`postgresql://")
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in f"{shown} {caught.value!r}"


def test_without_a_url_nothing_is_started() -> None:
    with pytest.raises(SettingsError, match=r"outbox\.database_url=None is refused"):
        Database(Settings())


@pytest.mark.parametrize("query", ["sslmode=often", "sslnegotiation=never"])
async def test_a_url_that_asyncpg_refuses_is_not_shown(query: str) -> None:
    settings = Settings(outbox={"database_url": f"postgresql://me:{SECRET}@127.0.0.1/shop?{query}"})
    with pytest.raises(Exception, match="asyncpg cannot use the URL") as caught:
        async with Database(settings):
            pass
    assert SECRET not in "".join(traceback.format_exception(caught.value))
