"""One video, and what is done with several at once."""

from django.urls import path

from jobs.views.jobs import building_on, markers, media, promoting
from jobs.views.jobs.keeping import choosing, filing, undoing
from jobs.views.jobs.video import deciding
from jobs.views.jobs.video import page as job

urlpatterns = [
    path("jobs/<uuid:job_id>/", job.page, name="job"),
    path("jobs/<uuid:job_id>/cancel/", deciding.cancel, name="cancel"),
    path("jobs/<uuid:job_id>/retry/", deciding.retry, name="retry"),
    path("jobs/<uuid:job_id>/resolve/", deciding.resolve, name="resolve"),
    path("jobs/<uuid:job_id>/resubmit/", deciding.resubmit, name="resubmit"),
    path("jobs/<uuid:job_id>/write-off/", deciding.write_off, name="write-off"),
    path("jobs/<uuid:job_id>/admit/", deciding.admit, name="admit"),
    path("jobs/<uuid:job_id>/upgrade/", building_on.upgrade, name="upgrade"),
    path("jobs/<uuid:job_id>/extend/", building_on.extend, name="extend"),
    path("jobs/<uuid:job_id>/promote/", promoting.page, name="promote"),
    path("jobs/<uuid:job_id>/markers.<str:kind>", markers.markers, name="markers"),
    path("jobs/choose/", choosing.choose, name="choose"),
    path("jobs/choose/undo/", undoing.undo, name="undo-choice"),
    path("jobs/move/", filing.move, name="move-videos"),
    path("jobs/trash/", filing.throw_away, name="trash-videos"),
    path("jobs/<uuid:job_id>/title/", filing.rename, name="rename"),
    path("jobs/tags/", choosing.tags, name="tags"),
    path("renditions/<uuid:rendition_id>.mp4", media.video, name="video"),
    path("renditions/<uuid:rendition_id>.webp", media.poster, name="poster"),
    path("renditions/<uuid:rendition_id>/store/", deciding.store_again, name="store-again"),
]
