"""What people are told of."""

from django.urls import path

from jobs.views.news import page as news_pages
from jobs.views.news import settings as news_settings

urlpatterns = [
    path("news/", news_pages.page, name="news"),
    path("news/bell/", news_pages.bell, name="bell"),
    path("news/live/", news_pages.live, name="news-live"),
    path("news/seen/", news_pages.seen, name="see-news"),
    path("news/settings/", news_settings.page, name="news-settings"),
    path("news/mail/<str:token>/", news_settings.stop, name="stop-mail"),
    path("news/<int:notice_id>/", news_pages.follow, name="notice"),
]
