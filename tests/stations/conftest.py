"""Who looks at the admin."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def keeper(db):
    """A staff user who has the group “Station keepers” and nothing else."""
    user = User.objects.create_user("keeper", is_staff=True)
    user.groups.add(Group.objects.get(name="Station keepers"))
    return user


@pytest.fixture
def keeping(keeper):
    return client_of(keeper)


@pytest.fixture
def viewing(db):
    """The browser of a staff user who may see everything of the registry and change nothing."""
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_station", "view_field", "view_key"]))
    return client_of(user)
