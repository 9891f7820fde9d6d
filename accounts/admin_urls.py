"""Addresses of the admin that lead to the one login, the one way out and the one page for a password."""

from django.urls import path
from django.views.generic import RedirectView

from accounts.login.views import admin_login, logout

urlpatterns = [
    path("login/", admin_login),
    path("logout/", logout),
    path("password_change/", RedirectView.as_view(pattern_name="account_change_password")),
]
