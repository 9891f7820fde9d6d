"""What the run on PostgreSQL leaves out, and what it does not."""

from textwrap import dedent

import pytest

from tests.other_database import ROOMS_OF_VALUES, ends_of_parameters, uses_a_database
from tests.server import ROOT

pytestmark = pytest.mark.sqlite_only
pytest_plugins = ["pytester"]


def test_a_test_without_a_database_is_left_out(request):
    assert not uses_a_database(request.node)


def test_a_fixture_s_own_fixture_counts(request, key):
    assert uses_a_database(request.node)


@pytest.mark.django_db
def test_a_mark_counts(request):
    assert uses_a_database(request.node)


@pytest.mark.every_database
def test_the_mark_of_programs_that_use_one_counts(request):
    assert uses_a_database(request.node)


def test_a_live_server_counts(request, live_server):
    assert uses_a_database(request.node)


@pytest.mark.parametrize("room", ROOMS_OF_VALUES)
def test_a_room_of_values_is_there(room):
    assert list((ROOT / room).glob("test_*.py"))


ENDS = """
    import pytest

    @pytest.mark.parametrize("number", range(4))
    def test_alike(number):
        pass

    @pytest.mark.all_parameters
    @pytest.mark.parametrize("number", range(3))
    def test_each(number):
        pass

    def test_alone():
        pass
"""
ALL_OF_EACH = ["test_each[0]", "test_each[1]", "test_each[2]", "test_alone"]


@pytest.mark.parametrize(
    ("room", "kept"),
    [
        ("tests/readings/history", ["test_alike[0]", "test_alike[3]", *ALL_OF_EACH]),
        ("tests/readings/ingest", ["test_alike[0]", "test_alike[1]", "test_alike[2]", "test_alike[3]", *ALL_OF_EACH]),
    ],
)
def test_of_parameters_that_are_values_the_first_and_the_last_set_are_kept(pytester, room, kept):
    pytester.makeini("[pytest]\nmarkers = all_parameters")
    folder = pytester.mkdir(room.split("/")[0])
    for name in room.split("/")[1:]:
        folder = folder / name
        folder.mkdir()
    (folder / "test_ends.py").write_text(dedent(ENDS))
    items, _ = pytester.inline_genitems(folder)
    assert [item.name for item in ends_of_parameters(items)] == kept
