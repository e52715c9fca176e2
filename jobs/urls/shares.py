"""Public links, as the team has them."""

from django.urls import path

from jobs.views.jobs.video import deciding
from jobs.views.shares import address as link_address
from jobs.views.shares import markers as link_markers
from jobs.views.shares import new as new_link
from jobs.views.shares import page as shares
from jobs.views.shares import reviews

urlpatterns = [
    path("jobs/<uuid:job_id>/links/<int:link_id>/end/", deciding.end_link, name="end-link"),
    path("shares/", shares.page, name="shares"),
    path("shares/new/", new_link.page, name="new-share"),
    path("shares/<int:link_id>/", shares.link, name="share"),
    path("shares/<int:link_id>/revoke/", shares.revoke, name="revoke-share"),
    path("shares/<int:link_id>/address/", link_address.show, name="share-address"),
    path("shares/<int:link_id>/regenerate/", link_address.regenerate, name="regenerate-share"),
    path("shares/<int:link_id>/review.csv", reviews.export, name="review-csv"),
    path("shares/<int:link_id>/markers.<str:kind>", link_markers.markers, name="link-markers"),
    path("reviews/<int:note_id>/answer/", reviews.answer, name="answer-note"),
    path("reviews/<int:note_id>/resolve/", reviews.resolve, name="resolve-note"),
    path("reviews/<int:note_id>/delete/", reviews.delete, name="delete-note"),
    path("reviews/<int:note_id>/block/", reviews.block, name="block-visitor"),
    path("reviews/blocked/<int:blocked_id>/unblock/", reviews.unblock, name="unblock-visitor"),
]
