from django.urls import include, path

urlpatterns = [path("", include("jobs.urls"))]
handler500 = "jobs.views.request_ids.broken"
