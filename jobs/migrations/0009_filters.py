"""Indexes by which few are found: films so large or of another rate, and what was sent lately."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0008_finding")]
    operations = [
        migrations.AddIndex("rendition", models.Index(fields=["bytes"], name="rendition_bytes")),
        migrations.AddIndex(
            "rendition", models.Index(fields=["frame_rate"], name="rendition_frame_rate")
        ),
        migrations.AddIndex("job", models.Index(fields=["owner", "sent_at"], name="job_owner_sent")),
    ]
