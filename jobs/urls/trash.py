"""What was deleted."""

from django.urls import path

from jobs.views.trash import page as trash

urlpatterns = [
    path("trash/", trash.page, name="trash"),
    path("trash/restore/", trash.restore, name="restore-videos"),
    path("trash/delete/", trash.purge, name="purge-videos"),
]
