"""Every address: a module for each wing of `views`, in the order of its folders."""

from django.urls import path

from jobs.urls import (
    accounts,
    files,
    jobs,
    library,
    news,
    projects,
    shared,
    shares,
    studio,
    team,
    trash,
    usage,
)
from jobs.views import webhooks
from jobs.views.compare import page as compare
from jobs.views.monitors import health

CALLBACKS = [
    path("webhooks/test/<str:token>/", webhooks.echo, name="webhook-test"),
    path("webhooks/<slug:provider>/<str:token>/", webhooks.receive, name="webhook"),
]
COMPARE = [path("compare/", compare.page, name="compare")]
PROBES = [path(name, probe, name=name) for name, probe in health.BY_ANY_NAME.items()]

urlpatterns = [
    *CALLBACKS,  # of two hundred they are found at once, as is the studio
    *studio.urlpatterns,
    *jobs.urlpatterns,
    *files.urlpatterns,
    *library.urlpatterns,
    *COMPARE,
    *projects.urlpatterns,
    *trash.urlpatterns,
    *team.urlpatterns,
    *accounts.urlpatterns,
    *news.urlpatterns,
    *usage.urlpatterns,
    *shares.urlpatterns,
    *shared.urlpatterns,
    *PROBES,
]
