"""Makes the tables of an empty SQLite database at once.

`migrate` walks through the history of every app, some sixty steps that change tables which are
empty: most of the time that a first start takes. All of them lead to the models as they are, whose
tables are made here in one transaction; what our own migrations write by themselves (triggers,
prices) runs after that, as it stands there. From then on `migrate` goes on as ever. That both ways
lead to the same database is for tests/operations/commands/test_tables.py to prove.
"""

from __future__ import annotations

from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, migrations, transaction
from django.db.migrations.executor import MigrationExecutor

OURS = "jobs"
"""Of others, what writes rows converts older ones, of which there are none."""


def make_all() -> bool:
    """True if there were none, and now there are all."""
    if connection.vendor != "sqlite" or connection.introspection.table_names():
        return False
    executor = MigrationExecutor(connection)
    ends = executor.loader.graph.leaf_nodes()
    plan = [migration for migration, _ in executor.migration_plan(ends, clean_start=True)]
    # A transaction cannot turn the checks off, which SQLite wants off to change a table.
    with connection.constraint_checks_disabled(), transaction.atomic():
        with connection.schema_editor() as editor:
            for model in connection.introspection.get_migratable_models():
                editor.create_model(model)
        with connection.schema_editor() as editor:
            for migration in plan:
                for operation in migration.operations if migration.app_label == OURS else ():
                    if isinstance(operation, migrations.RunPython):
                        operation.code(apps, editor)  # type: ignore[arg-type]
        executor.recorder.ensure_schema()
        rows = executor.recorder.migration_qs
        rows.bulk_create(rows.model(app=each.app_label, name=each.name) for each in plan)
    emit_post_migrate_signal(0, interactive=False, db=connection.alias)
    return True
