"""A PostgreSQL of these tests' own, in which each gets a database."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest

from tests.migrated import migrated_file
from tests.place import Place
from tests.postgresql import cluster, programs

MakeTarget = Callable[..., str]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    if programs() is None:
        report = pytest.fail if "CI" in os.environ else pytest.skip
        report("there is no PostgreSQL server: sudo apt install postgresql")
    with cluster() as url:
        yield url.rpartition("/")[0]


@pytest.fixture(scope="session")
def make_target(server: str) -> MakeTarget:
    """Make an empty database, and return its address."""
    numbers = count()

    def make(options: str = "") -> str:
        name = f"target{next(numbers)}"
        with connected(f"{server}/postgres") as database:
            database.execute(f"CREATE DATABASE {name} {options}".encode())
        return f"{server}/{name}"

    return make


@pytest.fixture
def place(tmp_path, tmp_path_factory) -> Place:
    """A server that has its tables and nothing else."""
    place = Place(tmp_path / "var")
    place.folder.mkdir()
    place.database.write_bytes(migrated_file(tmp_path_factory).read_bytes())
    return place


def connected(url: str) -> psycopg.Connection:
    """Connect to an address of `make_target`: the folder of its socket is the host."""
    folder, _, name = url.partition("@/")[2].rpartition("/")
    return psycopg.connect(host=folder, user="freetemp", dbname=name, autocommit=True)
