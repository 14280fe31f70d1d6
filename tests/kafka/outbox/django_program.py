"""A program of Django, on the database at DATABASE_URL: migrates, submits, and says which jobs are to be."""

import json
import os
import sys
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from pydantic import BaseModel

from joblog.outbox.django import submit


class Mail(BaseModel):
    to: str


class Refused(Exception):  # noqa: N818 - it ends a transaction, and is no error
    """Rolls a block back."""


def configure(url: str) -> None:
    parts = urlsplit(url)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path[1:],
        "USER": parts.username,
        "HOST": parts.hostname,
        "PORT": parts.port,
    }
    settings.configure(
        INSTALLED_APPS=["joblog.outbox.django"],
        DATABASES={"default": database, "same": database},
        USE_TZ=True,
    )
    django.setup()


def migrate() -> None:
    call_command(
        "makemigrations", "--check", "--dry-run", verbosity=0
    )  # exits where it finds a change
    call_command("migrate", verbosity=0)


def rolled_back(using: str = "default") -> None:
    try:
        with transaction.atomic(using=using):
            submit("send-mail", Mail(to="nobody"), using=using)
            raise Refused  # noqa: TRY301 - out of the block
    except Refused:
        pass


def submit_all() -> list[str]:
    """Return the ids of the jobs that are to be."""
    committed = []
    with transaction.atomic():
        committed.append(submit("send-mail", Mail(to="outer"), idempotency_key="order-17"))
        rolled_back()
        with transaction.atomic():
            committed.append(submit("send-mail", Mail(to="inner"), priority=9))
    rolled_back()
    with transaction.atomic(using="same"):
        rolled_back("same")
        committed.append(submit("send-mail", Mail(to="other alias"), using="same"))
    committed.append(submit("send-mail", Mail(to="autocommit")))
    return committed


if __name__ == "__main__":
    configure(os.environ["DATABASE_URL"])
    migrate()
    if "submit" in sys.argv:
        sys.stdout.write(json.dumps(submit_all()))
