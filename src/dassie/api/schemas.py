"""JSON Schema of the types that handlers answer with. Each entity is written once, under its name."""

from __future__ import annotations

import inspect
from datetime import datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NewType, NotRequired, Required, Union, get_args, get_origin, get_type_hints
from typing import is_typeddict as is_entity

import msgspec

from dassie.api.entities.shapes import Shape, Words

Schema = dict[str, Any]
PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bytes: {"type": "string"},
    NoneType: {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    Any: {},
    object: {},
    msgspec.Raw: {},
}


class Schemas:
    """Collects the entities that are met."""

    def __init__(self) -> None:
        self.entities: dict[str, Schema] = {}
        self._types: dict[str, Any] = {}

    def of(self, kind: Any) -> Schema:
        """The schema of a type; raises `TypeError` for one that has none."""
        origin = get_origin(kind)
        if origin is Annotated:
            return self._annotated(*get_args(kind))
        if origin in (Union, UnionType):
            return self._one_of([self.of(one) for one in get_args(kind)])
        if origin is Literal:
            return {"type": "string", "enum": list(get_args(kind))}
        if origin is list:
            return {"type": "array", "items": self.of(get_args(kind)[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self.of(get_args(kind)[1])}
        if isinstance(kind, NewType):
            return self.of(kind.__supertype__)
        if is_entity(kind) or (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
            return self._entity(kind)
        if kind in PLAIN:
            return dict(PLAIN[kind])
        raise TypeError(f"no schema for {kind!r}")

    def _annotated(self, kind: Any, *marks: Any) -> Schema:
        entity = next((mark for mark in marks if is_entity(mark)), None)
        schema = self.of(entity or kind)
        for mark in marks:
            if isinstance(mark, Words):
                schema["enum"] = list(mark)
            elif isinstance(mark, Shape):
                said = {"format": mark.format, "pattern": mark.pattern, "description": mark.says}
                schema |= {name: value for name, value in said.items() if value}
        return schema

    def _one_of(self, variants: list[Schema]) -> Schema:
        """A variant or null is the variant with one more type, where it is a plain one."""
        others = [one for one in variants if one != {"type": "null"}]
        if len(others) < len(variants) and len(others) == 1 and "type" in others[0]:
            either = dict(others[0], type=[others[0]["type"], "null"])
            return either | {"enum": [*either["enum"], None]} if "enum" in either else either
        return {"anyOf": variants}

    def _entity(self, kind: Any) -> Schema:
        name = kind.__name__
        if self._types.setdefault(name, kind) is not kind:
            raise TypeError(f"two entities are called {name}")
        if name not in self.entities:
            self.entities[name] = {}  # entities hold each other
            self.entities[name] = self._described(kind)
        return {"$ref": f"#/components/schemas/{name}"}

    def _described(self, kind: Any) -> Schema:
        hints = get_type_hints(kind, include_extras=True)
        needed = [name for name, hint in hints.items() if _is_needed(kind, name, hint)]
        schema: Schema = {"type": "object", "properties": {name: self.of(_bare(hint)) for name, hint in hints.items()}}
        if text := _first_line(kind):
            schema["description"] = text
        return schema | {"required": needed} if needed else schema


def _is_needed(kind: Any, name: str, hint: Any) -> bool:
    if get_origin(hint) is NotRequired:
        return False
    return get_origin(hint) is Required or not is_entity(kind) or name in kind.__required_keys__


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) in (NotRequired, Required) else hint


def _first_line(kind: Any) -> str:
    return (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ") if kind.__doc__ != dict.__doc__ else ""
