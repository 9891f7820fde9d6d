"""Every text of a page is translated into every language."""

import ast
import gettext
import os
import shutil
import subprocess
from io import BytesIO

import pytest
from django.conf import settings

from tests.imports import APPS
from tests.words import DOMAINS, ROOT, extract

pytestmark = pytest.mark.sqlite_only

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
FOLDERS = [*APPS, "templates", "static", "locale"]


@pytest.fixture(scope="module", autouse=True)
def _programs():
    if shutil.which("xgettext") is None:
        report = pytest.fail if "CI" in os.environ else pytest.skip
        report("there is no GNU gettext: install it")


@pytest.fixture(scope="module")
def extracted(tmp_path_factory):
    """A copy of the project with freshly updated .po files."""
    copy = tmp_path_factory.mktemp("words")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy / folder)
    shutil.copy(ROOT / "manage.py", copy)
    for language in LANGUAGES:
        extract(copy, language)
    return copy


def po(root, language, domain):
    return root / "locale" / language / "LC_MESSAGES" / f"{domain}.po"


def messages(file):
    """Return everything except the header, where gettext notes its run. The order is that of the files."""
    return sorted(file.read_text().strip().split("\n\n")[1:])


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_translators_files_have_what_the_code_says_and_no_more(extracted, language, domain):
    """If this fails, run `python -m tests.words`, and translate the new texts."""
    assert messages(po(ROOT, language, domain)) == messages(po(extracted, language, domain))


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["--untranslated", "--only-fuzzy"])
def test_nothing_is_left_to_translate(language, domain, kind):
    command = ["msgattrib", kind, "--no-wrap", po(ROOT, language, domain)]
    left = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert left == ""


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_served_is_what_was_translated(language, domain, tmp_path):
    file = po(ROOT, language, domain)
    subprocess.run(["msgfmt", "--check-format", "--output-file", tmp_path / "new.mo", file], check=True)
    served, translated = (
        gettext.GNUTranslations(BytesIO(path.read_bytes()))._catalog
        for path in (file.with_suffix(".mo"), tmp_path / "new.mo")
    )
    assert served == translated


def test_no_text_is_inside_an_f_string_where_gettext_does_not_find_it():
    names = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
    inside = [
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for folder in APPS
        for file in (ROOT / folder).rglob("*.py")
        for text in ast.walk(ast.parse(file.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in names
    ]
    assert inside == []
