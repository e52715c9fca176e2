from django.urls import include, path

handler500 = "jobs.views.answers.broken.broken"
urlpatterns = [path("", include("jobs.urls"))]
