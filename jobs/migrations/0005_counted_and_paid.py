"""Indexes by which a project's videos are counted, and what somebody spent in some days is found."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

PAYER = "jobs_job_payer_id_74345ba8"


class Migration(migrations.Migration):
    dependencies = [("jobs", "0004_words")]
    operations = [
        migrations.AddIndex(
            "job", models.Index(fields=["project", "kind", "trashed_at", "owner"], name="job_filed")
        ),
        migrations.AddIndex(
            "job",
            models.Index(fields=["payer", "booked_on", "charged", "quote"], name="job_payer_day"),
        ),
        # That of the payer alone finds no more than the one above. Not by AlterField: SQLite would
        # make the table anew, without its triggers.
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    f"DROP INDEX {PAYER}", f"CREATE INDEX {PAYER} ON jobs_job (payer_id)"
                )
            ],
            [
                migrations.AlterField(
                    "job",
                    "payer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                )
            ],
        ),
    ]
