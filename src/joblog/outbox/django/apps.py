"""The outbox as an app of Django."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """The app: its label is also the prefix of its migrations."""

    name = "joblog.outbox.django"
    label = "joblog_outbox"
    verbose_name = "joblog outbox"
