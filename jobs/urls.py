from django.urls import path

from jobs.views import accounts, health, jobs, keys, media, projects, studio, team, webhooks

urlpatterns = [
    path("", studio.page, name="studio"),
    path("live/", studio.live, name="live"),
    path("setup/", accounts.setup, name="setup"),
    path("login/", accounts.LoginView.as_view(), name="login"),
    path("logout/", accounts.LogoutView.as_view(), name="logout"),
    path("password/", accounts.PasswordView.as_view(), name="password"),
    path("theme/", accounts.theme, name="theme"),
    path("jobs/<uuid:job_id>/", jobs.page, name="job"),
    path("jobs/<uuid:job_id>/cancel/", jobs.cancel, name="cancel"),
    path("jobs/<uuid:job_id>/retry/", jobs.retry, name="retry"),
    path("jobs/<uuid:job_id>/resolve/", jobs.resolve, name="resolve"),
    path("renditions/<uuid:rendition_id>.mp4", media.video, name="video"),
    path("renditions/<uuid:rendition_id>.webp", media.poster, name="poster"),
    path("renditions/<uuid:rendition_id>/store/", jobs.store_again, name="store-again"),
    path("projects/", projects.page, name="projects"),
    path("keys/", keys.page, name="keys"),
    path("keys/<slug:provider>/check/", keys.check, name="check-key"),
    path("keys/<slug:provider>/remove/", keys.remove, name="remove-key"),
    path("team/", team.page, name="team"),
    path("team/people/", team.add_person, name="add-person"),
    path("team/prices/", team.prices, name="prices"),
    path("webhooks/<slug:provider>/<str:token>/", webhooks.receive, name="webhook"),
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
