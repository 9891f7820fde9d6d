#!/usr/bin/env bash
# A connection that may only read an SQLite database keeps all other connections of its process from writing.
#
# One would guess: what a connection may do is its own affair, as it is with mode=ro, beside which others write.
# In fact: a process opens the -shm file of a database in WAL mode once, for all its connections, and as the first one may. If
#   that one may only read it, because the folder is read-only or because of readonly_shm=1, every other connection gets
#   SQLITE_READONLY until the first is closed, even if the folder can be written again. Other processes write meanwhile.
# Met by: a server that keeps its connections, on a disk that was read-only and is mounted for writing again; and a
#   program that reads its own database with readonly_shm=1 in order to be careful.
# Seen with: SQLite 3.54.1 in apsw 3.54.1.0.
source "$(dirname "$0")/common.sh"

from_pypi apsw==3.54.1.0

cat >store.py <<'PYTHON'
import shutil
import subprocess
import sys

import apsw


def copy():
    for suffix in ("", "-wal", "-shm"):  # As a power cut leaves it.
        shutil.copy(f"first.db{suffix}", f"readings.db{suffix}")


def reader(parameters):
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    connection = apsw.Connection(f"file:readings.db?{parameters}", flags=flags)
    connection.execute("SELECT count(*) FROM reading").fetchall()
    return connection


def stored():
    connection = apsw.Connection("readings.db")
    try:
        connection.execute("INSERT INTO reading VALUES (21.4)")
        return "stored"
    except apsw.Error as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()


if sys.argv[1:]:
    print("another process:", stored())
    sys.exit()
first = apsw.Connection("first.db")
first.execute("PRAGMA journal_mode=WAL; CREATE TABLE reading (value REAL)").fetchall()
for parameters in ("mode=ro", "mode=ro&readonly_shm=1"):
    copy()
    connection = reader(parameters)
    print(f"beside {parameters}:", stored())
    subprocess.run([sys.executable, __file__, "other"], check=True)
    print("here again:", stored())
    connection.close()
    print("after it was closed:", stored())
PYTHON

prints python -u store.py <<'SEEN'
beside mode=ro: stored
another process: stored
here again: stored
after it was closed: stored
beside mode=ro&readonly_shm=1: ReadOnlyError: attempt to write a readonly database
another process: stored
here again: ReadOnlyError: attempt to write a readonly database
after it was closed: stored
SEEN
