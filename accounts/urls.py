"""The addresses below /account/: what people do with their own account."""

from django.urls import URLPattern, URLResolver, path

from accounts.invitations.inviting import InvitationsView
from accounts.invitations.views import InvitationView
from accounts.links.views import LinkView
from accounts.tokens import description as description  # The API's description, which the URLconf has, needs it.
from accounts.tokens.views import TokensView

urlpatterns: list[URLPattern | URLResolver] = [
    path("tokens/", TokensView.as_view(), name="account-tokens"),
    path("link/<str:token>/", LinkView.as_view(), name="station-link"),
    path("invitations/<int:pk>/", InvitationsView.as_view(), name="invitations"),
    path("invitation/<str:token>/", InvitationView.as_view(), name="invitation"),
]
