"""What the provider's groups give is given and taken away at each login, and what people gave by hand stays."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from accounts.invitations.acceptance import accept
from accounts.models import Invitation, SignOn, SignOnGrant, SignOnRule
from accounts.oidc.identity import MOST_GROUPS
from accounts.oidc.rights import KEPT
from audit.models import Event
from stations.access import Role
from stations.models import Membership, StationGroup
from tests.accounts.oidc.conftest import oidc_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def helpers():
    return Group.objects.create(name="Helpers")


@pytest.fixture
def office(helpers):
    return SignOnRule.objects.create(provider_group="office", group=helpers, is_staff=True)


def anna_now():
    anna = User.objects.get(username="anna")
    roles = {member.group.name: member.role for member in anna.station_memberships.all()}
    return anna.is_staff, [group.name for group in anna.groups.all()], roles


@pytest.fixture
def come(provider, comer):
    """Let Anna log in, as a member of some groups there, and return what she has here then."""

    def come(*groups):
        provider.person("anna", groups)
        comer.come("anna")
        return anna_now()

    return come


def test_all_rules_for_ones_groups_count_together_and_a_group_that_has_gone_takes_its_rights_along(
    come, teachers, office, school
):
    SignOnRule.objects.create(provider_group="office", station_group=school, role=Role.VIEWER)
    assert come("teachers", "office") == (True, ["Helpers"], {"School on the hill": "keeper"})
    assert come("office") == (True, ["Helpers"], {"School on the hill": "viewer"})
    assert come("teachers") == (False, [], {"School on the hill": "keeper"})
    assert come() == (False, [], {})
    assert not SignOnGrant.objects.exists()
    deeds = Event.objects.filter(by="single sign-on").values_list("deed", flat=True)
    assert {"role given", "role changed", "role taken", "user: groups added", "user: groups taken away"} <= set(deeds)
    assert list(deeds).count("user changed") == 2, "with access to the admin, and without"


def test_whoever_came_by_a_group_does_not_come_in_without_one(come, provider, comer, teachers):
    come("teachers")
    provider.person("anna", ["choir"])
    answer = comer.come("anna")
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "None of your groups at Hill School has access to this server." in page
    assert "<samp>choir</samp>" in page
    assert anna_now() == (False, [], {})
    assert "_auth_user_id" not in comer.session


def test_a_rule_that_is_deleted_or_changed_counts_at_the_next_login(come, teachers, office, school):
    come("teachers", "office")
    office.delete()
    SignOnRule.objects.update(role=Role.VIEWER)
    assert come("teachers", "office") == (False, [], {"School on the hill": "viewer"})


def test_what_was_given_by_hand_stays_and_is_never_made_smaller(come, teachers, office, school, helpers):
    come("teachers")
    anna = User.objects.get()
    garden = StationGroup.objects.create(name="Garden")
    Membership.objects.create(user=anna, group=garden, role=Role.VIEWER)
    anna.groups.add(helpers)
    User.objects.update(is_staff=True)
    Membership.objects.filter(group=school).update(role=Role.ADMINISTRATOR)
    mine = (True, ["Helpers"], {"Garden": "viewer", "School on the hill": "administrator"})
    assert come("teachers", "office") == mine
    assert come() == mine


def test_a_role_that_a_rule_raised_is_the_one_by_hand_again(come, teachers, school):
    rule = SignOnRule.objects.create(provider_group="choir")
    come("choir")
    Membership.objects.create(user=User.objects.get(), group=school, role=Role.VIEWER)
    assert come("choir", "teachers") == (False, [], {"School on the hill": "keeper"})
    assert come("choir") == (False, [], {"School on the hill": "viewer"})
    assert rule.gives == "an account"


def test_a_role_that_somebody_took_away_by_hand_comes_back_as_the_rule_says(come, teachers):
    come("teachers")
    Membership.objects.all().delete()
    assert come("teachers") == (False, [], {"School on the hill": "keeper"})
    assert come() == (False, [], {})


@pytest.mark.parametrize("role", [Role.VIEWER, Role.KEEPER, Role.ADMINISTRATOR])
def test_a_role_of_an_invitation_stays_when_the_group_has_gone(come, teachers, school, administrator, role):
    come("teachers", "choir")
    SignOnRule.objects.create(provider_group="choir")
    invitation, _secret = Invitation.objects.make(school, role, timedelta(days=7), administrator)
    accept(invitation, User.objects.exclude(pk=administrator.pk).get, timezone.now())
    assert come("choir") == (False, [], {"School on the hill": role})


def test_a_login_that_changes_nothing_writes_nothing_down(come, teachers, office):
    come("teachers", "office")
    before = Event.objects.filter(by="single sign-on").count()
    come("teachers", "office")
    assert Event.objects.filter(by="single sign-on").count() == before


def test_a_superuser_stays_one_and_no_rule_makes_one(come, office):
    come("office")
    User.objects.update(is_superuser=True)
    come()
    assert User.objects.get().is_superuser
    assert "is_superuser" not in [each.name for each in SignOnRule._meta.get_fields()]


def test_rights_end_a_month_after_the_last_login_when_anybody_logs_in(come, provider, comer, teachers):
    come("teachers")
    SignOn.objects.update(seen_at=timezone.now() - KEPT - timedelta(hours=1))
    provider.person("berta", ["teachers"])
    comer.come("berta")
    assert anna_now() == (False, [], {})
    event = Event.objects.filter(deed="role taken").get()
    assert (event.person, event.by) == ("", "single sign-on")
    assert come("teachers") == (False, [], {"School on the hill": "keeper"})


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("teachers", 302),
        (["teachers", 7, None, "x" * 300, "a\0b", ["teachers"]], 302),
        (["x"] * MOST_GROUPS + ["teachers"], 403),
        ({"teachers": 1}, 403),
        (None, 403),
    ],
)
def test_groups_are_a_list_of_texts_or_one_text_and_whatever_else_is_none(provider, comer, teachers, sent, status):
    provider.person("anna", sent)
    assert comer.come("anna").status_code == status


def test_groups_are_found_by_a_path(provider, comer, teachers, settings):
    settings.OIDC = oidc_of(provider, groups_claim="realm_access.roles")
    provider.person("anna", realm_access={"roles": ["teachers"]})
    assert comer.come("anna").status_code == 302
    assert anna_now()[2] == {"School on the hill": "keeper"}
