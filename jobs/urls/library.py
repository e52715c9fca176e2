"""The library and its saved views."""

from django.urls import path

from jobs.views.library import live as library_live
from jobs.views.library import page as library
from jobs.views.library import saved

urlpatterns = [
    path("library/", library.page, name="library"),
    path("library/live/", library_live.live, name="library-live"),
    path("library/views/", saved.page, name="saved-views"),
    path("library/views/<uuid:view_id>/", saved.change, name="change-view"),
    path("library/views/<uuid:view_id>/delete/", saved.delete, name="delete-view"),
]
