"""Indexes by which a tag's spelling is found, and what one person threw away."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0006_lines")]
    operations = [
        migrations.AddIndex(
            "job",
            models.Index(
                condition=models.Q(("purged_at", None), ("trashed_at__isnull", False)),
                fields=["owner", "trashed_at"],
                name="job_trash_of",
            ),
        ),
        migrations.AddIndex("tag", models.Index(fields=["name_key", "id"], name="tag_oldest")),
    ]
