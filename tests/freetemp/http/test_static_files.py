"""While nodes are upgraded one after the other, a page of one version finds its style and script at the other, too."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from freetemp.http.static_files import StaticFilesMiddleware
from freetemp.staticfiles import ModuleStorage

pytestmark = pytest.mark.sqlite_only


@pytest.fixture(params=["/static/", "/weather/static/"])
def ask(request, tmp_path, settings, monkeypatch):
    """Ask a node that has one style, and an earlier version's script."""
    settings.STATIC_ROOT, settings.STATIC_URL = tmp_path / "static", request.param
    settings.FORCE_SCRIPT_NAME = request.param.removesuffix("/static/") or None
    (tmp_path / "static" / "css").mkdir(parents=True)
    own = ModuleStorage(location=settings.STATIC_ROOT, base_url=request.param)
    (settings.STATIC_ROOT / "css" / "page.css").write_text("p { margin: 0 }")
    (settings.STATIC_ROOT / "css" / "old.0123456789ab.js").write_text("old()")
    list(own.post_process({"css/page.css": (own, "css/page.css")}))
    monkeypatch.setattr("whitenoise.middleware.staticfiles_storage", own)
    node = StaticFilesMiddleware(lambda request: HttpResponse("no such file", status=404))

    def ask(path, **headers):
        answer = node(RequestFactory().get(path, **headers))
        body = answer.getvalue()
        answer.close()
        return answer.status_code, body, answer.headers.get("Cache-Control")

    ask.url = "/" + own.url("css/page.css").removeprefix(settings.FORCE_SCRIPT_NAME or "").lstrip("/")
    return ask


def test_the_file_of_this_version_is_kept_for_ever(ask):
    status, body, cache = ask(ask.url)
    assert (status, body) == (200, b"p { margin: 0 }")
    assert "immutable" in cache


def test_for_a_file_of_a_later_version_its_own_is_given_which_nobody_keeps(ask):
    assert ask("/static/css/page.fedcba987654.css") == (200, b"p { margin: 0 }", "no-store")
    assert ask("/static/css/page.fedcba987654.css", HTTP_IF_NONE_MATCH='"x"')[0] == 200


def test_a_file_of_an_earlier_version_that_is_there_still_is_that_one(ask):
    assert ask("/static/css/old.0123456789ab.js")[:2] == (200, b"old()")


@pytest.mark.parametrize(
    "path",
    [
        "css/none.fedcba987654.css",
        "css/page.css.map",
        "css/page.12.css",
        "../css/page.fedcba987654.css",
        "page.fedcba987654",
    ],
)
def test_what_is_in_no_version_is_not_found(ask, path):
    assert ask(f"/static/{path}")[0] == 404


def test_the_settings_use_it(settings):
    assert "freetemp.http.static_files.StaticFilesMiddleware" in settings.MIDDLEWARE
