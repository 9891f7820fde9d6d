"""The admin's first page says of each of its areas what it is for."""

import pytest

from freetemp.templatetags.admin_index import ABOUT, areas


@pytest.mark.django_db
def test_every_area_says_what_it_is_for_and_no_other_is_described(admin_client, settings):
    settings.OIDC = "a provider"  # Some areas are there only with one.
    shown = areas(admin_client.get("/admin/").context["app_list"])
    assert [model["object_name"] for model in shown if not model["about"]] == []
    assert {model["object_name"] for model in shown} == set(ABOUT)
