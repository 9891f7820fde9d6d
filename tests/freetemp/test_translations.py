"""The active language is told as Django tells it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.utils.translation import get_language, override

from freetemp.translations import active_language, gettext, in_language


def test_the_language_is_the_innermost_one_and_comes_back():
    outside = active_language()
    with in_language("de"):
        assert (active_language(), get_language(), gettext("Late")) == ("de", "de", "Verspätet")
        with in_language("en-gb"):
            assert (active_language(), get_language(), gettext("Late")) == ("en-gb", "en-gb", "Late")
        assert active_language() == "de"
    assert active_language() == outside


def test_a_language_is_of_its_thread_and_an_error_ends_it():
    with in_language("de"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(active_language).result() != "de"
    with pytest.raises(KeyError), in_language("de"):
        raise KeyError
    assert active_language() != "de"


def test_without_it_django_s_own_is_told():
    with override("de"):
        assert active_language() == "de"
