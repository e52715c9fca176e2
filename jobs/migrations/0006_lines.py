"""The line for a key is read from its front; a file says until when it was put off."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0005_counted_and_paid")]
    operations = [
        migrations.AddField(
            model_name="rendition",
            name="not_before",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(status="queued"),
                fields=["credential", "created_at"],
                name="job_line",
            ),
        ),
    ]
