"""The pages of admins."""

from django.urls import path

from jobs.views.team import (
    audit,
    budgets,
    invitations,
    people,
    prices,
    requests,
    settings,
    strays,
    system,
)
from jobs.views.team import page as team
from jobs.views.team.unfinished import closing, outages, outstanding

urlpatterns = [
    path("team/", team.page, name="team"),
    path("team/people/<int:person_id>/", people.page, name="person"),
    path("team/people/<int:person_id>/credits/", team.grant, name="grant"),
    path("team/people/<int:person_id>/allowance/", budgets.allowance, name="allowance"),
    path("team/people/<int:person_id>/role/", people.change_role, name="change-role"),
    path("team/people/<int:person_id>/deactivate/", people.deactivate, name="deactivate"),
    path("team/people/<int:person_id>/reactivate/", people.reactivate, name="reactivate"),
    path("team/people/<int:person_id>/sign-out/", people.sign_out, name="sign-out-person"),
    path("team/people/<int:person_id>/password/", people.password_link, name="password-link"),
    path(
        "team/people/<int:person_id>/second-factor/remove/",
        people.remove_second_factor,
        name="remove-second-factor",
    ),
    path("team/people/<int:person_id>/leave/", people.leave, name="leave"),
    path("team/invitations/", invitations.page, name="invitations"),
    path(
        "team/invitations/<int:invitation_id>/revoke/",
        invitations.revoke,
        name="revoke-invitation",
    ),
    path("team/budgets/", budgets.page, name="budgets"),
    path("team/budgets/team/", budgets.team_cap, name="team-cap"),
    path("team/budgets/projects/<int:project_id>/", budgets.project_cap, name="project-cap"),
    path("team/requests/", requests.page, name="requests"),
    path("team/prices/", prices.page, name="prices"),
    path("team/outstanding/", outstanding.page, name="outstanding"),
    path("team/outstanding/<uuid:job_id>/done/", closing.close, name="close-job"),
    path("team/outstanding/<uuid:job_id>/put-back/", closing.reopen, name="reopen-job"),
    path("team/strays/", strays.page, name="strays"),
    path("team/strays/<uuid:stray_id>/adopt/", strays.adopt, name="adopt-stray"),
    path("team/strays/<uuid:stray_id>/discard/", strays.discard, name="discard-stray"),
    path("team/strays/<uuid:stray_id>.mp4", strays.video, name="stray-video"),
    path("team/strays/<uuid:stray_id>.webp", strays.poster, name="stray-poster"),
    path("team/providers/<slug:provider>/try/", outages.try_now, name="try-provider"),
    path("team/audit/", audit.page, name="audit"),
    path("team/audit/export.csv", audit.export, name="audit-csv"),
    path("team/settings/", settings.page, name="team-settings"),
    path("team/system/", system.page, name="system"),
    path("team/system/callbacks/", system.try_callbacks, name="try-callbacks"),
    path("team/system/mail/", system.try_mail, name="try-mail"),
]
