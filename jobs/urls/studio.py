"""The studio: its composer, its grid, and tables of orders."""

from django.urls import path

from jobs.views.studio import first_steps
from jobs.views.studio import page as studio
from jobs.views.studio.batches import page as batch_pages
from jobs.views.studio.batches import progress as batch_rows
from jobs.views.studio.composer import duplicates, images, improving, presets, recent, templates
from jobs.views.studio.grid import density
from jobs.views.studio.grid import live as studio_live

urlpatterns = [
    path("", studio.page, name="studio"),
    path("live/", studio_live.live, name="live"),
    path("same/", duplicates.page, name="same"),
    path("density/", density.choose, name="density"),
    path("first-steps/dismiss/", first_steps.dismiss, name="dismiss-first-steps"),
    path("images/", images.add, name="images"),
    path("images/frames/", images.frames, name="frames"),
    path("images/public/<str:signed>.<str:suffix>", images.public, name="public-image"),
    path("images/<uuid:image_id>.<str:suffix>", images.picture, name="image"),
    path("batches/", batch_pages.page, name="batches"),
    path("batches/template.csv", batch_pages.template_file, name="batch-template"),
    path("batches/<uuid:batch_id>/", batch_pages.batch, name="batch"),
    path("batches/<uuid:batch_id>/delete/", batch_pages.delete, name="delete-batch"),
    path("batches/<uuid:batch_id>/live/", batch_rows.live, name="batch-live"),
    path("batches/<uuid:batch_id>/stop/", batch_rows.stop, name="stop-batch"),
    path("batches/<uuid:batch_id>/result.csv", batch_rows.result, name="batch-csv"),
    path("prompt-help/", improving.page, name="improve-prompt"),
    path("presets/", presets.page, name="presets"),
    path("presets/<uuid:preset_id>/rename/", presets.rename, name="rename-preset"),
    path("presets/<uuid:preset_id>/delete/", presets.delete, name="delete-preset"),
    path("recent/", recent.page, name="recent-prompts"),
    path("templates/", templates.page, name="templates"),
    path("templates/new/", templates.new, name="new-template"),
    path("templates/<int:template_id>/", templates.change, name="template"),
    path("templates/<int:template_id>/delete/", templates.delete, name="delete-template"),
    path("templates/<int:template_id>/use/", templates.use, name="use-template"),
]
