"""The frame around every page, and the pages for errors."""

import pytest
from django.template.loader import render_to_string


def test_the_page_for_a_fault_needs_nothing_but_itself():
    page = render_to_string("500.html")
    assert "Something broke on the server" in page
    assert "<script" not in page


def test_the_page_for_what_is_refused_says_where_to_sign_in(rf):
    page = render_to_string("403.html", request=rf.get("/"))
    assert "/account/login/" in page


def test_a_page_that_is_not_there_leads_home(client, db):
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


@pytest.mark.parametrize("is_staff", [True, False])
def test_only_staff_see_the_way_into_the_admin(client, django_user_model, station, is_staff):
    client.force_login(django_user_model.objects.create_user("ann", is_staff=is_staff))
    for address in ("/", station.get_absolute_url()):
        assert (">Admin</a>" in client.get(address).content.decode()) is is_staff


@pytest.mark.django_db
@pytest.mark.parametrize(("is_staff", "words"), [(True, "Add a station"), (False, "Log in and add a station")])
def test_a_server_without_stations_says_what_to_do_next(client, django_user_model, is_staff, words):
    if is_staff:
        client.force_login(django_user_model.objects.create_superuser("ann"))
    page = client.get("/").content.decode()
    assert "No stations yet" in page
    assert f">{words}</a>" in page
