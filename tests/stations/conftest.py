"""Users of the admin."""

import pytest
from django.contrib.auth.models import Permission, User

from tests.conftest import client_of


@pytest.fixture
def viewing(db):
    """The browser of a staff user who may see everything in the registry and change nothing."""
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_station", "view_field", "view_key"]))
    return client_of(user)
