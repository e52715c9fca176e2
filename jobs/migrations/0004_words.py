"""Words are found within texts by an index, where the database has one for that."""

from django.db import migrations

from jobs.models import search_index


class Migration(migrations.Migration):
    dependencies = [("jobs", "0003_prices")]
    operations = [
        migrations.RunPython(
            lambda apps, editor: search_index.build(editor.connection),
            lambda apps, editor: search_index.drop(editor.connection),
        )
    ]
