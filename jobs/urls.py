"""Every address, one list per wing of `views`, in the order of its folders."""

from django.urls import path

from jobs.views import webhooks
from jobs.views.accounts import account, credits, join, joining, keys, profile, security
from jobs.views.accounts.signing_in import forgotten, signing, sso
from jobs.views.accounts.signing_in.second import factors
from jobs.views.accounts.signing_in.second import step as second_step
from jobs.views.compare import page as compare
from jobs.views.files import names, sheet
from jobs.views.files import page as downloads
from jobs.views.jobs import building_on, markers, media, promoting
from jobs.views.jobs.keeping import choosing, filing, undoing
from jobs.views.jobs.video import page as job
from jobs.views.library import live as library_live
from jobs.views.library import page as library
from jobs.views.library import saved
from jobs.views.monitors import health
from jobs.views.news import page as news_pages
from jobs.views.news import settings as news_settings
from jobs.views.projects import page as projects
from jobs.views.projects import project
from jobs.views.shared import compare as shared_compare
from jobs.views.shared import embed, files
from jobs.views.shared import page as shared
from jobs.views.shares import address as link_address
from jobs.views.shares import markers as link_markers
from jobs.views.shares import new as new_link
from jobs.views.shares import page as shares
from jobs.views.shares import reviews
from jobs.views.studio import first_steps
from jobs.views.studio import page as studio
from jobs.views.studio.batches import page as batch_pages
from jobs.views.studio.batches import progress as batch_rows
from jobs.views.studio.composer import duplicates, images, improving, presets, recent, templates
from jobs.views.studio.grid import density
from jobs.views.studio.grid import live as studio_live
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
from jobs.views.trash import page as trash
from jobs.views.usage import page as usage
from jobs.views.usage import reconciliation, statements

STUDIO = [
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
JOBS = [
    path("jobs/<uuid:job_id>/", job.page, name="job"),
    path("jobs/<uuid:job_id>/cancel/", job.cancel, name="cancel"),
    path("jobs/<uuid:job_id>/retry/", job.retry, name="retry"),
    path("jobs/<uuid:job_id>/resolve/", job.resolve, name="resolve"),
    path("jobs/<uuid:job_id>/resubmit/", job.resubmit, name="resubmit"),
    path("jobs/<uuid:job_id>/write-off/", job.write_off, name="write-off"),
    path("jobs/<uuid:job_id>/admit/", job.admit, name="admit"),
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
    path("renditions/<uuid:rendition_id>/store/", job.store_again, name="store-again"),
]
FILES = [
    path("files/", downloads.page, name="files"),
    path("files/videos.zip", downloads.videos_zip, name="videos-zip"),
    path("files/contact-sheet.pdf", sheet.contact_sheet, name="contact-sheet"),
    path("files/names/", names.example, name="file-name-example"),
]
LIBRARY = [
    path("library/", library.page, name="library"),
    path("library/live/", library_live.live, name="library-live"),
    path("library/views/", saved.page, name="saved-views"),
    path("library/views/<uuid:view_id>/", saved.change, name="change-view"),
    path("library/views/<uuid:view_id>/delete/", saved.delete, name="delete-view"),
]
COMPARE = [path("compare/", compare.page, name="compare")]
PROJECTS = [
    path("projects/", projects.page, name="projects"),
    path("projects/<int:project_id>/", project.page, name="project"),
    path("projects/<int:project_id>/change/", project.change, name="change-project"),
    path("projects/<int:project_id>/cover/", project.cover, name="project-cover"),
    path("projects/<int:project_id>/archive/", projects.archive, name="archive-project"),
    path("projects/<int:project_id>/bring-back/", projects.bring_back, name="bring-back-project"),
]
TRASH = [
    path("trash/", trash.page, name="trash"),
    path("trash/restore/", trash.restore, name="restore-videos"),
    path("trash/delete/", trash.purge, name="purge-videos"),
]
TEAM = [
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
ACCOUNTS = [
    path("setup/", account.setup, name="setup"),
    path("join/<str:token>/", join.page, name="join"),
    path("login/", signing.login, name="login"),
    path("logout/", signing.logout, name="logout"),
    path("password/", signing.password, name="password"),
    path("password/forgot/", forgotten.forgot, name="forgot-password"),
    path("password/new/<str:token>/", forgotten.new_password, name="new-password"),
    path("profile/", profile.page, name="profile"),
    path("profile/address/<str:token>/", profile.confirm, name="confirm-address"),
    path("security/", security.page, name="security"),
    path("security/sessions/end/", security.end_session, name="end-session"),
    path("sso/", sso.begin, name="sso"),
    path("sso/callback/", sso.callback, name="sso-callback"),
    path("security/sso/disconnect/", sso.disconnect, name="sso-disconnect"),
    path("theme/", account.theme, name="theme"),
    path("keys/", keys.page, name="keys"),
    path("keys/<slug:provider>/check/", keys.check, name="check-key"),
    path("keys/<slug:provider>/remove/", keys.remove, name="remove-key"),
    path("keys/<slug:provider>/signing/remove/", keys.remove_signing, name="remove-signing-key"),
    path("keys/<slug:provider>/join/", joining.join, name="join-keys"),
    path("keys/<int:credential_id>/separate/", joining.separate, name="separate-key"),
    path("credits/", credits.page, name="credits"),
]
# The names that allauth calls the same addresses by. What stands neither here nor above of its many
# views cannot be reached.
ALLAUTH = [
    path("login/code/", second_step.code, name="mfa_authenticate"),
    path("login/passkey/", second_step.passkey, name="mfa_login_webauthn"),
    path("confirm/code/", second_step.code_again, name="mfa_reauthenticate"),
    path("confirm/passkey/", second_step.code_again, name="mfa_reauthenticate_webauthn"),
    path("security/app/", factors.app, name="mfa_activate_totp"),
    path("security/app/remove/", factors.remove_app, name="mfa_deactivate_totp"),
    path("security/passkeys/add/", factors.add_passkey, name="mfa_add_webauthn"),
    path(
        "security/passkeys/<int:passkey_id>/remove/",
        factors.remove_passkey,
        name="mfa_remove_webauthn",
    ),
    path("security/codes/", factors.codes, name="mfa_view_recovery_codes"),
    path("security/codes/new/", factors.new_codes, name="mfa_generate_recovery_codes"),
    path("login/", signing.login, name="account_login"),
    path("confirm/", signing.proof, name="account_reauthenticate"),
]
NEWS = [
    path("news/", news_pages.page, name="news"),
    path("news/bell/", news_pages.bell, name="bell"),
    path("news/live/", news_pages.live, name="news-live"),
    path("news/seen/", news_pages.seen, name="see-news"),
    path("news/settings/", news_settings.page, name="news-settings"),
    path("news/mail/<str:token>/", news_settings.stop, name="stop-mail"),
    path("news/<int:notice_id>/", news_pages.follow, name="notice"),
]
USAGE = [
    path("usage/", usage.page, name="usage"),
    path("usage/export.csv", usage.export, name="usage-csv"),
    path("usage/statements/", statements.page, name="statements"),
    path("usage/statements/<str:month>.csv", statements.month_csv, name="statements-csv"),
    path(
        "usage/statements/<slug:scope>/<slug:whose>/<str:month>/",
        statements.statement,
        name="statement",
    ),
    path(
        "usage/statements/<slug:scope>/<slug:whose>/<str:month>.csv",
        statements.statement_csv,
        name="statement-csv",
    ),
    path("usage/reconciliation/", reconciliation.page, name="reconciliation"),
    path(
        "usage/reconciliation/<slug:provider>/<str:month>.txt",
        reconciliation.evidence,
        name="reconciliation-evidence",
    ),
]
SHARES = [
    path("jobs/<uuid:job_id>/links/<int:link_id>/end/", job.end_link, name="end-link"),
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
SHARED = [
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
CALLBACKS = [
    path("webhooks/test/<str:token>/", webhooks.echo, name="webhook-test"),
    path("webhooks/<slug:provider>/<str:token>/", webhooks.receive, name="webhook"),
]
PROBES = [path(name, probe, name=name) for name, probe in health.BY_ANY_NAME.items()]

urlpatterns = [
    *CALLBACKS,  # of two hundred they are found at once, as is the studio
    *STUDIO,
    *JOBS,
    *FILES,
    *LIBRARY,
    *COMPARE,
    *PROJECTS,
    *TRASH,
    *TEAM,
    *ACCOUNTS,
    *ALLAUTH,
    *NEWS,
    *USAGE,
    *SHARES,
    *SHARED,
    *PROBES,
]
