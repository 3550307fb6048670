"""The columns that tables have in common, and the names of their indexes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, MetaData, Text, text

from dassie.store.types import UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


BIG_ID = BigInteger().with_variant(Integer(), "sqlite")
"""Only a key of type INTEGER is SQLite's own row id; BIGINT would cost an index and a second look-up."""


def row_id() -> Column[int]:
    return Column("id", BIG_ID, primary_key=True, autoincrement=False)


def ref(name: str, to: str, *, null: bool = False, cascade: bool = True) -> Column[int]:
    rule = "CASCADE" if cascade else "SET NULL"
    return Column(name, BigInteger, ForeignKey(f"{to}.id", ondelete=rule), nullable=null)


def string(name: str, *, default: str = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def flag(name: str, default: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("true" if default else "false"))


def count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def time(name: str, *, null: bool = True) -> Column[Any]:
    return Column(name, UtcTime, nullable=null)
