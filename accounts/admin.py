"""Accounts in the admin."""

from django.contrib import admin

from accounts.factors import admin as factors_admin  # noqa: F401 - it has people's second factors
from accounts.links import admin as links_admin  # noqa: F401 - it extends the page of stations
from accounts.models import ApiToken, SignOnRule
from accounts.oidc.admin import SignOnRuleAdmin
from accounts.tokens.admin import ApiTokenAdmin

admin.site.register(ApiToken, ApiTokenAdmin)
admin.site.register(SignOnRule, SignOnRuleAdmin)
