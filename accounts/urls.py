"""The addresses below /account/: how people come in, and what they do with their own account.

Only these of django-allauth are there. It knows them by their names: nobody can sign up, and no mail resets a password.
"""

from django.urls import URLPattern, URLResolver, include, path

from accounts.invitations.inviting import InvitationsView
from accounts.invitations.views import InvitationView
from accounts.lazy import lazily, of_sign_on
from accounts.links.views import LinkView
from accounts.login import views as login
from accounts.login.own import AccountView, PasswordView, SessionsView
from accounts.tokens import description as description  # The API's description, which the URLconf has, needs it.
from accounts.tokens.views import TokensView
from freetemp.logins.places import one_at_a_time

passkeys: list[URLPattern | URLResolver] = [
    path("", login.to_factors, name="mfa_list_webauthn"),
    path("login/", lazily("accounts.factors.passkey_views.login"), name="mfa_login_webauthn"),
    path("add/", lazily("accounts.factors.passkey_views.add"), name="mfa_add_webauthn"),
    path("confirm/", lazily("accounts.factors.passkey_views.confirm"), name="mfa_reauthenticate_webauthn"),
    path("<int:pk>/remove/", lazily("accounts.factors.passkey_views.remove"), name="mfa_remove_webauthn"),
    path("<int:pk>/rename/", lazily("accounts.factors.passkey_views.rename"), name="mfa_edit_webauthn"),
]

factors: list[URLPattern | URLResolver] = [
    path("", lazily("accounts.factors.views.index"), name="mfa_index"),
    path("code/", lazily("accounts.factors.views.second_step"), name="mfa_authenticate"),
    path("confirm/", lazily("accounts.factors.views.confirm"), name="mfa_reauthenticate"),
    path("app/add/", lazily("accounts.factors.views.add_app"), name="mfa_activate_totp"),
    path("app/remove/", lazily("accounts.factors.views.remove_app"), name="mfa_deactivate_totp"),
    path("recovery-codes/", lazily("accounts.factors.views.recovery_codes"), name="mfa_view_recovery_codes"),
    path("recovery-codes/new/", lazily("accounts.factors.views.new_codes"), name="mfa_generate_recovery_codes"),
    path("passkeys/", include(passkeys)),
]

sign_on: list[URLPattern | URLResolver] = [
    path("", of_sign_on("accounts.oidc.own.page"), name="sso"),
    path("login/", of_sign_on("accounts.oidc.views.login"), name="sso_login"),
    path("callback/", of_sign_on("accounts.oidc.views.callback"), name="sso_callback"),
    path("connect/", of_sign_on("accounts.oidc.own.connect"), name="sso_connect"),
    path("disconnect/", of_sign_on("accounts.oidc.own.disconnect"), name="sso_disconnect"),
    path("confirm/", of_sign_on("accounts.oidc.own.confirm"), name="sso_confirm"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", AccountView.as_view(), name="account"),
    path("login/", one_at_a_time(login.login), name="account_login"),
    path("logout/", login.logout, name="account_logout"),
    path("confirm/", one_at_a_time(login.confirm), name="account_reauthenticate"),
    path("password/", one_at_a_time(PasswordView.as_view()), name="account_change_password"),
    path("sessions/", SessionsView.as_view(), name="account_sessions"),
    path("second-factor/", include(factors)),
    path("sso/", include(sign_on)),
    path("tokens/", TokensView.as_view(), name="account-tokens"),
    path("link/<str:token>/", LinkView.as_view(), name="station-link"),
    path("invitations/<int:pk>/", InvitationsView.as_view(), name="invitations"),
    path("invitation/<str:token>/", InvitationView.as_view(), name="invitation"),
]
