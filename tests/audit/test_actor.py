"""Who acts is known: of a request, a command, or the server by itself."""

import getpass

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.management import call_command
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from audit import actor
from audit.actor import Actor, acting, asking, be
from audit.middleware import ActorMiddleware
from freetemp.command import BaseCommand


def ask(path="/admin/stations/station/", user=None, **meta):
    request = RequestFactory().post(path, **meta)
    request.user = user or User(username="anna")
    with asking(request):
        return actor.actor()


@pytest.mark.parametrize(
    ("path", "by"),
    [("/admin/stations/station/1/change/", "admin"), ("/api/v1/stations/", "API"), ("/compare/propose/", "page")],
)
def test_a_request_is_its_users(path, by):
    assert ask(path) == Actor("anna", by, "127.0.0.1")


def test_somebody_who_is_not_logged_in_has_no_name():
    assert ask("/alerts/x/", AnonymousUser()) == Actor("", "page", "127.0.0.1")


def test_the_address_is_the_one_that_a_trusted_proxy_names(settings):
    from freetemp.conf.environment import networks

    forwarded = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.1, 2001:db8::17"}
    assert ask(**forwarded).address == "10.0.0.1"
    settings.TRUSTED_PROXIES = networks(["10.0.0.1"])
    assert ask(**forwarded).address == "2001:db8::17"


def test_the_owner_of_a_token_can_be_named():
    with asking(RequestFactory().post("/api/v1/flash/1/")):
        be(person="anna", by="flash token")
        assert actor.actor() == Actor("anna", "flash token", "127.0.0.1")
    be(person="otto")  # Nothing to name within.
    assert actor.actor().person != "otto"


def test_a_process_can_work_for_somebody():
    with acting(person="anna", by="import"):
        assert actor.actor() == Actor("anna", "import", "")


def test_a_server_by_itself_is_nobody(monkeypatch):
    monkeypatch.setattr("sys.argv", ["gunicorn", "freetemp.wsgi"])
    assert actor.actor() == Actor("", "server", "")


def test_a_command_is_the_operating_systems_users(monkeypatch):
    monkeypatch.setenv("LOGNAME", "somebody-else")
    found = []

    class Command(BaseCommand):
        requires_system_checks = []

        def handle(self, **options):
            found.append(actor.actor())

    Command.__module__ = "stations.management.commands.add_station"
    call_command(Command())
    monkeypatch.undo()
    assert found == [Actor(getpass.getuser(), "command add_station", "")]


def test_a_command_of_django_is_known_by_what_manage_was_told(monkeypatch):
    monkeypatch.setattr("sys.argv", ["manage.py", "createsuperuser"])
    assert actor.actor().by == "command createsuperuser"


def test_the_user_is_looked_up_only_where_something_is_written_down():
    request = RequestFactory().get("/")
    request.user = SimpleLazyObject(lambda: pytest.fail("it was asked for"))
    assert ActorMiddleware(lambda request: HttpResponse("page"))(request).content == b"page"
