"""Accounts in the admin."""

from django.contrib import admin

from accounts.models import ApiToken
from accounts.tokens.admin import ApiTokenAdmin

admin.site.register(ApiToken, ApiTokenAdmin)
