"""Accounts come back from a backup with all that they have if ENCRYPTION_KEYS come along, or with a sentence."""

import json
import os

import pytest

from tests.freetemp.test_encryption import new_key
from tests.migrated import place_of_readings
from tests.place import Place

pytestmark = pytest.mark.sqlite_only

ALL = {
    "in by the app": True,
    "in by a recovery code": True,
    "told": False,
    "stations of the token": 1,
    "page of the link": 200,
    "invitation": 302,
    "roles": [["ada", "viewer"], ["keeper", "keeper"]],
    "passkeys": 1,
    "deeds": 5,  # Two roles.
}


def answer_of(done):
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    """A backup by the real command of a server with accounts, and the secrets of its people."""
    place = place_of_readings(tmp_path_factory).copy_to(tmp_path_factory.mktemp("school") / "var")
    held = answer_of(place.run("-m", "tests.accounts.restored"))
    return place.back_up(), held


@pytest.fixture
def elsewhere(school, tmp_path):
    """Return a server that was empty before the backup was restored, and whose keys are these."""

    def elsewhere(keys):
        place = Place(tmp_path / "var")
        place.environment["ENCRYPTION_KEYS"] = keys
        restored = place.manage("restore", "--yes", school[0])
        assert restored.returncode == 0, restored.stdout
        return place

    return elsewhere


def attempt(place, held):
    return answer_of(place.run("-m", "tests.accounts.restored", json.dumps(held)))


def test_with_the_same_keys_everything_lets_in_as_before(school, elsewhere):
    found = attempt(elsewhere(os.environ["ENCRYPTION_KEYS"]), school[1])
    assert set(found.pop("pages")) == {200, 302}
    assert found == ALL


def test_with_another_key_a_sentence_says_so_no_page_breaks_and_a_reset_lets_in(school, elsewhere):
    place = elsewhere(new_key())
    found = attempt(place, school[1])
    assert set(found.pop("pages")) <= {200, 302, 503}
    assert found == ALL | {"in by the app": False, "in by a recovery code": False, "told": True}
    reset = place.manage("reset_second_factor", "admin")
    assert "admin logs in with the password alone" in reset.stdout
    assert attempt(place, school[1])["in by the app"]


def test_a_new_key_takes_over_after_a_restore_and_the_old_one_may_go(school, elsewhere):
    new = new_key()
    place = elsewhere(f"{new},{os.environ['ENCRYPTION_KEYS']}")
    assert "2 of second factors" in place.manage("rotate_encryption_key").stdout
    place.environment["ENCRYPTION_KEYS"] = new
    found = attempt(place, school[1])
    assert found["in by the app"]
    assert found["in by a recovery code"]


def test_a_second_factor_that_no_key_decrypts_is_named_and_nothing_is_rotated(school, elsewhere):
    place = elsewhere(f"{new_key()},{new_key()}")
    done = place.manage("rotate_encryption_key")
    assert done.returncode == 1
    assert "the second factor of admin" in done.stdout
    assert "python manage.py reset_second_factor" in done.stdout
