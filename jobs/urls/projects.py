"""Projects: all, and each."""

from django.urls import path

from jobs.views.projects import page as projects
from jobs.views.projects import project

urlpatterns = [
    path("projects/", projects.page, name="projects"),
    path("projects/<int:project_id>/", project.page, name="project"),
    path("projects/<int:project_id>/change/", project.change, name="change-project"),
    path("projects/<int:project_id>/cover/", project.cover, name="project-cover"),
    path("projects/<int:project_id>/archive/", projects.archive, name="archive-project"),
    path("projects/<int:project_id>/bring-back/", projects.bring_back, name="bring-back-project"),
]
