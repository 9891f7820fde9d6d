#!/usr/bin/env bash
# django-environ reads a + in a database's path as a space, and in its password as a +.
#
# One would guess: a database's address follows one rule. In addresses a + is a +, except in a form's query, so that
#   sqlite:////srv/c++/weather.sqlite3 is a file in /srv/c++.
# In fact: the path goes through unquote_plus(), user and password through unquote(). Only %2B is a + in both. SQLite cannot
#   open a file in a folder c++; if the + is in the file's own name, it makes an empty database beside the real one.
# Met by: a project in a folder such as c++, or PostgreSQL with a database that has a + in its name.
# Seen with: django-environ 0.14.0.
source "$(dirname "$0")/common.sh"

from_pypi django-environ==0.14.0

cat >addresses.py <<'PROGRAM'
from environ import Env

for address in (
    "sqlite:////srv/c++/weather.sqlite3",
    "sqlite:////srv/weather+attic.sqlite3",
    "sqlite:////srv/weather%2Battic.sqlite3",
    "postgresql://weather:two+two@127.0.0.1/school+attic",
    "postgresql://weather:two%2Btwo@127.0.0.1/school%2Battic",
):
    found = Env.db_url_config(address)
    print(address, "->", repr(found["NAME"]), repr(found["PASSWORD"]))
PROGRAM

prints python addresses.py <<'SEEN'
sqlite:////srv/c++/weather.sqlite3 -> '/srv/c  /weather.sqlite3' ''
sqlite:////srv/weather+attic.sqlite3 -> '/srv/weather attic.sqlite3' ''
sqlite:////srv/weather%2Battic.sqlite3 -> '/srv/weather+attic.sqlite3' ''
postgresql://weather:two+two@127.0.0.1/school+attic -> 'school attic' 'two+two'
postgresql://weather:two%2Btwo@127.0.0.1/school%2Battic -> 'school+attic' 'two+two'
SEEN
