"""Makes the outbox's table."""

from typing import ClassVar

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """The first."""

    initial = True
    dependencies: ClassVar[list[tuple[str, str]]] = []
    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        migrations.CreateModel(
            name="OutboxEntry",
            fields=[
                ("position", models.BigAutoField(primary_key=True, serialize=False)),
                ("job_id", models.TextField()),
                ("record", models.BinaryField()),
                ("payload_schema", models.TextField()),
                ("traceparent", models.TextField(null=True)),
                (
                    "submitted_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("refused", models.TextField(null=True)),
            ],
            options={"db_table": "joblog_outbox", "verbose_name_plural": "outbox entries"},
        ),
    ]
