from importlib import import_module

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Dailies"

    def ready(self) -> None:
        import_module("jobs.checks")
        away = import_module("jobs.database").AWAY
        signals = import_module("django.db.backends.signals")
        signals.connection_created.connect(lambda **_: away.over(), weak=False)
