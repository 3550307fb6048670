"""The one file that tells SQLite and PostgreSQL apart: compiling statements, lists, insert-once, text search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from sqlalchemy import BigInteger, Boolean, ClauseElement, Dialect, Table, Text, bindparam, func
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as _insert
from sqlalchemy.dialects.postgresql.asyncpg import dialect as PostgresDialect
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import Compiled as SqlCompiled
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableClause, TableValuedAlias
from sqlalchemy.types import TypeDecorator, TypeEngine

from dassie.store.types import ArrayOf, Json, UtcTime

Name = Literal["sqlite", "postgresql"]
Convert = Callable[[Any], Any]


class _Sqlite(SQLiteDialect_pysqlite):
    # Without this a boolean element of our own renders `( … ) = 1`, which hides it from the index.
    supports_native_boolean = True
    supports_statement_cache = True


DIALECTS: dict[str, Dialect] = {
    "sqlite": _Sqlite(paramstyle="qmark"),
    "postgresql": PostgresDialect(),  # type: ignore[no-untyped-call]
}


class Compiled:
    """A statement as text for one database, with what its parameters and columns need on the way."""

    __slots__ = ("_binds", "converters", "sql")

    def __init__(self, statement: ClauseElement, name: Name) -> None:
        dialect = DIALECTS[name]
        compiled: SqlCompiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        self.sql = str(compiled)
        order = compiled.positiontup or []
        self._binds: list[tuple[str, Convert | None, Any, bool]] = []
        for key in order:
            bind = compiled.binds[key]
            process = _bind_converter(bind.type, dialect)
            self._binds.append((bind.key, process, bind.effective_value, bind.required))
        self.converters = tuple(
            (i, convert) for i, convert in enumerate(_result_converters(compiled, dialect)) if convert is not None
        )

    def arguments(self, params: dict[str, Any]) -> list[Any]:
        """The parameters in the order of the text; a KeyError names one that is missing."""
        out = []
        for key, process, default, required in self._binds:
            value = params[key] if required else params.get(key, default)
            out.append(value if process is None or value is None else process(value))
        return out


def _bind_converter(type_: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    if dialect.name == "postgresql" and not hasattr(type_, "process_bind_param"):
        return None  # asyncpg takes Python's own values
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _result_converters(compiled: SQLCompiler, dialect: Dialect) -> list[Convert | None]:
    out: list[Convert | None] = []
    for entry in compiled._result_columns:
        type_ = entry.type
        if isinstance(type_, Boolean):
            out.append(bool if dialect.name == "sqlite" else None)
        elif isinstance(type_, UtcTime | Json):
            out.append(type_.reading)
        else:
            out.append(None)
    return out


# Lists as one parameter ----------------------------------------------------------------------------


class any_of(ColumnElement[bool]):
    """`column` is one of the list given as parameter `name`."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        item = Text if isinstance(column.type, Text) else BigInteger
        self.column = column
        self.values = bindparam(name, type_=ArrayOf(item))


@compiles(any_of, "sqlite")
def _any_of_sqlite(element: any_of, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    return f"{column} IN (SELECT value FROM json_each({values}))"


@compiles(any_of, "postgresql")
def _any_of_postgresql(element: any_of, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    return f"{column} = ANY ({values})"


class _each(FunctionElement[Any]):
    inherit_cache = False
    name = "each"


@compiles(_each, "sqlite")
def _each_sqlite(element: _each, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kw)})"


@compiles(_each, "postgresql")
def _each_postgresql(element: _each, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(SELECT unnest({compiler.process(element.clauses, **kw)}) AS value)"


def each(name: str, item: type[TypeEngine[Any]] = BigInteger, *, alias: str = "given") -> TableValuedAlias:
    """A table of one column, `value`, from the list given as parameter `name`; to join with."""
    from sqlalchemy import column

    return _each(bindparam(name, type_=ArrayOf(item))).table_valued(column("value", item()), name=alias)


# Inserting -----------------------------------------------------------------------------------------


def put(table: Table, *columns: str) -> Insert:
    """INSERT with one parameter per column, named as the column."""
    return _insert(table).values({name: bindparam(name) for name in columns})


def put_once(table: Table, *columns: str) -> Insert:
    """INSERT that does nothing where a unique row is there already."""
    return put(table, *columns).on_conflict_do_nothing()


def put_or_set(table: Table, columns: Sequence[str], *, key: Sequence[str]) -> Insert:
    """INSERT, or set the columns that are not part of `key` where the row is there already."""
    statement = put(table, *columns)
    return statement.on_conflict_do_update(
        index_elements=[table.c[name] for name in key],
        set_={name: statement.excluded[name] for name in columns if name not in key},
    )


def add_up(table: Table, *, key: Sequence[str], values: Sequence[str]) -> Insert:
    """INSERT, or add the `values` to those that are there."""
    statement = put(table, *key, *values)
    return statement.on_conflict_do_update(
        index_elements=[table.c[name] for name in key],
        set_={name: table.c[name] + statement.excluded[name] for name in values},
    )


# Functions that go by different names ----------------------------------------------------------------


class greatest(FunctionElement[Any]):
    """The larger of two values."""

    inherit_cache = True
    type = BigInteger()
    name = "greatest"


@compiles(greatest, "sqlite")
def _greatest_sqlite(element: greatest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"max({compiler.process(element.clauses, **kw)})"


@compiles(greatest, "postgresql")
def _greatest_postgresql(element: greatest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **kw)})"


class led_by(FunctionElement[int]):
    """The column (of ids) by which a join is led: SQLite enters the join from its table, never from the other.

    With statistics it would sometimes walk the other table within the bounds of a page, and sort (SQLite 3.54).
    """

    inherit_cache = True
    type = BigInteger()
    name = "led_by"


@compiles(led_by, "sqlite")
def _led_by_sqlite(element: led_by, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses, **kw)}"


@compiles(led_by, "postgresql")
def _led_by_postgresql(element: led_by, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


def lower(column: ColumnElement[str]) -> ColumnElement[str]:
    """Lower case by the database: ASCII only on SQLite, so only for what is ASCII."""
    return func.lower(column)


# Text search ---------------------------------------------------------------------------------------

# SQLite keeps FTS5 tables without their texts, PostgreSQL columns of type tsvector; both are made by hand in the
# migration, with columns `rowid` and `document`. Words come ready cut (domain/search_words.py).


class _DocumentWords(TypeDecorator[Sequence[str]]):
    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str:
        words = value or ()
        if dialect.name == "sqlite":
            return " ".join(words)
        # A word of PostgreSQL's own text form; positions end at 16383 there.
        return " ".join(f"'{word}':{place}" for place, word in enumerate(words, start=1))


class _SoughtPhrases(TypeDecorator[Sequence[Sequence[str]]]):
    impl = Text
    cache_ok = True

    def __init__(self, joint: Literal["all", "any"], prefix: bool) -> None:
        super().__init__()
        self.joint = joint
        self.prefix = prefix

    def process_bind_param(self, value: Sequence[Sequence[str]] | None, dialect: Dialect) -> str:
        phrases = value or ()
        if dialect.name == "sqlite":
            end = " *" if self.prefix else ""
            joint = " AND " if self.joint == "all" else " OR "
            return joint.join(f'"{" ".join(words)}"{end}' for words in phrases)
        end = ":*" if self.prefix else ""
        joint = " & " if self.joint == "all" else " | "
        return joint.join("(" + " <-> ".join(f"'{word}'" for word in words) + end + ")" for words in phrases)


class document(ColumnElement[Any]):
    """The words given as parameter `name`, as the index stores them."""

    inherit_cache = False
    type = Text()

    def __init__(self, name: str) -> None:
        self.words = bindparam(name, type_=_DocumentWords())


@compiles(document, "sqlite")
def _document_sqlite(element: document, compiler: SQLCompiler, **kw: Any) -> str:
    return str(compiler.process(element.words, **kw))


@compiles(document, "postgresql")
def _document_postgresql(element: document, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(CAST({compiler.process(element.words, **kw)} AS TEXT) AS TSVECTOR)"


class matches(ColumnElement[bool]):
    """A row of `table` has all (or any) of the phrases given as parameter `name`.

    A phrase is a list of words that stand together; with `prefix`, its last word may go on.
    """

    inherit_cache = False
    type = Boolean()

    def __init__(
        self, table: TableClause, name: str, *, joint: Literal["all", "any"] = "all", prefix: bool = False
    ) -> None:
        self.table_name = table.name
        self.phrases = bindparam(name, type_=_SoughtPhrases(joint, prefix))


@compiles(matches, "sqlite")
def _matches_sqlite(element: matches, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{element.table_name} MATCH {compiler.process(element.phrases, **kw)}"


@compiles(matches, "postgresql")
def _matches_postgresql(element: matches, compiler: SQLCompiler, **kw: Any) -> str:
    phrases = compiler.process(element.phrases, **kw)
    return f"{element.table_name}.document @@ CAST(CAST({phrases} AS TEXT) AS TSQUERY)"


class starts_with(ColumnElement[bool]):
    """`column` begins with the parameter `name`, letter by letter; an index of the column serves."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.prefix = bindparam(name, type_=Text)


@compiles(starts_with, "sqlite")
def _starts_with_sqlite(element: starts_with, compiler: SQLCompiler, **kw: Any) -> str:
    column, prefix = compiler.process(element.column, **kw), compiler.process(element.prefix, **kw)
    again = compiler.process(element.prefix, **kw)
    return f"({column} >= {prefix} AND {column} < {again} || char(1114111))"


@compiles(starts_with, "postgresql")
def _starts_with_postgresql(element: starts_with, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} ^@ {compiler.process(element.prefix, **kw)}"
