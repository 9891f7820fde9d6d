"""PostgreSQL's side: a database that belongs to this copy until it is whole, and that takes no report until then.

Foreign keys are taken away for so long, because parents and children come in transactions of their own while both
change. They are made again at the end, which looks at every row. What is done so far is in a table of the database
itself, in the same transactions as the rows: a copy that was killed goes on from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import psycopg
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal
from psycopg.types.json import Jsonb

from freetemp.copying.errors import CopyError
from freetemp.copying.source import Key, Row, Series
from freetemp.copying.tables import Column, Table
from freetemp.copying.values import from_postgresql

NOTES = "freetemp_copying"
SOURCE, CONSTRAINTS = "source", "constraints"
LOCK = int.from_bytes(b"freecopy")  # of PostgreSQL's advisory locks, beside that of `prepare`
OF_A_SERVER = ("stations_station", "readings_reading", "auth_user")  # They are empty in a database that is only made.
_OPTIONS_OF_DJANGO = ("pool", "isolation_level", "server_side_binding", "assume_role")
ANOTHER = "make another with createdb, or empty this one with dropdb and createdb"


def connect(config: Mapping[str, Any]) -> psycopg.Connection[Row]:
    """Return a connection for a database's settings. Raises CopyError, without the password."""
    options = {name: value for name, value in config.get("OPTIONS", {}).items() if name not in _OPTIONS_OF_DJANGO}
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    values = {name: config.get(setting) or None for name, setting in names.items()}
    try:
        connection = psycopg.connect(autocommit=True, **{"connect_timeout": 10, **options, **values})
        connection.execute("SELECT set_config('default_transaction_read_only', 'off', false)")
        connection.execute("SELECT set_config('TimeZone', 'UTC', false), set_config('statement_timeout', '0', false)")
    except psycopg.OperationalError as error:
        why = str(error).replace(str(values["password"]), "***") if values["password"] else str(error)
        raise CopyError(f"PostgreSQL cannot be reached: {' '.join(why.split())}. Nothing was copied.") from None
    return cast("psycopg.Connection[Row]", connection)


class Target:
    """The database that becomes the copy."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self.connection = connection
        self.notes: dict[str, Any] = {}

    def look(self, fingerprint: str, tables: list[Table]) -> bool:
        """Tell whether a copy of this server has begun here. Raise CopyError if the database is for something else."""
        if not self._one(SQL("SELECT pg_try_advisory_lock({})").format(LOCK)):
            raise CopyError("Another copy to this database is at work: wait until it has ended.")
        if (encoding := self._one(SQL("SHOW server_encoding"))) != "UTF8":
            raise CopyError(f"The target's encoding is {encoding}, and freetemp's is UTF8: {ANOTHER} --encoding UTF8.")
        ask = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        found = {name for (name,) in self.connection.execute(ask)}
        if NOTES in found:
            self._read_notes()
            if self.notes.get(SOURCE) != fingerprint:
                raise CopyError(f"The target has the unfinished copy of another server: {ANOTHER}.")
            return True
        if unknown := sorted(found - {each.name for each in tables} - {"django_migrations"}):
            raise CopyError(f"The target has tables of another program, such as {unknown[0]}: {ANOTHER}.")
        for name in found.intersection(OF_A_SERVER):
            if self._one(SQL("SELECT EXISTS (SELECT FROM {})").format(Identifier(name))):
                raise CopyError(
                    f"The target has rows of a freetemp already ({name}), and they are not of an unfinished copy: "
                    f"{ANOTHER}. If `copy_to_postgresql --finish` has just ended on it, it is whole, and the server "
                    "can start on it."
                )
        return False

    def begin(self, fingerprint: str) -> None:
        """Take foreign keys away, let nobody else write, and note of which server this is a copy. All or nothing."""
        with self.connection.transaction():
            self.connection.execute(
                SQL("CREATE TABLE {} (name text PRIMARY KEY, told jsonb)").format(Identifier(NOTES))
            )
            keys = self.connection.execute(
                "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY conname"
            ).fetchall()
            for table, name, _ in keys:
                self.connection.execute(
                    SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(_as_is(table), Identifier(name))
                )
            self.note(CONSTRAINTS, [list(each) for each in keys])
            self.note(SOURCE, fingerprint)
            self._let_others(SQL("SET default_transaction_read_only = on"))

    def end(self, last_numbers: Mapping[str, int], tables: list[Table]) -> None:
        """Make foreign keys again, count on where SQLite was, and let everybody write. All or nothing."""
        with self.connection.transaction():
            for table, name, definition in self.notes[CONSTRAINTS]:
                self.connection.execute(
                    SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
                        _as_is(table), Identifier(name), _as_is(definition)
                    )
                )
            for each in tables:
                if each.numbered_by:
                    self._count_on(each.name, each.numbered_by, last_numbers.get(each.name, 0))
            self.connection.execute(SQL("DROP TABLE {}").format(Identifier(NOTES)))
            self._let_others(SQL("RESET default_transaction_read_only"))

    def note(self, name: str, told: Any) -> None:
        """Note something in the present transaction."""
        self.connection.execute(
            SQL("INSERT INTO {} VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET told = EXCLUDED.told").format(
                Identifier(NOTES)
            ),
            [name, Jsonb(told)],
        )
        self.notes[name] = told

    def forget(self, name: str) -> None:
        self.connection.execute(SQL("DELETE FROM {} WHERE name = %s").format(Identifier(NOTES)), [name])
        self.notes.pop(name, None)

    def rows(self, table: Table, series: Series | None, after: Key | None, until: Key | None) -> list[Row]:
        """Return the rows after one key and up to another; None is an open end."""
        wanted: list[Composable] = []
        if series:
            wanted.append(SQL("station_id = {} AND field = {}").format(*map(Literal, series)))
        wanted += [
            SQL("({}) {} ({})").format(_key(table), SQL(sign), SQL(", ").join(map(Literal, key)))
            for sign, key in ((">", after), ("<=", until))
            if key is not None
        ]
        where = SQL(" WHERE {}").format(SQL(" AND ").join(wanted)) if wanted else SQL("")
        columns = SQL(", ").join(map(_selected, table.columns))
        found = self.connection.execute(SQL("SELECT {} FROM {}{}").format(columns, Identifier(table.name), where))
        if not any(each.kind == "json" for each in table.columns):
            return found.fetchall()
        return [tuple(map(from_postgresql, table.columns, row)) for row in found]

    def remove(self, table: Table, keys: Sequence[Key]) -> None:
        if keys:
            wanted = SQL(" AND ").join(SQL("{} = %s").format(Identifier(name)) for name in table.key)
            with self.connection.cursor() as cursor:
                cursor.executemany(SQL("DELETE FROM {} WHERE {}").format(Identifier(table.name), wanted), keys)

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            columns = SQL(", ").join(Identifier(each.name) for each in table.columns)
            ask = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table.name), columns)
            with self.connection.cursor() as cursor, cursor.copy(ask) as copy:
                for row in rows:
                    copy.write_row(row)

    def _read_notes(self) -> None:
        self.notes = dict(
            self.connection.execute(SQL("SELECT name, told FROM {}").format(Identifier(NOTES))).fetchall()
        )

    def _count_on(self, table: str, column: str, number: int) -> None:
        largest = SQL("SELECT COALESCE(max({}), 0) FROM {}").format(Identifier(column), Identifier(table))
        last = max(number, self._one(largest))
        if last:
            self.connection.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [table, column, last])

    def _let_others(self, what: Composable) -> None:
        """Change what every connection to this database begins with. The database's owner may."""
        name = Identifier(str(self._one(SQL("SELECT current_database()"))))
        self.connection.execute(SQL("ALTER DATABASE {} {}").format(name, what))

    def _one(self, statement: SQL | Composed) -> Any:
        row = self.connection.execute(statement).fetchone()
        return row[0] if row else None


def _as_is(text: str) -> Composable:
    """Return SQL that PostgreSQL itself has written."""
    return SQL(cast(Any, text))


def _key(table: Table) -> Composable:
    return SQL(", ").join(
        SQL('{} COLLATE "C"').format(Identifier(each.name)) if each.kind == "text" else Identifier(each.name)
        for each in table.key_columns
    )


def _selected(column: Column) -> Composable:
    """Return how a column is asked for. Texts of addresses and JSON are compared, not PostgreSQL's own kinds."""
    form = {"json": "{}::text", "address": "host({})"}.get(column.kind, "{}")
    return SQL(cast(Any, form)).format(Identifier(column.name))
