"""The outbox's table as a model of Django."""

from django.db import models
from django.db.models.functions import Now

from joblog.outbox.table import NAME


class OutboxEntry(models.Model):
    """A submission that waits for the relay, or that the relay has refused."""

    position = models.BigAutoField(primary_key=True)
    job_id = models.TextField()
    record = models.BinaryField()
    payload_schema = models.TextField()
    traceparent = models.TextField(null=True)  # noqa: DJ001 - NULL says that there is none
    submitted_at = models.DateTimeField(db_default=Now())
    refused = models.TextField(null=True)  # noqa: DJ001 - as above

    class Meta:
        """Its table is the one that the relay reads."""

        db_table = NAME
        verbose_name_plural = "outbox entries"

    def __str__(self) -> str:
        return str(self.job_id)
