"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeDecorator, TypeEngine

from dassie.domain.ids import from_ms, to_ms


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time, kept as Unix milliseconds: the same sort order and sums on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_ms(value)

    @property
    def reading(self) -> Callable[[Any], Any]:
        """What a value of the database is read with. Ours, since SQLAlchemy's way there takes three calls a value."""
        return from_ms


class Json(TypeDecorator[Any]):
    """JSON text, decoded into `shape` (any msgspec type)."""

    impl = Text
    cache_ok = True

    def __init__(self, shape: Any = Any) -> None:
        super().__init__()
        self.shape = shape
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(shape)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    @property
    def reading(self) -> Callable[[Any], Any]:
        """What a value of the database is read with."""
        return self._decoder.decode


class ArrayOf(TypeDecorator[Sequence[Any]]):
    """A list given as one parameter: a real array on PostgreSQL, a JSON array on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: type[TypeEngine[Any]]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(self.item()))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        items = list(value or ())
        return items if dialect.name == "postgresql" else msgspec.json.encode(items).decode()
