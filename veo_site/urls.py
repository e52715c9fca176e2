from django.urls import include, path

handler500 = "jobs.views.broken.broken"
urlpatterns = [path("", include("jobs.urls"))]
