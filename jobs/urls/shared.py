"""Public links, as whoever opens them has them."""

from django.urls import path

from jobs.views.shared import compare as shared_compare
from jobs.views.shared import embed, files
from jobs.views.shared import page as shared

urlpatterns = [
    path("s/oembed", embed.oembed, name="oembed"),
    path("s/<str:token>/", shared.page, name="shared"),
    path("s/<str:token>/download.zip", files.download_all, name="shared-zip"),
    path("s/<str:token>/compare", shared_compare.compare, name="shared-compare"),
    path("s/<str:token>/embed", embed.embed, name="shared-embed"),
    path("s/<str:token>/<uuid:rendition_id>.mp4", files.video, name="shared-video"),
    path("s/<str:token>/<uuid:rendition_id>.webp", files.poster, name="shared-poster"),
    path("s/<str:token>/<uuid:rendition_id>.jpg", files.picture, name="shared-picture"),
    path("s/<str:token>/<uuid:rendition_id>/download", files.download, name="shared-download"),
    path("s/<str:token>/<uuid:rendition_id>/review", shared.review, name="shared-review"),
]
