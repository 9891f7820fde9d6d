"""The plain way: a Flask app that puts each value into SQLite and commits, as in tutorials.

Its table has only the row's own key and no index, its one API key is a constant, and SQLite has its defaults: a
rollback journal, synchronous=FULL.
"""

import os
import sqlite3

from flask import Flask, abort, g

APP = "benchmarks.peers.flask_app:app"
DATABASE = os.environ.get("FLASK_DATABASE", "")
API_KEY = "6f1e0d9c5b7a4832"
SCHEMA = """CREATE TABLE reading (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mac TEXT NOT NULL,
    field INTEGER NOT NULL,
    value REAL NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
)"""

app = Flask(__name__)


def create() -> None:
    with sqlite3.connect(DATABASE) as connection:
        connection.execute(SCHEMA)


def stored(_: object = None) -> int:
    with sqlite3.connect(DATABASE) as connection:
        count: int = connection.execute("SELECT count(*) FROM reading").fetchone()[0]
    return count


def get_db() -> sqlite3.Connection:
    if "db" not in g:
        g.db = sqlite3.connect(DATABASE)
    return g.db


@app.teardown_appcontext
def close_db(error: BaseException | None) -> None:
    db = g.pop("db", None)
    if db is not None:
        db.close()


@app.get("/update/API_key=<key>/mac=<mac>/field=<int:field>/data=<float(signed=True):data>")
def update(key: str, mac: str, field: int, data: float) -> str:
    if key != API_KEY:
        abort(403)
    db = get_db()
    db.execute("INSERT INTO reading (mac, field, value) VALUES (?, ?, ?)", (mac, field, data))
    db.commit()
    return "OK"
