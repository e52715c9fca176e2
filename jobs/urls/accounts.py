"""One's own account: signing in, and what is one's own."""

from django.urls import path

from jobs.views.accounts import account, credits, join, joining, keys, profile, security
from jobs.views.accounts.signing_in import forgotten, signing, sso
from jobs.views.accounts.signing_in.second import factors
from jobs.views.accounts.signing_in.second import step as second_step

urlpatterns = [
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
urlpatterns += [
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
