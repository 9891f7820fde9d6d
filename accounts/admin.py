"""Accounts in the admin."""

from django.contrib import admin

from accounts.links import admin as links_admin  # noqa: F401 - it extends the page of stations
from accounts.models import ApiToken
from accounts.tokens.admin import ApiTokenAdmin

admin.site.register(ApiToken, ApiTokenAdmin)
