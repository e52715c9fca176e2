"""Videos as files: a ZIP, a contact sheet, their names."""

from django.urls import path

from jobs.views.files import names, sheet
from jobs.views.files import page as downloads

urlpatterns = [
    path("files/", downloads.page, name="files"),
    path("files/videos.zip", downloads.videos_zip, name="videos-zip"),
    path("files/contact-sheet.pdf", sheet.contact_sheet, name="contact-sheet"),
    path("files/names/", names.example, name="file-name-example"),
]
