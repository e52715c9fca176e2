"""Where credits went, and the books."""

from django.urls import path

from jobs.views.usage import page as usage
from jobs.views.usage import reconciliation, statements

urlpatterns = [
    path("usage/", usage.page, name="usage"),
    path("usage/export.csv", usage.export, name="usage-csv"),
    path("usage/statements/", statements.page, name="statements"),
    path("usage/statements/<str:month>.csv", statements.month_csv, name="statements-csv"),
    path(
        "usage/statements/<slug:scope>/<slug:whose>/<str:month>/",
        statements.statement,
        name="statement",
    ),
    path(
        "usage/statements/<slug:scope>/<slug:whose>/<str:month>.csv",
        statements.statement_csv,
        name="statement-csv",
    ),
    path("usage/reconciliation/", reconciliation.page, name="reconciliation"),
    path(
        "usage/reconciliation/<slug:provider>/<str:month>.txt",
        reconciliation.evidence,
        name="reconciliation-evidence",
    ),
]
