"""Ledger and audit rows can be added, never changed or deleted."""

from django.db import migrations

from jobs.models import immutable


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]
    operations = [
        migrations.RunPython(
            lambda apps, editor: immutable.protect(editor.connection),
            lambda apps, editor: immutable.unprotect(editor.connection),
        )
    ]
