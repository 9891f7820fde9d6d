"""The database's address: any character may be in a path, and no message has a part of a password."""

from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.exceptions import ImproperlyConfigured

from freetemp.conf.database_url import database

VAR, PROJECT = Path("/srv/var"), Path("/srv/project")
STRANGE = ["C# Projekte", "Wetter?", "x%41y", "C++", "Ähre & Co (neu)", "it's", "[a]", "-x", "a:b", "100 %"]


@pytest.mark.parametrize("name", STRANGE)
def test_the_file_in_var_dir_has_its_path_as_it_is(name):
    assert database("", Path("/srv", name), PROJECT)["NAME"] == f"/srv/{name}/freetemp.sqlite3"


@pytest.mark.parametrize("name", STRANGE)
def test_a_quoted_path_is_the_path(name):
    assert database(f"sqlite:////srv/{quote(name)}/x.sqlite3", VAR, PROJECT)["NAME"] == f"/srv/{name}/x.sqlite3"


def test_a_plus_is_a_plus_and_a_relative_path_begins_at_the_project():
    assert database("sqlite:////srv/C++/x.sqlite3", VAR, PROJECT)["NAME"] == "/srv/C++/x.sqlite3"
    assert database("sqlite:///data/x.sqlite3", VAR, PROJECT)["NAME"] == "/srv/project/data/x.sqlite3"


@pytest.mark.parametrize(
    "url",
    [
        *("sqlite:////srv/C# Projekte/x.sqlite3", "sqlite:////srv/Wetter?/x.sqlite3", "sqlite://srv/x.sqlite3"),
        *("sqlite://", "sqlite:///", "mysql://freetemp:hunter2@127.0.0.1/freetemp", "hunter2", "postgresql:hunter2"),
        *("postgresql://freetemp:hunter2#1@127.0.0.1/freetemp", "postgresql://freetemp:hunter2/1@127.0.0.1/freetemp"),
        *("postgresql://freetemp:hunter2@127.0.0.1:port/freetemp", "postgresql://freetemp:hunter2@127.0.0.1"),
        *("postgresql://freetemp:hunter2@[::1/freetemp", "postgresql://freetemp:hunter2@127.0.0.1:99999/freetemp"),
    ],
)
def test_an_address_that_would_be_read_otherwise_than_it_is_meant_is_refused(url, recwarn):
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL ") as refused:
        database(url, VAR, PROJECT)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    assert not recwarn.list


def test_postgresql_is_read_by_django_environ():
    config = database("postgresql://freetemp:p%40ss%23@127.0.0.1:5432/weather?sslmode=require", VAR, PROJECT)
    assert (config["ENGINE"], config["NAME"]) == ("django.db.backends.postgresql", "weather")
    assert (config["PASSWORD"], config["OPTIONS"]) == ("p@ss#", {"sslmode": "require"})
    socket = database("postgresql://freetemp@//run/postgresql/freetemp", VAR, PROJECT)
    assert (socket["HOST"], socket["NAME"]) == ("/run/postgresql", "freetemp")


def test_an_address_may_say_that_no_statements_are_prepared():
    options = database("postgresql://me@h/weather?prepare_threshold=None", VAR, PROJECT)["OPTIONS"]
    assert options == {"prepare_threshold": None}
