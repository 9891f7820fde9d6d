"""A program that fills a server with accounts, or tries what a restored one lets in. test_restored.py runs it."""

import json
import os
import sys
from datetime import timedelta

import django


def fill():
    """Make one of everything that accounts have, and return the secrets of it."""
    admin = User.objects.create_superuser("admin", password=PASSWORD)
    browser = Visitor()
    browser.log_in()
    codes = browser.add_app()
    station = Station.objects.get()
    Station.objects.update(public=False)
    group = StationGroup.objects.create(name="School")
    group.stations.add(station)
    keeper = User.objects.create_user("keeper")
    Membership.objects.create(group=group, user=keeper, role=Role.KEEPER)
    key = {"name": "Key ring", "credential": {"rawId": "AAAA"}}  # That of somebody else: nobody shows it.
    Authenticator.objects.create(user=keeper, type=Authenticator.Type.WEBAUTHN, data=key)
    return {
        "secret": browser.secret,
        "recovery": codes[0],
        "cookies": {name: each.value for name, each in browser.cookies.items()},
        "token": ApiToken.objects.make(admin, "Grafana")[1],
        "link": StationLink.objects.make(station, "Parents", timezone.now() + timedelta(days=9), admin)[1],
        "invitation": Invitation.objects.make(group, Role.VIEWER, timedelta(days=9), admin)[1],
    }


def attempt(held):
    """Try all of it, and return what came of it. Nothing may raise: the test's client passes every error on."""
    app, paper, old, program, parents, invited = (Visitor() for _ in range(6))
    app.log_in()
    told = app.show(code(held["secret"], 1)).content.decode()
    paper.log_in()
    paper.show(held["recovery"])
    for name, value in held["cookies"].items():
        old.cookies[name] = value
    authorization = {"HTTP_AUTHORIZATION": f"Bearer {held['token']}"}
    address = f"/account/invitation/{held['invitation']}/"
    newcomer = {"username": "ada", "password1": PASSWORD, "password2": PASSWORD}
    pages = ["", *(f"second-factor/{page}" for page in ("", "recovery-codes/", "app/add/", "app/remove/"))]
    return {
        "in by the app": is_in(app),
        "in by a recovery code": is_in(paper),
        "told": "lost the key of this second factor" in told,
        "pages": [old.get(f"/account/{page}").status_code for page in pages],
        "stations of the token": len(program.get("/api/v1/stations/", **authorization).json()),
        "page of the link": parents.get(f"/account/link/{held['link']}/", follow=True).status_code,
        "invitation": invited.post(address, newcomer).status_code,
        "roles": sorted(Membership.objects.values_list("user__username", "role")),
        "passkeys": Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).count(),
        "deeds": Event.objects.filter(deed__in=["app added", "token made", "link made", "role given"]).count(),
    }


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "freetemp.settings"
    from django.conf import settings

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    django.setup()
    from allauth.mfa.models import Authenticator
    from django.contrib.auth.models import User
    from django.test.utils import setup_test_environment
    from django.utils import timezone

    from accounts.models import ApiToken, Invitation, StationLink
    from audit.models import Event
    from stations.access import Role
    from stations.models import Membership, Station, StationGroup
    from tests.accounts.conftest import PASSWORD, Visitor, code, is_in

    setup_test_environment()
    print(json.dumps(attempt(json.loads(sys.argv[1])) if len(sys.argv) > 1 else fill()))  # noqa: T201
